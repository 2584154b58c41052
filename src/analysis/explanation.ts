/**
 * What a text alone reveals of an end, where no memory was measured or none of it explains the end: whose memory it was,
 * what killed the training, what to try.
 */
import type { Ending, Finding, OutOfMemory } from '../contract/index.ts';
import { type MemoryError, readMemoryError } from '../texts/index.ts';
import { explainEnding } from './ending-finding.ts';
import { explainError } from './error-finding.ts';
import { explainDevice } from './full-device.ts';
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

function explainHost({ triedBytes, processBytes, by }: OutOfMemory): Finding {
  return textFinding({
    kind: 'host memory',
    says: `Out of the host’s memory, not the GPU’s${triedBytes == null ? '' : `: ${torchAmount(triedBytes)} (${triedBytes} bytes) was asked for`}${by == null ? '' : ` (${by})`}.`,
    evidence: [
      processBytes == null ? null : `The process held ${torchAmount(processBytes)} (${processBytes} bytes).`,
    ],
    next: MORE_HOST_MEMORY,
  });
}

/** What sounds like a full GPU and is something else. */
function explainOther({ memory, by }: MemoryError, message: string): Finding {
  const needs = /Required: (\d{1,15}),? Hardware limit: ?(\d{1,15})/.exec(message);
  switch (memory) {
    case 'on-chip':
      return textFinding({
        kind: 'not memory',
        says: `Not out of GPU memory: a kernel (${by}) asks for ${needs === null ? 'more on-chip shared memory or registers than a block has' : `${needs[1]} bytes of on-chip shared memory, and a block has ${needs[2]}`}. A smaller batch does not help.`,
        next: [
          'Use smaller block sizes, fewer stages (num_stages), or a smaller head dimension; or another attention implementation.',
        ],
      });
    case 'shared memory files':
      return textFinding({
        kind: 'not memory',
        says: `Not out of GPU memory: /dev/shm, the host’s shared memory files, is full (${by}).`,
        next: [
          'Make it larger (docker: --shm-size or --ipc=host; Kubernetes: an emptyDir of medium Memory at /dev/shm), or use fewer DataLoader workers.',
        ],
      });
    case 'page-locked':
      return textFinding({
        kind: 'not memory',
        says: `Not out of GPU memory: page-locked host memory could not be had (${by}).`,
        next: ['Turn pin_memory off or pin less, raise `ulimit -l`, or give the host more memory.'],
      });
    case 'page file':
      return textFinding({
        kind: 'host memory',
        says: 'Not out of GPU memory: Windows’ page file is too small for what the host was asked for.',
        next: ['Make the page file larger, or use fewer DataLoader workers.'],
      });
    case 'configured buffer':
      return textFinding({
        kind: 'not memory',
        says: `Not out of GPU memory: a buffer of a configured size is too small (${by}); the message names it.`,
        next: ['Raise the capacity that the message names.'],
      });
    default:
      return textFinding({
        kind: 'not memory',
        says: 'Not out of memory: the disk is full.',
        next: ['Make room on the disk that the path is on.'],
      });
  }
}
