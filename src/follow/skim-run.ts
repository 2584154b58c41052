/** A run as it is listed: what the beginning and the end of its log come to. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { emptyReport, type ReadReport, skimEvents } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';

/** Sums and counts of events are not to be had from it. Throws as node:fs does where the folder cannot be read. */
export function skimRun(folder: string, report: ReadReport = emptyReport()): SanctumSnapshot {
  let snapshot = emptySnapshot();
  for (const events of skimEvents(folder, report)) snapshot = reduceAll(snapshot, events);
  return snapshot;
}
