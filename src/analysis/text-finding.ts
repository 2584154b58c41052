/** A finding from a text alone: sentences without figures and batches of their own, and what it is about as data. */
import { GIB, torchSize } from '../base/index.ts';
import type { Finding, OutOfMemory, VerdictKind } from '../contract/index.ts';

/** What a finding is about, where the lines around an error have more of it. */
export type Mark =
  /** What an inference engine has room for: weights, activations, its KV cache. */
  | 'engine'
  /** A program of XLA’s that does not fit, found while it was compiled. */
  | 'compiled program'
  /** A buffer of ggml’s. */
  | 'ggml buffer'
  /** A refusal by the driver itself. */
  | 'driver'
  /** What others hold of a device. */
  | 'others'
  /** A process that was killed, most likely for the host’s memory. */
  | 'killed';

/** A finding that is not finished: what stands around the error may add to it, and chooses by its mark and figures. */
export interface TextFinding extends Finding {
  mark?: Mark;
  /** The refusal that it was made of. */
  refused?: OutOfMemory;
  /** Whether what XLA planned stands among the evidence. */
  hasPlan?: boolean;
  /** Whether the call that touches the device first is named in it. */
  isFirstUse?: boolean;
  /** Whether neither the text nor what stands around it has a figure. */
  isWithoutFigures?: boolean;
}

/** Pieces of advice that are given: who has more of them tries none. The ones that the text supports most stand first. */
const MOST_ADVICE = 3;

/** As it is shown. */
export function finished({
  mark: _,
  refused,
  hasPlan,
  isFirstUse,
  isWithoutFigures,
  ...finding
}: TextFinding): Finding {
  const next = finding.next.slice(0, MOST_ADVICE);
  return isWithoutFigures
    ? { ...finding, next, evidence: [asEvidence('The error itself has no figures.'), ...finding.evidence] }
    : { ...finding, next };
}

interface Parts {
  kind: VerdictKind;
  says: string;
  evidence?: (string | null)[];
  next?: string[];
  confidence?: Finding['confidence'];
  mark?: Mark;
  isWithoutFigures?: boolean;
  /** Of `unmeasured`: memory was read, and too little of it for a verdict. */
  isRead?: boolean;
}

/** A sentence, as evidence. */
export const asEvidence = (says: string): Finding['evidence'][number] => ({
  says,
  fromBatch: null,
  toBatch: null,
  figures: [],
});

export const textFinding = ({
  kind,
  says,
  evidence = [],
  next = [],
  confidence = 'certain',
  mark,
  isWithoutFigures = false,
  isRead = false,
}: Parts): TextFinding => ({
  kind,
  confidence,
  says,
  evidence: evidence.filter(text => text !== null).map(asEvidence),
  next,
  ...(mark && { mark }),
  ...(isWithoutFigures && { isWithoutFigures }),
  ...(isRead && { isRead }),
});

/** As texts of PyTorch print it, except that a whole GiB or MiB is one: `1.00 GiB`, where PyTorch has `1024.00 MiB`. */
export const torchAmount = (bytes: number | null): string =>
  bytes === null
    ? 'an unknown amount'
    : bytes >= 1024 * GIB
      ? `${(bytes / 1024 / GIB).toFixed(2)} TiB`
      : bytes === GIB
        ? '1.00 GiB'
        : bytes === 2 ** 20
          ? '1.00 MiB'
          : torchSize(bytes);

export const LESS_HOST_MEMORY =
  'Hold less on the host: fewer DataLoader workers, data and weights in pieces (memory maps, streaming), fewer checkpoints and optimizer states.';

/** How each that has a limit is asked for more. */
const ASKED_BY: Readonly<Record<string, string>> = {
  slurm: 'Slurm: --mem, or --mem-per-cpu',
  pbs: 'PBS: -l mem=…, in PBS Pro of each chunk -l select=…:mem=…',
  lsf: 'LSF: bsub -M, with -R "rusage[mem=…]"',
  sge: 'Grid Engine: -l h_vmem=…',
  htcondor: 'HTCondor: request_memory',
  kubernetes: 'Kubernetes: resources.limits.memory of the container',
  docker: 'Docker: --memory, or mem_limit',
};

/** Of the host, where a limit was reached. @param by whose it was, where that is known */
export const moreHostMemory = (by?: string | null): string[] => [
  `Ask for more host memory (${ASKED_BY[by ?? ''] ?? 'Slurm: --mem; Kubernetes and Docker: the container’s limit; Colab: another runtime'}).`,
  LESS_HOST_MEMORY,
];
export const MORE_HOST_MEMORY = moreHostMemory();

/** What to try where Ollama’s runner ended. */
export const OF_OLLAMA = [
  'Look at Ollama’s own log for the lines before it (journalctl -u ollama; ~/.ollama/logs/server.log): “out of memory”, “CUDA error”, an assertion.',
  'Take a smaller model or quantisation, a shorter context (num_ctx), fewer layers on the GPU (num_gpu), OLLAMA_NUM_PARALLEL=1; ollama ps shows what else is loaded.',
];

/** Where the machine itself had none left: no limit that could be raised. */
export const MORE_MACHINE = [
  LESS_HOST_MEMORY,
  'End what else holds memory of the machine, add swap, or take a machine with more.',
];
