/** What the learner says: every figure with its history and direction. A loop that is not PPO shows its own figures. */
import { exactly, type Row, row, span } from '../base/index.ts';
import type { PpoHistory, RankState, SanctumSnapshot } from '../contract/index.ts';
import {
  type HistoryFigure,
  historyValue,
  isStepLoop,
  learnerValues,
  ppoFigures,
  short,
  stepFigures,
} from '../present/index.ts';
import { chart } from './chart.ts';
import { beside, box, flow } from './layout.ts';
import { scaleFor } from './scale.ts';
import { sparkline, trend } from './sparkline.ts';
import { labelledRow, styleOf } from './styled-text.ts';
import { chosenRank, type View } from './view.ts';

function seriesOf(rank: RankState, { key }: HistoryFigure): (number | null)[] {
  return key in rank.history ? rank.history[key as keyof PpoHistory] : [];
}

/** `approx KL      0.011 ▂▂▃▂▂▃▂▂ →` */
function figureRow(rank: RankState, figure: HistoryFigure, width: number): Row {
  const { label, value: styled } = historyValue(rank, figure);
  const series = seriesOf(rank, figure);
  const labelled = [span(label.padEnd(12), 'dim'), span(styled.text.padStart(8), styleOf(styled))];
  const room = width - 20 - 4;
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
  if (rank === null || rank.updates === 0) return [row('No update yet.', 'dim')];
  const figures = isStepLoop(rank) ? stepFigures : ppoFigures;
  const measured = figures.filter(
    figure =>
      rank.ppo[figure.key] !== null ||
      rank.ppo.nonFinite.includes(figure.title) ||
      seriesOf(rank, figure).some(value => value !== null),
  );
  const allNotes = notes(rank, width, 3);
  const two = width >= TWO_COLUMNS && height < measured.length + allNotes.length;
  const perColumn = two ? Math.ceil(measured.length / 2) : measured.length;
  const noted = notes(rank, width, Math.max(height >= 8 ? 1 : 0, Math.min(3, height - perColumn)));
  const shown = measured.slice(0, Math.max(0, (height - noted.length) * (two ? 2 : 1)));
  if (!two) return [...shown.map(figure => figureRow(rank, figure, width)), ...noted];
  const half = Math.ceil(shown.length / 2);
  const column = (part: readonly HistoryFigure[]) =>
    part.map(f => exactly(figureRow(rank, f, (width >> 1) - 1), width >> 1));
  return [...beside(column(shown.slice(0, half)), column(shown.slice(half))), ...noted];
}

function titleOf(snapshot: SanctumSnapshot, view: View): { title: Row; aside: Row } {
  const rank = chosenRank(snapshot, view);
  const name = rank && isStepLoop(rank) ? (rank.algorithm ?? 'TRAINING') : (rank?.algorithm ?? 'PPO');
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

/** The figure that training is for, drawn large: the return, or the loss of a loop that is not PPO. */
export function CurvePanel(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const rank = chosenRank(snapshot, view);
  const stepLoop = rank !== null && isStepLoop(rank);
  const series = rank ? rank.history[stepLoop ? 'totalLoss' : 'episodicReturn'] : [];
  const known = series.filter(value => value !== null);
  const body =
    known.length === 0
      ? [row('Nothing to draw yet.', 'dim')]
      : chart({
          series,
          from: rank?.history.batch[0] ?? null,
          to: rank?.history.batch.at(-1) ?? null,
          unit: stepLoop ? 'step' : 'batch',
          valueUnit: '',
          width: width - 4,
          height: height - 2,
          scale: scaleFor(Math.min(...known), Math.max(...known), Math.max(1, Math.round(height / 5))),
          guides: [],
          format: value => (Number.isInteger(value) ? String(value) : short(value)),
          styleOf: () => 'cyan',
        });
  const aside = row(stepLoop ? 'training loss' : 'mean of 100 episodes', 'dim');
  return box({ title: row(stepLoop ? 'LOSS' : 'RETURN', 'bold'), aside, width, height }, body);
}
