/**
 * Trainers that print a line for each metric name the step in all of them: `Epoch[0] Batch [50] … accuracy=0.5`, then `Epoch[0] Batch [50] … cross-entropy=1.2`.
 * A line that has another figure, and differs in none, is of the same step; one that has the same figure with another value is another process'.
 */
import type { Payload } from '../contract/index.ts';

type OwnFigures = Payload<'FIGURES_LOGGED'>['figures'];

/**
 * What a report has that none before it of its number has, by name; null where it differs from one of them, or has nothing of its own. Where it also lacks
 * most of what they have, it is another line of the step, and no other process's: what differs is a mean beside the step's own.
 */
export function figuresBeside(before: readonly object[], report: object): OwnFigures | null {
  const seen = new Map(before.flatMap(one => figuresOf(one)));
  const figures: OwnFigures = {};
  let differs = false;
  let shared = 0;
  for (const [name, value] of figuresOf(report)) {
    if (!seen.has(name)) figures[name] = value;
    else {
      shared++;
      differs ||= seen.get(name) !== value;
    }
  }
  if (Object.keys(figures).length === 0 || (differs && shared * 2 > seen.size)) return null;
  return figures;
}

/** Figures of a report's payload: those under `extra` by their own names, groups joined by a point. */
function figuresOf(report: object, prefix = ''): [string, OwnFigures[string]][] {
  return Object.entries(report).flatMap(([name, value]): [string, OwnFigures[string]][] => {
    if (name === 'step' || name === 'batch' || Array.isArray(value)) return [];
    if (name === 'extra') return figuresOf(value as object);
    if (value !== null && typeof value === 'object') return figuresOf(value, `${name}.`);
    return [[prefix + name, value]];
  });
}
