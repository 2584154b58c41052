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

/** What is known of a run before its log was looked at. */
export function unread(run: RunFolder): Rows {
  const { row, listed } = rowsOf(run, emptySnapshot(), null);
  return { row: { ...row, read: false, memory: null }, listed };
}

type Newest = Pick<
  RunRow,
  | 'level'
  | 'reason'
  | 'loss'
  | 'memory'
  | 'sparkline'
  | 'verdict'
  | 'hasMemoryAlarm'
  | 'lastEventMs'
  | 'updateGapMs'
  | 'problem'
>;

/** Every field is written out: of what is spread into it V8 makes a class for each row, and thousands of those are slow to go through. */
const rowOf = (listed: ListedRun, newest: Newest): RunRow => ({
  id: listed.id,
  name: listed.name,
  createdMs: listed.createdMs,
  read: true,
  state: listed.state,
  level: newest.level,
  reason: newest.reason,
  algorithm: listed.algorithm,
  task: listed.task,
  batch: listed.batch,
  maxBatches: listed.maxBatches,
  episodicReturn: listed.episodicReturn,
  loss: newest.loss,
  memory: newest.memory,
  sparkline: newest.sparkline,
  verdict: newest.verdict,
  hasMemoryAlarm: newest.hasMemoryAlarm,
  lastEventMs: newest.lastEventMs,
  updateGapMs: newest.updateGapMs,
  tags: listed.tags,
  note: listed.note,
  archived: listed.archived,
  problem: newest.problem,
});

const verdictOf = (judgement: RunJudgement, { kind, says }: Pick<RunVerdict, 'kind' | 'says'>) => ({
  kind,
  says,
  reason: reasonOf(judgement),
  headline: headline(judgement),
  counted: judgement.counted,
});

/** What is known of a run that has ended from the last time that it was read: all but its newest readings. */
export function remembered(listed: ListedRun & { verdict: RunJudgement }): Rows {
  const { verdict, problem } = listed;
  const row = rowOf(listed, {
    level: (verdict.alarm ?? verdict.learner ?? verdict).level,
    reason: (verdict.alarm ?? verdict.learner)?.text ?? reasonOf(verdict),
    loss: null,
    memory: null,
    sparkline: [],
    verdict: verdictOf(verdict, { kind: verdict.kind ?? 'unmeasured', says: verdict.says }),
    hasMemoryAlarm: verdict.alarm?.device != null,
    lastEventMs: null,
    updateGapMs: null,
    problem,
  });
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
  const row = rowOf(listed, {
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
    updateGapMs: snapshot.run.updateGapMs,
    problem: run.problem,
  });
  return { row, listed };
}

const wordsOf = (whole: Whole): Pick<RunVerdict, 'kind' | 'says'> =>
  'report' in whole
    ? whole.report.verdict
    : { kind: whole.remembered.verdict.kind ?? 'unmeasured', says: whole.remembered.verdict.says };
