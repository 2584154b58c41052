/** Lines that have the steps that there will be, and nothing else. */
import { byShape } from './by-shape.ts';

/** `Max steps : 100,000`, `max_iters = 5000`; TransUNet's heirs: `125 iterations per epoch. 12500 max iterations`. */
const TOTAL = byShape(
  /\b(?:total|max(?:imum)?)[ _](?:(?:train(?:ing)?|optimi[sz](?:ation|er))[ _])?(?:steps?|iters?|iterations) {0,20}[:=]\s{0,20}(\d[\d,]{0,14}|\d(?:\.\d{1,4})?e\+?\d{1,2})(?:\s{1,4}#.{0,200})?\s{0,20}$/i,
);
/** mlx-lm. */
const ITERS = byShape(/^Starting training\.\.\., iters: (\d{1,12})\s*$/);
const MAX_ITERATIONS = byShape(/\b(\d{1,12}) max iterations\b/);
export const totalMarks = [
  'starting training..., iters: ',
  'total steps',
  'total_steps',
  'total training steps',
  'total iterations',
  'max steps',
  'max_steps',
  'max_iters',
  'max iterations',
  'max_iterations',
];

/** Steps that there will be, in a line of their own; null for any other. */
export function totalIn(text: string): number | null {
  const found = TOTAL.exec(text) ?? MAX_ITERATIONS.exec(text) ?? ITERS.exec(text);
  const total = Number((found?.[1] ?? '').replaceAll(',', ''));
  return total > 0 ? total : null;
}
