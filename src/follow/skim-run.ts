/** A run as it is listed: what the beginning and the end of its log come to. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { emptyReport, type ReadReport, skimEvents } from '../log/index.ts';
import { Reduction } from '../reduce/index.ts';

/** Sums and counts of events are not to be had from it. Throws as node:fs does where the folder cannot be read. */
export function skimRun(folder: string, report: ReadReport = emptyReport()): SanctumSnapshot {
  // One of thousands of ranks takes a tenth of a second to be made a snapshot of: once, not after each batch.
  const reduction = new Reduction();
  for (const events of skimEvents(folder, report)) for (const event of events) reduction.add(event);
  return reduction.snapshot();
}
