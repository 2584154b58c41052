/** A run as a row of the list: from the beginning and the end of its log. */

import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import { stateWith } from '../contract/index.ts';
import { isWriterGone, type RunFolder } from '../log/index.ts';
import { headline, judgementOf, reasonOf, withJudgement } from '../present/index.ts';
import { emptySnapshot } from '../reduce/index.ts';
import type { RunRow } from './api.ts';

const SPARKLINE = 48;

/** What is known of a run before its log was looked at. */
export const unread = (run: RunFolder): RunRow => ({
  ...rowOf(run, emptySnapshot(), null),
  read: false,
  memory: null,
});

/** @param report on the whole log; null where it was not read */
export function rowOf(run: RunFolder, snapshot: SanctumSnapshot, report: RunReport | null): RunRow {
  const state = stateWith(snapshot.run.state, isWriterGone(run.path));
  const judgement = report === null ? null : judgementOf(report, state, snapshot);
  const { tamiyo, status, vitals } = judgement === null ? snapshot : withJudgement(snapshot, judgement);
  const device = snapshot.devices.find(({ rank }) => rank === tamiyo.rank);
  return {
    id: run.id,
    name: run.name,
    createdMs: run.createdMs,
    read: true,
    state,
    level: status.level,
    reason: status.reasons[0] ?? null,
    algorithm: snapshot.run.algorithm ?? run.manifest?.algorithm ?? null,
    task: snapshot.run.task ?? run.manifest?.task ?? null,
    batch: tamiyo.batch ?? tamiyo.step,
    maxBatches: tamiyo.maxBatches ?? tamiyo.maxSteps,
    episodicReturn: tamiyo.ppo.episodicReturn,
    loss: tamiyo.ppo.totalLoss,
    memory: tamiyo.infrastructure,
    sparkline: (device?.history.pressureFraction ?? [])
      .slice(-SPARKLINE)
      .map(value => (value === null ? null : Math.round(value * 1000) / 10)),
    verdict:
      report === null || judgement === null
        ? null
        : {
            kind: report.verdict.kind,
            says: report.verdict.says,
            reason: reasonOf(judgement),
            headline: headline(judgement),
          },
    hasMemoryAlarm: vitals.hasMemoryAlarm,
    lastEventMs: snapshot.run.lastEventMs,
    problem: run.problem,
  };
}
