/** What the learner says: every figure with its history and direction. A loop that is not PPO shows its own figures. */
import { columns as columnsOf, cut, exactly, type Row, row, span } from '../base/index.ts';
import { isOver, type RankState, type SanctumSnapshot } from '../contract/index.ts';
import { learnerValues, noUpdates } from '../present/index.ts';
import { type Curve, curveAt, curveChart, curvesOf, mainOf, shownCurves } from './curves.ts';
import { beside, box, flow } from './layout.ts';
import { sparkline, trend } from './sparkline.ts';
import { labelledRow, styleOf } from './styled-text.ts';
import { chosenRank, type View } from './view.ts';

/** Columns of a label in a panel; a name of its own is cut to them. */
const LABEL = 12;
const VALUE = 8;

/** `approx KL      0.011 ▂▂▃▂▂▃▂▂ →`. @param isWide a label has the room that it needs, up to half the row */
export function curveRow({ label, value, series }: Curve, width: number, isWide = false): Row {
  const columns = isWide ? Math.max(LABEL, Math.min(columnsOf(label), width >> 1)) : LABEL;
  const text = columnsOf(label) > columns ? cut(label, columns) : label;
  const labelled = [
    ...exactly([span(text, 'dim')], columns),
    span(value.text.padStart(VALUE), styleOf(value)),
  ];
  const room = width - columns - VALUE - 4;
  if (room < 4) return exactly(labelled, width);
  const line = sparkline(series, Math.min(room, 60));
  return [...labelled, span('  '), span(line, 'cyan'), span(` ${trend(series)}`, 'dim')];
}

/** Figures that have no history. */
const notes = (rank: RankState, width: number, maxRows: number): Row[] =>
  flow(learnerValues(rank).map(labelledRow), width, ' · ', maxRows);

/** Columns from which figures stand in two columns. */
const TWO_COLUMNS = 84;

/** The panel’s rows without a box. Without `height`, all rows. */
export function ppoRows(snapshot: SanctumSnapshot, view: View, width: number, height = Infinity): Row[] {
  const rank = chosenRank(snapshot, view);
  if (rank === null || (rank.updates === 0 && rank.own.length === 0)) return [row(noUpdates(rank), 'dim')];
  const measured = curvesOf(rank);
  const allNotes = notes(rank, width, 3);
  const two = width >= TWO_COLUMNS && height < measured.length + allNotes.length;
  const perColumn = two ? Math.ceil(measured.length / 2) : measured.length;
  const noted = notes(rank, width, Math.max(height >= 8 ? 1 : 0, Math.min(3, height - perColumn)));
  const shown = measured.slice(0, Math.max(0, (height - noted.length) * (two ? 2 : 1)));
  if (!two) return [...shown.map(curve => curveRow(curve, width)), ...noted];
  const half = Math.ceil(shown.length / 2);
  const column = (part: readonly Curve[]) =>
    part.map(curve => exactly(curveRow(curve, (width >> 1) - 1), width >> 1));
  return [...beside(column(shown.slice(0, half)), column(shown.slice(half))), ...noted];
}

function titleOf(snapshot: SanctumSnapshot, view: View): { title: Row; aside: Row } {
  const rank = chosenRank(snapshot, view);
  const name = rank?.algorithm ?? (rank === null || rank.batch === null ? 'TRAINING' : 'PPO');
  return {
    title: row(name, 'bold'),
    aside: row(rank && snapshot.ranks.length > 1 ? `rank ${rank.rank}` : '', 'dim'),
  };
}

/** At most `height` rows, borders included; with `fill` exactly so many. */
export function PpoPanel(
  snapshot: SanctumSnapshot,
  view: View,
  width: number,
  height: number,
  fill = true,
): Row[] {
  const all = ppoRows(snapshot, view, width - 4);
  const body = all.length + 2 <= height ? all : ppoRows(snapshot, view, width - 4, height - 2);
  const own = fill ? height : Math.min(height, body.length + 2);
  return box({ ...titleOf(snapshot, view), width, height: own }, body);
}

/** One figure drawn large: the one chosen, else what training is for, the return, or the loss of a loop that is not PPO. */
export function CurvePanel(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const rank = chosenRank(snapshot, view);
  const curves = shownCurves(snapshot, view);
  const curve = curves[curveAt(curves, view)];
  const isLast = rank !== null && isOver(rank.state);
  const body = curveChart(curve, width - 4, height - 2, isLast);
  const { title, note } = curve ?? mainOf(rank);
  return box({ title: row(title, 'bold'), aside: row(note, 'dim'), width, height }, body);
}
