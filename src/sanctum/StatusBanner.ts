/** The glance: is it learning, how far is it, how full is the reserved memory, and if something is wrong, what. */
import type { InfrastructureMetrics, SanctumSnapshot, StatusLevel } from '../contract/index.ts';
import { percent, scaled, short } from './figures.ts';
import { box, join, joinByRank, type Part } from './layout.ts';
import { headroomFigure, pressureFigure } from './pressure-figures.ts';
import { healthStyle, levelStyle, type Row, row, type Style, span, widthOf } from './style.ts';

/** TELE-770 as `[Mem:45%]`; empty where it is 0. A figure that cannot be true carries a question mark. */
export function memoryFigure(infrastructure: InfrastructureMetrics): Row {
  const { memoryUsagePercent, memoryStatus, contradiction } = infrastructure;
  if (memoryUsagePercent === 0) return [];
  const impossible = contradiction !== null || memoryUsagePercent < 0 || memoryUsagePercent > 100;
  return row(
    `[Mem:${percent(memoryUsagePercent)}${impossible ? '?' : ''}]`,
    impossible ? 'bold red' : healthStyle[memoryStatus],
  );
}

/** `Batch:84/200`, or `Step:…` for a loop that is not PPO; empty before the first. */
export function counter({ batch, maxBatches, step, maxSteps }: SanctumSnapshot['tamiyo']): Row {
  const [label, at, of] =
    batch === null && step !== null ? ['Step', step, maxSteps] : ['Batch', batch, maxBatches];
  if (at === null && of === null) return [];
  return row(`${label}:${at ?? 0}${of === null ? '' : `/${of}`}`);
}

const marks: Record<StatusLevel, string> = { ok: '✓', warmup: '~', warning: '!', critical: '✗' };

function word({ run, status }: SanctumSnapshot): string {
  if (status.level === 'warning') return 'WARNING';
  if (status.level === 'critical') return 'CRITICAL';
  if (run.state === 'completed') return 'FINISHED';
  if (run.state === 'interrupted') return 'INTERRUPTED';
  if (run.state === 'waiting') return 'WAITING';
  return status.level === 'warmup' ? 'WARMING UP' : 'LEARNING';
}

/** Why the status is not ok, in words. A contradiction is told even where it is no reason. */
function reason({ status, tamiyo }: SanctumSnapshot): Row {
  const { contradiction } = tamiyo.infrastructure;
  const untold = contradiction !== null && !status.reasons.some(told => told.includes(contradiction));
  const reasons = untold ? [contradiction, ...status.reasons] : status.reasons;
  if (reasons.length === 0) return [];
  const style: Style = untold ? 'bold red' : status.level === 'warmup' ? 'dim' : levelStyle[status.level];
  const others = reasons.length > 1 ? [span(` +${reasons.length - 1}`, 'dim')] : [];
  return [span(reasons[0]!, style), ...others];
}

/** Columns between the banner’s parts. */
const GAP = 3;

/**
 * The banner’s content in rows of at most `width` columns. Why it is not well goes before any figure: where the whole
 * sentence does not fit, it has a second row.
 */
export function bannerRows(snapshot: SanctumSnapshot, width: number): Row[] {
  const { status, tamiyo } = snapshot;
  const { ppo } = tamiyo;
  const figure = (label: string, text: string, value: number | null, rank: number): Part => ({
    row: value === null ? [] : [span(`${label} `, 'dim'), span(text)],
    rank,
  });
  const memory = memoryFigure(tamiyo.infrastructure);
  const level = row(`[${marks[status.level]}] ${word(snapshot)}`, levelStyle[status.level]);
  const counted = [...counter(tamiyo), ...(memory.length > 0 ? [span('  '), ...memory] : [])];
  const glance = joinByRank(
    [
      { row: level, rank: 1 },
      { row: counted, rank: 0 },
    ],
    width,
    GAP,
  );
  const why = reason(snapshot);
  const together = why.length > 0 && widthOf(glance) + GAP + widthOf(why) <= width;
  const head = together ? join([glance, why], ' '.repeat(GAP)) : glance;

  const own = snapshot.devices.find(device => device.rank === tamiyo.rank)?.pressure;
  const room = width - widthOf(head) - GAP;
  const figures = joinByRank(
    [
      { row: own ? pressureFigure(own) : [], rank: 0 },
      { row: own ? headroomFigure(own) : [], rank: 3 },
      figure('return', short(ppo.episodicReturn), ppo.episodicReturn, 1),
      tamiyo.batch === null ? figure('loss', short(ppo.totalLoss), ppo.totalLoss, 1) : { row: [], rank: 0 },
      figure('KL', short(ppo.approxKl), ppo.approxKl, 2),
      figure(tamiyo.batch === null ? 'samples/s' : 'SPS', scaled(ppo.stepsPerSecond), ppo.stepsPerSecond, 4),
      figure('entropy', short(ppo.entropy), ppo.entropy, 5),
      figure('expl.var', short(ppo.explainedVariance), ppo.explainedVariance, 6),
      figure('steps', scaled(ppo.totalSteps), ppo.totalSteps, 7),
    ],
    room,
    GAP,
  );
  const first =
    figures.length > 0 && widthOf(figures) <= room ? join([head, figures], ' '.repeat(GAP)) : head;
  return together || why.length === 0 ? [first] : [first, why];
}

/** The banner in a box whose border has the colour of the status and shows the run's progress. */
export function StatusBanner(snapshot: SanctumSnapshot, width: number): Row[] {
  const { status, tamiyo } = snapshot;
  const at = tamiyo.batch ?? tamiyo.step;
  const of = tamiyo.batch !== null ? tamiyo.maxBatches : tamiyo.maxSteps;
  const border = status.level === 'warning' ? 'yellow' : status.level === 'critical' ? 'red' : 'dim';
  const progress = at !== null && of ? at / of : null;
  return box({ title: row('STATUS', border), width, border, progress }, bannerRows(snapshot, width - 4));
}
