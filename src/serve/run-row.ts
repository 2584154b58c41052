/** A run as a row of the list: what every list has of it, and what a page draws of its newest state. */

import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import { stateWith } from '../contract/index.ts';
import { isWriterGone, type RunFolder } from '../log/index.ts';
import { headline, judgementOf, type RunJudgement, reasonOf, withJudgement } from '../present/index.ts';
import { emptySnapshot } from '../reduce/index.ts';
import { type ListedRun, rowAfter } from '../runs/index.ts';
import type { RunRow, RunVerdict } from './api.ts';

const SPARKLINE = 48;

/** A row as the page draws it, and as columns and filters read it. */
export interface Rows {
  row: RunRow;
  listed: ListedRun;
}

/** What the whole log comes to, where it was read now or before. */
export type Whole =
  | { report: RunReport; peakBytes: number | null }
  | { remembered: ListedRun & { verdict: RunJudgement } };

const labelsOf = ({ tags, note, archived }: ListedRun) => ({ tags, note, archived });

/** What is known of a run before its log was looked at. */
export function unread(run: RunFolder): Rows {
  const { row, listed } = rowsOf(run, emptySnapshot(), null);
  return { row: { ...row, read: false, memory: null }, listed };
}

const verdictOf = (judgement: RunJudgement, { kind, says }: Pick<RunVerdict, 'kind' | 'says'>) => ({
  kind,
  says,
  reason: reasonOf(judgement),
  headline: headline(judgement),
});

/** What is known of a run that has ended from the last time that it was read: all but its newest readings. */
export function remembered(listed: ListedRun & { verdict: RunJudgement }): Rows {
  const { id, name, createdMs, state, algorithm, task, batch, maxBatches, episodicReturn, verdict } = listed;
  const row: RunRow = {
    ...{ id, name, createdMs, state, algorithm, task, batch, maxBatches, episodicReturn },
    ...labelsOf(listed),
    read: true,
    level: verdict.alarm?.level ?? verdict.level,
    reason: verdict.alarm?.text ?? reasonOf(verdict),
    loss: null,
    memory: null,
    sparkline: [],
    verdict: verdictOf(verdict, { kind: verdict.kind ?? 'unmeasured', says: verdict.says }),
    hasMemoryAlarm: verdict.alarm !== null,
    lastEventMs: null,
    problem: listed.problem,
  };
  return { row, listed };
}

/** @param whole null where the whole log was not read */
export function rowsOf(run: RunFolder, snapshot: SanctumSnapshot, whole: Whole | null): Rows {
  const state = stateWith(snapshot.run.state, isWriterGone(run.path));
  const judgement =
    whole === null
      ? null
      : 'report' in whole
        ? judgementOf(whole.report, state, snapshot)
        : whole.remembered.verdict;
  const { tamiyo, status, vitals } = judgement === null ? snapshot : withJudgement(snapshot, judgement);
  const device = snapshot.devices.find(({ rank }) => rank === tamiyo.rank);
  const peakBytes = whole === null ? null : 'report' in whole ? whole.peakBytes : whole.remembered.peakBytes;
  const listed = rowAfter(run, snapshot, state, judgement && { verdict: judgement, peakBytes });
  const { algorithm, task, batch, maxBatches, episodicReturn } = listed;
  const row: RunRow = {
    ...{ id: run.id, name: run.name, createdMs: run.createdMs },
    ...{ state, algorithm, task, batch, maxBatches, episodicReturn },
    ...labelsOf(listed),
    read: true,
    level: status.level,
    reason: status.reasons[0] ?? null,
    loss: tamiyo.ppo.totalLoss,
    memory: tamiyo.infrastructure,
    sparkline: (device?.history.pressureFraction ?? [])
      .slice(-SPARKLINE)
      .map(value => (value === null ? null : Math.round(value * 1000) / 10)),
    verdict: whole === null || judgement === null ? null : verdictOf(judgement, wordsOf(whole)),
    hasMemoryAlarm: vitals.hasMemoryAlarm,
    lastEventMs: snapshot.run.lastEventMs,
    problem: run.problem,
  };
  return { row, listed };
}

const wordsOf = (whole: Whole): Pick<RunVerdict, 'kind' | 'says'> =>
  'report' in whole
    ? whole.report.verdict
    : { kind: whole.remembered.verdict.kind ?? 'unmeasured', says: whole.remembered.verdict.says };
