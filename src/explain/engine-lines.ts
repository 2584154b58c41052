/** What inference engines log of their memory while they start: figures that their errors do not have. */
import { asEvidence, finished, noRoomForCache, type TextFinding } from '../analysis/index.ts';
import { cacheRoomIn, settingsIn } from '../texts/index.ts';
import { type Answer, answerOf } from './answer.ts';

/** `Model loading took 15.32 GiB`, `GB` before 0.10 */
const VLLM_MODEL =
  /(?:Model loading took |[Ll]oading model weights took |model weights take )([\d.]{1,10}) ?Gi?B/;
const VLLM_BLOCKS = /# (?:GPU|cuda) blocks: (\d{1,9})/;
const VLLM_TOTAL =
  /total_gpu_memory[ =]\(?([\d.]{1,10}) ?Gi?B\)?.{1,300}gpu_memory_utilization[ =]\(?([\d.]{1,6})/;
/** `Initial free memory: 77.20 GiB; Requested memory: 0.80 (util), 63.28 GiB` */
const VLLM_ASKED =
  /Initial free memory: ([\d.]{1,10}) ?GiB; Requested memory: ([\d.]{1,10}) \(util\), ([\d.]{1,10}) ?GiB/;
const VLLM_USED = /Total non KV cache memory: ([\d.]{1,10}) ?GiB/;
/** `avail mem=21.73 GB, mem usage=166.59 GB` */
const SGLANG = /Load weight end\..{0,200}\bavail mem=([\d.]{1,10}) GB(?:, mem usage=([\d.]{1,10}) GB)?/;

/** An engine’s room, with what it logged before. */
export function withEngineLines(finding: TextFinding, text: string): TextFinding {
  const lines = finding.mark === 'engine' ? linesOf(text) : [];
  return lines.length === 0
    ? finding
    : { ...finding, isWithoutFigures: false, evidence: [...finding.evidence, ...lines.map(asEvidence)] };
}

/** An engine's line that there is less than nothing left for its cache, without the error that follows. */
export function readEngineLines(text: string): Answer | null {
  const left = lastLeft(text);
  if (left === null || left > 0) return null;
  const finding = withEngineLines(noRoomForCache(settingsIn(text).engineShare), text);
  return answerOf(finished({ ...finding, confidence: 'likely' }), {
    what: 'lines of vLLM as it starts',
    whose: 'GPU',
  });
}

/** The lines of an engine that started: what its share was made of, and no shortage. */
export function readEngineStart(text: string): Answer | null {
  const left = lastLeft(text);
  return left === null || left <= 0
    ? null
    : {
        what: 'lines of vLLM as it starts',
        whose: 'GPU',
        state: null,
        says: `vLLM had ${left} GiB left for its KV cache once the model was loaded: no shortage is in the text.`,
        confidence: 'certain',
        evidence: linesOf(text),
        next: [],
      };
}

/** What an engine’s share of the device was made of, a sentence a line of its own. */
export function linesOf(text: string): string[] {
  const left = lastLeft(text);
  const model = VLLM_MODEL.exec(text)?.[1];
  const blocks = VLLM_BLOCKS.exec(text)?.[1];
  const total = VLLM_TOTAL.exec(text);
  const asked = VLLM_ASKED.exec(text);
  const used = VLLM_USED.exec(text)?.[1];
  const sglang = SGLANG.exec(text);
  return [
    total === null ? null : `Its share: ${total[2]} of ${total[1]} GiB.`,
    asked === null
      ? null
      : `It was to take ${asked[3]} GiB (${asked[2]} of the device), and ${asked[1]} GiB was free before.`,
    used === undefined ? null : `Without the KV cache it needs ${used} GiB.`,
    model === undefined ? null : `Loading the model took ${model} GiB.`,
    left === null
      ? null
      : left < 0
        ? `Left for the KV cache: ${left} GiB: ${-left} GiB more is needed before there is any.`
        : `Left for the KV cache: ${left} GiB.`,
    blocks === undefined ? null : `Blocks of the cache that fit: ${blocks}.`,
    sglang === null
      ? null
      : `After the weights were loaded${sglang[2] === undefined ? '' : ` (${sglang[2]} GiB)`} ${sglang[1]} GiB of the device was free.`,
  ].filter(line => line !== null);
}

const lastLeft = (text: string): number | null => cacheRoomIn(text)?.gib ?? null;
