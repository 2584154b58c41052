/** What the learner says: every figure with its course and direction. A loop that is not PPO shows its own figures. */
import type { PpoHistory, PpoState, RankState, SanctumSnapshot } from '../contract/index.ts';
import { chart } from './chart.ts';
import { milliseconds, scaled, short } from './figures.ts';
import { beside, box, flow } from './layout.ts';
import { scaleFor } from './scale.ts';
import { sparkline, trend } from './sparkline.ts';
import { exactly, type Row, row, span } from './style.ts';
import { chosenRank, type View } from './view.ts';

type FigureKey = Exclude<keyof PpoState, 'nonFinite' | 'status' | 'reasons' | 'earlyStopped'>;

interface Figure {
  key: FigureKey;
  /** As `nonFinite` names it. */
  name: string;
  label: string;
  format?: (value: number | null) => string;
}

/** Most telling first: a panel too low for all shows the first ones. */
const ppoFigures: readonly Figure[] = [
  { key: 'episodicReturn', name: 'return', label: 'return' },
  { key: 'approxKl', name: 'approx KL', label: 'approx KL' },
  { key: 'entropy', name: 'entropy', label: 'entropy' },
  { key: 'explainedVariance', name: 'explained variance', label: 'expl. var.' },
  { key: 'clipFraction', name: 'clip fraction', label: 'clip frac.' },
  { key: 'valueLoss', name: 'value loss', label: 'value loss' },
  { key: 'policyLoss', name: 'policy loss', label: 'policy loss' },
  { key: 'gradNorm', name: 'gradient norm', label: 'grad norm' },
  { key: 'stepsPerSecond', name: 'steps per second', label: 'steps/s', format: scaled },
  { key: 'updateMs', name: 'update', label: 'update', format: milliseconds },
  { key: 'totalLoss', name: 'total loss', label: 'total loss' },
];

const stepFigures: readonly Figure[] = [
  { key: 'totalLoss', name: 'loss', label: 'loss' },
  { key: 'gradNorm', name: 'gradient norm', label: 'grad norm' },
  { key: 'stepsPerSecond', name: 'samples per second', label: 'samples/s', format: scaled },
  { key: 'updateMs', name: 'step', label: 'step', format: milliseconds },
];

/** Whether the rank runs a loop that is not PPO. */
const isStepLoop = (rank: RankState): boolean => rank.batch === null && rank.step !== null;

function seriesOf(rank: RankState, key: FigureKey): (number | null)[] {
  return key in rank.history ? rank.history[key as keyof PpoHistory] : [];
}

/** `approx KL      0.011 ▂▂▃▂▂▃▂▂ →` */
function figureRow(rank: RankState, { key, name, label, format = short }: Figure, width: number): Row {
  const broken = rank.ppo.nonFinite.includes(name) || rank.ppo.nonFinite.includes(key);
  const value = broken ? 'NaN' : format(rank.ppo[key]);
  const series = seriesOf(rank, key);
  const labelled = [span(label.padEnd(12), 'dim'), span(value.padStart(8), broken ? 'bold red' : 'plain')];
  const room = width - 20 - 4;
  if (room < 4) return exactly(labelled, width);
  const line = sparkline(series, Math.min(room, 60));
  return [...labelled, span('  '), span(line, 'cyan'), span(` ${trend(series)}`, 'dim')];
}

/** Figures that have no course. */
function notes(rank: RankState, width: number, maxRows: number): Row[] {
  const { ppo } = rank;
  const note = (label: string, value: number | null, text: string): Row =>
    value === null ? [] : [span(`${label} `, 'dim'), span(text)];
  const items = [
    note('lr', ppo.learningRate, short(ppo.learningRate)),
    note('telemetry', rank.newestTelemetryMs, milliseconds(rank.newestTelemetryMs)),
    note('rollout', ppo.rolloutMs, milliseconds(ppo.rolloutMs)),
    note('length', ppo.episodicLength, short(ppo.episodicLength)),
    note('steps', ppo.totalSteps, scaled(ppo.totalSteps)),
    note('episodes', ppo.totalEpisodes, scaled(ppo.totalEpisodes)),
    note('epochs', ppo.epochs, `${ppo.epochs}${ppo.earlyStopped ? ', stopped early' : ''}`),
    note('clip range', ppo.clipRange, short(ppo.clipRange)),
  ];
  return flow(
    items.filter(item => item.length > 0),
    width,
    ' · ',
    maxRows,
  );
}

/** Columns from which figures stand in two columns. */
const TWO_COLUMNS = 84;

/** The panel’s rows without a box. Without `height`, all there is to say. */
export function ppoRows(snapshot: SanctumSnapshot, view: View, width: number, height = Infinity): Row[] {
  const rank = chosenRank(snapshot, view);
  if (rank === null || rank.updates === 0) return [row('No update yet.', 'dim')];
  const figures = isStepLoop(rank) ? stepFigures : ppoFigures;
  const measured = figures.filter(
    figure =>
      rank.ppo[figure.key] !== null ||
      rank.ppo.nonFinite.includes(figure.name) ||
      seriesOf(rank, figure.key).some(value => value !== null),
  );
  const allNotes = notes(rank, width, 3);
  const two = width >= TWO_COLUMNS && height < measured.length + allNotes.length;
  const perColumn = two ? Math.ceil(measured.length / 2) : measured.length;
  const noted = notes(rank, width, Math.max(height >= 8 ? 1 : 0, Math.min(3, height - perColumn)));
  const shown = measured.slice(0, Math.max(0, (height - noted.length) * (two ? 2 : 1)));
  if (!two) return [...shown.map(figure => figureRow(rank, figure, width)), ...noted];
  const half = Math.ceil(shown.length / 2);
  const column = (part: readonly Figure[]) =>
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
