/** Thresholds in words: `figure < 75`, `75 ≤ figure ≤ 90`, `figure > 90`. */
import { type Bound, edge, type Level, type Thresholds } from './bounds.ts';

const meeting = (bound: Bound, figure: string): string =>
  'atLeast' in bound
    ? `${figure} >= ${bound.atLeast}`
    : 'above' in bound
      ? `${figure} > ${bound.above}`
      : `${figure} < ${bound.below}`;

const missing = (bound: Bound, figure: string): string =>
  'atLeast' in bound
    ? `${figure} < ${bound.atLeast}`
    : 'above' in bound
      ? `${figure} <= ${bound.above}`
      : `${figure} >= ${bound.below}`;

/** A sentence with the figure's bounds where it has `{warning}` and `{critical}`. */
export const withBounds = (text: string, bounds: Thresholds | undefined): string =>
  text.replace(/\{(warning|critical)\}/g, (_, level: 'warning' | 'critical') =>
    String(edge(bounds![level]!)),
  );

/** The condition under which the figure has the level; “never” for a level without a bound. */
export function condition({ warning, critical }: Thresholds, level: Level, figure: string): string {
  if (level === 'critical') return critical === null ? 'never' : meeting(critical, figure);
  if (level === 'healthy') {
    const first = warning ?? critical;
    return first === null ? 'always' : missing(first, figure);
  }
  if (warning === null) return 'never';
  if (critical === null) return meeting(warning, figure);
  if ('below' in warning || 'below' in critical)
    return `${meeting(warning, figure)} and ${missing(critical, figure)}`;
  const from = 'atLeast' in warning ? '<=' : '<';
  const to = 'atLeast' in critical ? '<' : '<=';
  return `${edge(warning)} ${from} ${figure} ${to} ${edge(critical)}`;
}
