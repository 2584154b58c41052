/**
 * What a text alone reveals of an end, where no memory was measured or none of it explains the end: whose memory it was,
 * what killed the training, what to try.
 */
import type { Ending, Finding, OutOfMemory } from '../contract/index.ts';
import { readMemoryError } from '../texts/index.ts';
import { explainEnding } from './ending-finding.ts';
import { explainError } from './error-finding.ts';
import { explainDevice } from './full-device.ts';
import { explainOther } from './other-memory-finding.ts';
import { MORE_HOST_MEMORY, textFinding, torchAmount } from './text-finding.ts';

export interface FailureText {
  errorType: string | null;
  message: string | null;
  outOfMemory: OutOfMemory | null;
  ending: Ending | null;
}

/** null where the text is of an error that has nothing to do with memory, and of no ending from outside. */
export function explain({ errorType, message, outOfMemory, ending }: FailureText): Finding | null {
  const killed = ending === null ? null : explainEnding(ending, message ?? '');
  if (killed !== null) return killed;
  const error = readMemoryError(message ?? '', { errorType });
  if (error !== null && error.outOfMemory === null) return explainOther(error, message ?? '');
  const figures = outOfMemory ?? error?.outOfMemory ?? null;
  if (figures === null) return explainError(message ?? '');
  return figures.device === 'cpu' ? explainHost(figures) : explainDevice(figures, message ?? '');
}

function explainHost({ triedBytes, freeBytes, processBytes, by }: OutOfMemory): Finding {
  return textFinding({
    kind: 'host memory',
    says: `Out of the host’s memory, not the GPU’s${triedBytes == null ? '' : `: ${torchAmount(triedBytes)} (${triedBytes} bytes) was asked for`}${freeBytes == null ? '' : `, and ${torchAmount(freeBytes)} was available`}${by == null ? '' : ` (${by})`}.`,
    evidence: [
      processBytes == null ? null : `The process held ${torchAmount(processBytes)} (${processBytes} bytes).`,
    ],
    next:
      by === 'ollama'
        ? [
            'Take a smaller model or quantisation, or a shorter context (num_ctx); end what else holds the host’s memory, or add swap.',
            'Where a GPU was to hold it: look at ollama ps and at its log, whether the GPU was found.',
          ]
        : MORE_HOST_MEMORY,
  });
}
