/** The status line: is it learning, how far is it, how full is the reserved memory, and if something is wrong, what. */
import { type Row, row, span, widthOf } from '../base/index.ts';
import type { SanctumSnapshot } from '../contract/index.ts';
import { bannerFigures, counter, memoryFigure, reasons, status } from '../present/index.ts';
import { box, join, joinByRank } from './layout.ts';
import { labelledRow, styledRow } from './styled-text.ts';

/** Why the status is not ok: the first reason that is not shown yet, and how many others there are. */
function reason(snapshot: SanctumSnapshot, shown: string | null): Row {
  const [first, ...others] = reasons(snapshot).filter(({ text }) => text !== shown);
  return first === undefined
    ? []
    : [...styledRow(first), ...(others.length > 0 ? [span(` +${others.length}`, 'dim')] : [])];
}

/** What gives way where not all fit: the highest first. A figure that is not here never does. */
const givesWay: Record<string, number> = {
  episodicReturn: 1,
  totalLoss: 1,
  approxKl: 2,
  headroomBytes: 3,
  stepsPerSecond: 4,
  entropy: 5,
  explainedVariance: 6,
  totalSteps: 7,
};

/** Columns between the banner’s parts. */
const GAP = 3;

/**
 * The banner’s content in rows of at most `width` columns. Why it is not well goes before any figure: where the whole
 * sentence does not fit, it has a second row.
 * @param shown a reason that stands elsewhere on the screen
 */
export function bannerRows(snapshot: SanctumSnapshot, width: number, shown: string | null = null): Row[] {
  const { tamiyo } = snapshot;
  const memory = styledRow(memoryFigure(tamiyo.infrastructure));
  const level = styledRow(status(snapshot));
  const count = counter(tamiyo);
  const counted = [
    ...(count === null ? [] : row(count)),
    ...(memory.length > 0 ? [span('  '), ...memory] : []),
  ];
  const summary = joinByRank(
    [
      { row: level, rank: 1 },
      { row: counted, rank: 0 },
    ],
    width,
    GAP,
  );
  const why = reason(snapshot, shown);
  const together = why.length > 0 && widthOf(summary) + GAP + widthOf(why) <= width;
  const head = together ? join([summary, why], ' '.repeat(GAP)) : summary;

  const room = width - widthOf(head) - GAP;
  const figures = joinByRank(
    bannerFigures(snapshot).map(fact => ({ row: labelledRow(fact), rank: givesWay[fact.figure] ?? 0 })),
    room,
    GAP,
  );
  const first =
    figures.length > 0 && widthOf(figures) <= room ? join([head, figures], ' '.repeat(GAP)) : head;
  return together || why.length === 0 ? [first] : [first, why];
}

/** The banner in a box whose border has the colour of the status and shows the run's progress. */
export function StatusBanner(snapshot: SanctumSnapshot, width: number, rows: readonly Row[]): Row[] {
  const { status, tamiyo } = snapshot;
  const at = tamiyo.batch ?? tamiyo.step;
  const of = tamiyo.batch !== null ? tamiyo.maxBatches : tamiyo.maxSteps;
  const border = status.level === 'warning' ? 'yellow' : status.level === 'critical' ? 'red' : 'dim';
  const progress = at !== null && of ? at / of : null;
  return box({ title: row('STATUS', border), width, border, progress }, rows);
}
