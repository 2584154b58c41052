/** `ollama ps`: the models that Ollama holds, and how much of each lies on the GPU. */
import type { Answer } from './answer.ts';

const HEAD = /^NAME\s{1,80}ID\s{1,30}SIZE\s{1,20}PROCESSOR\b/m;
const ROW =
  /^(\S{1,120})\s{1,80}[\da-f]{8,16}\s{1,20}([\d.]{1,8} [KMGT]i?B)\s{1,20}(?:(\d{1,3})%\/(\d{1,3})% CPU\/GPU|100% (GPU|CPU))/;

/** null where the text has no such table. */
export function readOllamaPs(text: string): Answer | null {
  if (!HEAD.test(text)) return null;
  const rows = text.split('\n').flatMap(line => {
    const [, name, size, onHost, , whole] = ROW.exec(line.trim()) ?? [];
    if (name === undefined) return [];
    return [{ name, size: size!, host: whole === undefined ? Number(onHost) : whole === 'CPU' ? 100 : 0 }];
  });
  const worst = rows.reduce<(typeof rows)[number] | undefined>(
    (most, row) => (most === undefined || row.host > most.host ? row : most),
    undefined,
  );
  if (worst === undefined) return null;
  const { name, size, host } = worst;
  return {
    what: 'what ollama ps shows',
    whose: 'GPU',
    state: null,
    confidence: 'certain',
    says:
      host === 0
        ? `${rows.length === 1 ? `${name} (${size}) lies` : 'All models lie'} on the GPU whole.`
        : host === 100
          ? `${name} (${size}) runs on the CPU alone: Ollama found no GPU, or nothing of the model fitted beside what the GPU holds already.`
          : `${name} (${size}) does not fit the GPU: ${host}% of it lies in the host’s memory, and is computed by the CPU, slowly. That is no failure.`,
    evidence: rows.map(
      row => `${row.name}: ${row.size}, ${100 - row.host}% on the GPU, ${row.host}% on the CPU.`,
    ),
    next:
      host === 0
        ? []
        : [
            ...(host === 100
              ? [
                  'Look at the GPU’s own tool (nvidia-smi, rocm-smi), and at Ollama’s log for “inference compute”: was a GPU found?',
                ]
              : []),
            'Take a shorter context (num_ctx), a smaller model or quantisation, a quantised cache (OLLAMA_KV_CACHE_TYPE=q8_0), or end what else holds the GPU’s memory (ollama stop MODEL).',
          ],
  };
}

/** `msg="inference compute" id=GPU-1a2b library=cuda … total="23.6 GiB" available="21.9 GiB"` of its own log. */
const SEEN =
  /\b(?:gpu|id)=(GPU-[\da-f-]{8,40}|\d{1,3})\s[^\n]{0,300}?\btotal="([\d.]{1,10} [KMGT]i?B)" available="([\d.]{1,10} [KMGT]i?B)"/g;

/** What Ollama’s log has of its devices, where nothing of a failure stands in it. */
export function readOllamaDevices(text: string): Answer | null {
  const devices = new Map<string, string>();
  for (const [, name, total, available] of text.matchAll(SEEN))
    devices.set(name!, `${available} of ${total}`);
  return devices.size === 0
    ? null
    : {
        what: 'lines of Ollama',
        whose: 'GPU',
        state: null,
        confidence: 'certain',
        says: `Ollama sees ${devices.size === 1 ? 'one GPU' : `${devices.size} GPUs`}, with ${[...devices.values()].join(', ')} available: no failure is in the text.`,
        evidence: [...devices].map(([name, amounts]) => `${name}: ${amounts} available.`),
        next: [],
      };
}
