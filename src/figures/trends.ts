/** Figures of the learner that are shown with their history, the most telling first: a row of a panel and a chart each. */
import type { LearnerName, LearnerNumber } from '../contract/index.ts';
import type { Thresholds } from './bounds.ts';
import type { Figure } from './figure.ts';
import { figures } from './records.ts';
import type { Unit } from './units.ts';

export interface TrendFigure {
  key: LearnerNumber;
  /** Title of its chart; `nonFinite` names it so. */
  title: string;
  label: string;
  form: Unit['form'];
  bounds?: Thresholds;
  /** As on its axis; empty for a number without a unit, or whose label includes it. */
  unit: string;
}

const declared = Object.entries(figures)
  .filter(([, { trend }]) => trend !== undefined)
  .sort(([, a], [, b]) => a.trend!.order - b.trend!.order) as [
  LearnerNumber,
  Figure & Required<Pick<Figure, 'trend'>>,
][];

const unitOf = ({ units }: Unit): string => (units === 'nats' ? units : '');

/** Of a PPO update. */
export const updateTrends: readonly TrendFigure[] = declared.map(([key, { label, unit, bounds, trend }]) => ({
  key,
  label,
  title: trend.title ?? label,
  form: unit.form,
  bounds,
  unit: unitOf(unit),
}));

/** Of a step of a loop that is not PPO. */
export const stepTrends: readonly TrendFigure[] = declared
  .filter(([, { trend }]) => trend.step !== undefined)
  .map(([key, { unit, trend }]) => ({ key, ...trend.step!, form: unit.form, unit: unitOf(unit) }))
  .sort((a, b) => stepOrder(a.key) - stepOrder(b.key));

/** The loss is what such a loop is about. */
function stepOrder(key: LearnerNumber): number {
  return key === 'totalLoss' ? 0 : declared.findIndex(([name]) => name === key) + 1;
}

/** What the figure is called where it was not finite. */
export function titleOf(name: LearnerName, source: 'update' | 'step'): string {
  const trends = source === 'step' ? stepTrends : updateTrends;
  return trends.find(({ key }) => key === name)?.title ?? figures[name]?.label ?? name;
}
