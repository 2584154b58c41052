/**
 * Golden files: event log → snapshot JSON → terminal frame. `npm run goldens` writes what the code gives now; read the
 * difference before you commit it.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SanctumSnapshot } from '../src/contract/index.ts';
import { emptyReport, readRun } from '../src/log/index.ts';
import { emptySnapshot, reduceAll } from '../src/reduce/index.ts';
import { frame, initialView } from '../src/sanctum/index.ts';

const FOLDER = 'test/golden/runs';

/** Names of the logs that have goldens. */
export const goldenRuns = (): string[] =>
  readdirSync(FOLDER)
    .filter(name => name.endsWith('.jsonl'))
    .map(name => basename(name, '.jsonl'));

const reduceLog = (name: string): SanctumSnapshot => {
  let snapshot = emptySnapshot();
  for (const events of readRun([join(FOLDER, `${name}.jsonl`)], emptyReport()))
    snapshot = reduceAll(snapshot, events);
  return snapshot;
};

/** Path → text of one log's goldens: its snapshot, and its frame 400 ms after its last event. */
export function goldensOf(name: string): Record<string, string> {
  const snapshot = reduceLog(name);
  const view = {
    ...initialView({ width: 120, height: 36, nowMs: (snapshot.run.lastEventMs ?? 0) + 400 }),
    timeZone: 'UTC',
  };
  return {
    [join(FOLDER, `${name}.snapshot.json`)]: `${JSON.stringify(snapshot, null, 1)}\n`,
    [join(FOLDER, `${name}.frame.txt`)]: `${frame(snapshot, view)
      .map(row => row.trimEnd())
      .join('\n')}\n`,
  };
}

if (process.argv[1]?.endsWith('write-goldens.ts'))
  for (const name of goldenRuns())
    for (const [path, text] of Object.entries(goldensOf(name))) writeFileSync(path, text);
