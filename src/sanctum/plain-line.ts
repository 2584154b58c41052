/** The dashboard without a terminal: one plain line an update. */
import { printable, shortened } from '../base/index.ts';
import type { SanctumSnapshot } from '../contract/index.ts';
import {
  countedIn,
  etaMs,
  etaText,
  headline,
  isStepLoop,
  memoryFigure,
  nonFiniteText,
  type RunJudgement,
  reasonOf,
  scaled,
  short,
} from '../present/index.ts';

/** Of the verdict in a line that has other figures, too. */
const VERDICT_COLUMNS = 70;

/**
 * `batch 84/200  return 312.4  KL 0.011  entropy 0.54  [Mem:82%]  SPS 21.4k`; what was not measured is left out. The
 * verdict stands in the line as soon as something is wrong.
 */
export function plainLine(snapshot: SanctumSnapshot, judgement: RunJudgement | null = null): string {
  const { tamiyo, status } = snapshot;
  const { ppo, batch, maxBatches, step, maxSteps } = tamiyo;
  const stepLoop = isStepLoop(tamiyo);
  const of = (at: number | null, most: number | null) => (most === null ? `${at}` : `${at}/${most}`);
  const figure = (label: string, text: string, value: number | null) =>
    value === null ? '' : `${label} ${text}`;
  const at = batch ?? step;
  const left = etaMs(snapshot);
  const parts = [
    at === null ? '' : `${countedIn(tamiyo)} ${of(at, batch === null ? maxSteps : maxBatches)}`,
    figure('return', short(ppo.episodicReturn), ppo.episodicReturn),
    stepLoop ? figure('loss', short(ppo.totalLoss), ppo.totalLoss) : '',
    figure('KL', short(ppo.approxKl), ppo.approxKl),
    figure('entropy', short(ppo.entropy), ppo.entropy),
    ppo.nonFinite.map((name, i) => `${name} ${nonFiniteText(ppo.nonFiniteValues?.[i])}`).join(', '),
    memoryFigure(tamiyo.infrastructure)?.text ?? '',
    figure(stepLoop ? 'samples/s' : 'SPS', scaled(ppo.stepsPerSecond), ppo.stepsPerSecond),
    left === null ? '' : `ETA ${etaText(left, judgement).text}`,
    judgement !== null && reasonOf(judgement) !== null ? headline(judgement, VERDICT_COLUMNS).text : '',
    status.level === 'warning' || status.level === 'critical'
      ? `${status.level}: ${status.reasons[0] ?? ''}`
      : '',
  ];
  return printable(shortened(parts.filter(part => part !== '').join('  ')));
}
