/**
 * Errors that have nothing to do with how much memory there is and are taken for it, or whose words do not say that it ran out. Tables
 * of words, as long as there are such errors; in the order in which they are tried.
 */
import { devices } from './devices.ts';
import { environment } from './environment.ts';
import { files } from './files.ts';
import { kernels } from './kernels.ts';
import type { Known } from './known-error.ts';
import { libraries } from './libraries.ts';
import { placement } from './placement.ts';
import { processes } from './processes.ts';
import { tensors } from './tensors.ts';

export const knownErrors: readonly Known[] = [
  ...kernels,
  ...devices,
  ...libraries,
  ...processes,
  ...placement,
];

/** Words that stand in warnings and in logs as well: only an error’s own text counts. */
export const programErrors: readonly Known[] = [...environment, ...files, ...tensors];
