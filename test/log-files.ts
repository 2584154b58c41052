/** Logs for tests, as a trainer would write them. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TelemetryEvent } from '../src/contract/index.ts';

const fileOf = (folder: string, rank: number): string => join(folder, `events-${rank}.jsonl`);
const linesOf = (events: readonly TelemetryEvent[]): string =>
  events.map(event => `${JSON.stringify(event)}\n`).join('');

/** Writes a rank's log, or what comes after it. */
export const append = (folder: string, events: readonly TelemetryEvent[], rank = 0): void =>
  appendFileSync(fileOf(folder, rank), linesOf(events));

/** Writes a run into a folder of runs, one file a rank. @returns the run's folder */
export function writeRun(runs: string, id: string, events: readonly TelemetryEvent[]): string {
  const folder = join(runs, id);
  mkdirSync(folder, { recursive: true });
  for (const rank of new Set(events.map(event => event.rank)))
    writeFileSync(fileOf(folder, rank), linesOf(events.filter(event => event.rank === rank)));
  return folder;
}
