/** The figures of a rank that have a history: the learner's, then the trainer's own. One of them is drawn large. */
import { isSparse, printable, type Row, row, tickFormat } from '../base/index.ts';
import type { PpoHistory, RankState, SanctumSnapshot } from '../contract/index.ts';
import {
  type Counted,
  countedIn,
  historyValue,
  isStepLoop,
  ownValue,
  ppoFigures,
  type StyledText,
  stepFigures,
} from '../present/index.ts';
import { chart } from './chart.ts';
import { scaleFor } from './scale.ts';
import { chosenRank, type View } from './view.ts';

export interface Curve {
  /** Short, for a row beside its value. */
  label: string;
  /** For a box of its own, and what is to be known of it. */
  title: string;
  note: string;
  value: StyledText;
  series: readonly (number | null)[];
  batch: readonly number[];
  unit: Counted;
  /** Of its values; empty for a number without one. */
  valueUnit: string;
  /** What training is for: drawn where nobody chose. */
  isMain: boolean;
}

/** What training is for: the return, or the loss of a loop that is not PPO and has none. */
export const mainOf = (rank: Pick<RankState, 'algorithm' | 'batch' | 'step' | 'ppo'> | null) => {
  // Before its first figures only the algorithm shows what a run is.
  if (rank === null || (rank.batch === null && rank.step === null && rank.algorithm === null))
    return { key: 'totalLoss', title: 'LEARNING', note: '' };
  return isStepLoop(rank) && rank.ppo.episodicReturn === null
    ? { key: 'totalLoss', title: 'LOSS', note: 'training loss' }
    : {
        key: 'episodicReturn',
        title: 'RETURN',
        // Of how many episodes another trainer's is, its log does not show.
        note: rank.algorithm === null ? 'of episodes' : 'mean of 100 episodes',
      };
};

/** Those that were measured, most telling first. */
export function curvesOf(rank: RankState): Curve[] {
  const isLoop = isStepLoop(rank);
  const unit = countedIn(rank);
  const main = mainOf(rank);
  const learner = (isLoop ? stepFigures : ppoFigures).flatMap((figure): Curve[] => {
    const { key, title } = figure;
    const series = key in rank.history ? rank.history[key as keyof PpoHistory] : [];
    const isKnown =
      rank.ppo[key] !== null || rank.ppo.nonFinite.includes(title) || series.some(value => value !== null);
    if (!isKnown) return [];
    const { label, value } = historyValue(rank, figure);
    const isMain = key === main.key;
    const { title: heading, note } = isMain ? main : { title, note: '' };
    const valueUnit = figure.form === 'milliseconds' ? 'ms' : figure.unit;
    return [
      { label, title: heading, note, value, series, batch: rank.history.batch, unit, valueUnit, isMain },
    ];
  });
  const own = rank.own.map((figure, i): Curve => {
    const { value: series, batch } = rank.ownHistory[i] ?? { value: [], batch: [] };
    const { label, value } = ownValue(figure);
    const name = printable(label);
    const note = 'of this trainer';
    return { label: name, title: name, note, value, series, batch, unit, valueUnit: '', isMain: false };
  });
  return [...learner, ...own];
}

/** Which of so many is drawn large: the one chosen, else what training is for, else the most telling; −1 for none. */
export function curveAt(curves: readonly Curve[], { curveIndex }: Pick<View, 'curveIndex'>): number {
  if (curveIndex !== null && curves.length > 0) return curveIndex % curves.length;
  const main = curves.findIndex(({ isMain }) => isMain);
  return main === -1 && curves.length > 0 ? 0 : main;
}

/** The curves of the rank that is looked at. */
export const shownCurves = (snapshot: SanctumSnapshot, view: View): Curve[] => {
  const rank = chosenRank(snapshot, view);
  return rank === null ? [] : curvesOf(rank);
};

/** A sparse series as a line: between two of its values are those of a straight line. */
function throughSparse(series: readonly (number | null)[]): readonly (number | null)[] {
  if (!isSparse(series)) return series;
  const known = series.flatMap((value, at) => (value === null ? [] : [at]));
  const line = [...series];
  known.slice(1).forEach((to, i) => {
    const from = known[i]!;
    const rise = (series[to]! - series[from]!) / (to - from);
    for (let at = from + 1; at < to; at++) line[at] = series[from]! + rise * (at - from);
  });
  return line;
}

/**
 * A curve as a chart, or a word why there is none.
 * @param isLast whether no more of it is to come
 */
export function curveChart(curve: Curve | undefined, width: number, height: number, isLast = false): Row[] {
  const known = curve?.series.filter(value => value !== null) ?? [];
  if (curve === undefined || known.length === 0)
    return [row(isLast ? 'Nothing to draw.' : 'Nothing to draw yet.', 'dim')];
  const scale = scaleFor(Math.min(...known), Math.max(...known), Math.max(1, Math.round((height + 2) / 5)));
  return chart({
    series: throughSparse(curve.series),
    from: curve.batch[0] ?? null,
    to: curve.batch.at(-1) ?? null,
    unit: curve.unit,
    valueUnit: curve.valueUnit,
    width,
    height,
    scale,
    guides: [],
    format: tickFormat(scale.ticks),
    styleOf: () => 'cyan',
  });
}
