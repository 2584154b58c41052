/**
 * What people note on a run after it was made: another name, tags, a note, whether it is archived. `labels.json` beside
 * `run.json`, which is written once; a run without labels has no such file.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunLabels, type RunLabels } from '../contract/index.ts';
import { readRegular, writeWhole } from '../disk/index.ts';

export const LABELS_FILE = 'labels.json';
const MOST_BYTES = 64 * 1024;

export const noLabels: Readonly<RunLabels> = { name: null, tags: [], note: null, archived: false };

/** Throws an Error of one sentence without its full stop where the file is there and holds no labels. */
export function readLabels(folder: string): RunLabels {
  const value: unknown = JSON.parse(readRegular(join(folder, LABELS_FILE), MOST_BYTES));
  if (!isRunLabels(value)) throw new Error(`${LABELS_FILE} holds no labels`);
  return value;
}

/** Whole or not at all; the file goes with the last label. Throws as node:fs does. */
export function writeLabels(folder: string, labels: RunLabels): void {
  const path = join(folder, LABELS_FILE);
  const { name, tags, note, archived } = labels;
  if (name === null && tags.length === 0 && note === null && !archived) rmSync(path, { force: true });
  else writeWhole(path, `${JSON.stringify({ name, tags, note, archived }, null, 2)}\n`);
}
