/** A finding from a text alone: sentences without figures and batches of their own. */
import { GIB, torchSize } from '../base/index.ts';
import type { Finding, VerdictKind } from '../contract/index.ts';

interface Parts {
  kind: VerdictKind;
  says: string;
  evidence?: (string | null)[];
  next?: string[];
  confidence?: Finding['confidence'];
}

export const textFinding = ({
  kind,
  says,
  evidence = [],
  next = [],
  confidence = 'certain',
}: Parts): Finding => ({
  kind,
  confidence,
  says,
  evidence: evidence
    .filter(text => text !== null)
    .map(text => ({ says: text, fromBatch: null, toBatch: null, figures: [] })),
  next,
});

/** As texts of PyTorch print it. */
export const torchAmount = (bytes: number | null): string =>
  bytes === null
    ? 'an unknown amount'
    : bytes >= 1024 * GIB
      ? `${(bytes / 1024 / GIB).toFixed(2)} TiB`
      : torchSize(bytes);

export const MORE_HOST_MEMORY = [
  'Ask for more host memory (Slurm: --mem; Kubernetes and Docker: the container’s limit).',
  'Use fewer DataLoader workers, load data in pieces (memory maps, streaming), keep fewer checkpoints and optimizer states on the host.',
];

export const SMALLER_STEPS =
  'Use smaller microbatches with gradient accumulation, activation checkpointing, or shorter sequences.';
