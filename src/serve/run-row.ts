/** A run as a row of the list: what the beginning and the end of its log say. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { stateWith } from '../follow/index.ts';
import { isWriterGone, type RunFolder, skimEvents } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import type { RunRow } from './api.ts';

const SPARKLINE = 48;

/** Throws what the disk says. */
export function skimRun(folder: string): SanctumSnapshot {
  let snapshot = emptySnapshot();
  for (const events of skimEvents(folder)) snapshot = reduceAll(snapshot, events);
  return snapshot;
}

/** What is known of a run before its log was looked at. */
export const unread = (run: RunFolder): RunRow => ({
  ...rowOf(run, emptySnapshot(), null),
  read: false,
  memory: null,
});

export function rowOf(run: RunFolder, snapshot: SanctumSnapshot, verdict: RunRow['verdict']): RunRow {
  const { tamiyo, status, vitals } = snapshot;
  const device = snapshot.devices.find(({ rank }) => rank === tamiyo.rank);
  return {
    id: run.id,
    name: run.name,
    createdMs: run.createdMs,
    read: true,
    state: stateWith(snapshot.run.state, isWriterGone(run.path)),
    level: status.level,
    reason: status.reasons[0] ?? null,
    algorithm: snapshot.run.algorithm ?? run.manifest?.algorithm ?? null,
    task: snapshot.run.task ?? run.manifest?.task ?? null,
    batch: tamiyo.batch ?? tamiyo.step,
    maxBatches: tamiyo.maxBatches ?? tamiyo.maxSteps,
    episodicReturn: tamiyo.ppo.episodicReturn,
    loss: tamiyo.ppo.totalLoss,
    memory: tamiyo.infrastructure,
    sparkline: (device?.history.memoryUsagePercent ?? [])
      .slice(-SPARKLINE)
      .map(value => (value === null ? null : Math.round(value * 10) / 10)),
    verdict,
    hasMemoryAlarm: vitals.hasMemoryAlarm,
    lastEventMs: snapshot.run.lastEventMs,
    problem: run.problem,
  };
}
