/**
 * A step of float16 that was skipped, since its gradient had overflowed, in the words of DeepSpeed, Apex and fairseq: `OVERFLOW! Rank 0
 * Skipping step. Attempted loss scale: 64, reducing to 32`, `Gradient overflow.  Skipping step, loss scaler 0 reducing loss scale to
 * 32768.0`, `NOTE: overflow detected, setting loss scale to: 0.5`. It is no error: the scaler tries again with half of it.
 */

const SCALE = '(\\d{1,20}(?:\\.\\d{1,20})?(?:e[-+]?\\d{1,3})?)';
/** With the scale that it comes to; DeepSpeed keeps the one that it has tried for as many steps as its hysteresis is. */
const OVERFLOWS = [
  new RegExp(
    `\\boverflow! (?:Rank \\d{1,6} )?Skipping step\\. Attempted loss scale: ${SCALE}, (?:reducing to(?: ${SCALE})?|(but hysteresis)\\b)`,
    'i',
  ),
  new RegExp(
    `\\bGradient overflow\\.\\s{1,4}Skipping step,(?: loss scaler \\d{1,4})? reducing loss scale to()(?: ${SCALE})?`,
  ),
  new RegExp(
    `\\boverflow detected, (?:ignoring gradient, |skipping step, )?setting loss scale to:()(?: ${SCALE})?`,
  ),
];

/** DeepSpeed's own count of them so far: `[Rank 0] step=2000, skipped=1999, lr=[0.0, 0.0], mom=[0.0, 0.0]`. */
const COUNTED = /\bstep=\d{1,12}, skipped=(\d{1,12}), lr=/;

/** Megatron-LM’s, of the iterations since its last report: ` iteration  10/ 900 | … | number of skipped iterations:   5 |`. */
const OF_REPORT = /\bnumber of skipped iterations: {1,6}(\d{1,9}) \|/;
const ITERATION = /\biteration {1,10}(\d{1,12})\//;

export const overflowWords = [
  'skipped=',
  'skipped iterations:',
  'overflow! ',
  'gradient overflow.',
  'overflow detected, ',
];

/** The loss scale that a skipped step comes to, null where the text ends before it; null for any other line. */
export function skippedIn(line: string): { scale: number | null } | null {
  for (const overflow of OVERFLOWS) {
    const found = overflow.exec(line);
    if (found === null) continue;
    const scale = found[3] === undefined ? found[2] : found[1];
    return { scale: scale === undefined ? null : Number(scale) };
  }
  return null;
}

/** Steps that were skipped so far, by a line that counts them; null for any other line. */
export function skippedSoFar(line: string): number | null {
  const counted = line.includes('skipped=') ? COUNTED.exec(line) : null;
  return counted === null ? null : Number(counted[1]);
}

/** The number of an iteration, and how many were skipped since the last report; null for any other line. */
export function skippedSince(line: string): { iteration: number; skipped: number } | null {
  const skipped = OF_REPORT.exec(line)?.[1];
  const iteration = skipped === undefined ? undefined : ITERATION.exec(line)?.[1];
  return iteration === undefined ? null : { iteration: Number(iteration), skipped: Number(skipped) };
}
