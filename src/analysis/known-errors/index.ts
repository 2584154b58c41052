/**
 * Errors that have nothing to do with how much memory there is and are taken for it, or whose words do not say that it ran out. Tables
 * of words, as long as there are such errors; in the order in which they are tried.
 */
import { data } from './data.ts';
import { devices } from './devices.ts';
import { drivers } from './drivers.ts';
import { environment } from './environment.ts';
import { checkpoints, files } from './files.ts';
import { gradients } from './gradients.ts';
import { kernels } from './kernels.ts';
import type { Known } from './known-error.ts';
import { libraries } from './libraries.ts';
import { models } from './models.ts';
import { notices } from './notices.ts';
import { placement } from './placement.ts';
import { processes } from './processes.ts';
import { python } from './python.ts';
import { ranks } from './ranks.ts';
import { tensors } from './tensors.ts';

export const knownErrors: readonly Known[] = [
  ...kernels,
  ...devices,
  ...libraries,
  ...processes,
  ...placement,
];

/** Words that stand in warnings and in logs as well: only an error’s own text counts. */
export const programErrors: readonly Known[] = [
  ...models,
  ...checkpoints,
  ...environment,
  ...drivers,
  ...ranks,
  ...files,
  ...data,
  ...gradients,
  ...tensors,
  ...python,
];

/** Warnings, after which a program goes on: the answer where a text has nothing else. */
export { notices };
