/**
 * What `esper watch` is given → what is read: a log; a folder, in which a trainer's own files are found; TensorBoard's event files; one
 * JSON document, as `trainer_state.json` and a notebook.
 */
import { closeSync, type Dirent, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseJsonFile } from '../base/index.ts';
import { isNotebook, outputsOf } from './notebook-outputs.ts';

export type LogSource =
  | { kind: 'lines'; path: string }
  /** Files of one training, the oldest first. */
  | { kind: 'events'; paths: string[] }
  | { kind: 'document'; path: string };

/** Files that trainers write, those that say most first. */
const KNOWN: readonly [kind: LogSource['kind'], name: RegExp][] = [
  ['document', /^trainer_state\.json$/],
  ['lines', /^result\.json$/],
  [
    'lines',
    /^(?:progress\.csv|progress\.json|metrics\.csv|metrics\.jsonl?|logging\.jsonl|trainer_log\.jsonl)$/,
  ],
  ['events', /^events\.out\.tfevents\./],
];
const DEPTH = 5;
const MOST_FILES = 10_000;

/** Throws an Error of one sentence where a folder has nothing that is read. `onNotice` gets what was chosen among several. */
export function sourceOf(path: string, onNotice: (notice: string) => void): LogSource {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return sourceIn(path, onNotice);
  if (stat?.isFile()) {
    if (/tfevents/.test(path)) return { kind: 'events', paths: [path] };
    if (isNotebook(path) || (/\.json$/.test(path) && isStateDocument(path)))
      return { kind: 'document', path };
  }
  return { kind: 'lines', path };
}

/** TensorBoard's event files of a path, a file or a folder with one training's at least; null where it has none. */
export function eventFilesOf(path: string, onNotice: (notice: string) => void): string[] | null {
  const events = KNOWN.filter(([kind]) => kind === 'events');
  const found = statSync(path).isFile() ? sourceOf(path, onNotice) : foundIn(path, onNotice, events);
  return found?.kind === 'events' ? found.paths : null;
}

function sourceIn(folder: string, onNotice: (notice: string) => void): LogSource {
  const found = foundIn(folder, onNotice, KNOWN);
  if (found !== null) return found;
  throw new Error(
    `${folder} has no file of a trainer that is read: TensorBoard’s event files, progress.csv, metrics.csv, result.json, trainer_state.json. Name a log inside it.`,
  );
}

/** Files of the first of these kinds that a folder has; null for none. */
function foundIn(folder: string, onNotice: (notice: string) => void, kinds: typeof KNOWN): LogSource | null {
  const refused: string[] = [];
  const files = filesIn(folder, DEPTH, refused);
  if (refused.length > 0)
    onNotice(
      `${refused[0]}${refused.length === 1 ? '' : `, and ${refused.length - 1} folders more`} cannot be read: what lies there is not watched.`,
    );
  for (const [kind, name] of kinds) {
    const found = files.filter(file => name.test(file.name));
    if (found.length === 0) continue;
    // Of several trainings, the newest.
    const newest = found.reduce((a, b) => (b.modifiedMs > a.modifiedMs ? b : a));
    const own = found
      .filter(file => file.folder === newest.folder)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const folders = new Set(found.map(file => file.folder));
    if (folders.size > 1)
      onNotice(`${folder} has files of ${folders.size} trainings: the newest is read, ${newest.folder}.`);
    if (kind === 'events') return { kind, paths: own.map(file => join(file.folder, file.name)) };
    return { kind, path: join(newest.folder, newest.name) };
  }
  return null;
}

interface Found {
  folder: string;
  name: string;
  modifiedMs: number;
}

/** One folder that cannot be listed hides no other: it is added to `refused`. Throws where it is the first. */
function filesIn(folder: string, depth: number, refused: string[]): Found[] {
  const found: Found[] = [];
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (depth === DEPTH) throw error;
    refused.push(folder);
    return [];
  }
  for (const entry of entries) {
    if (found.length >= MOST_FILES) break;
    if (entry.isFile() && KNOWN.some(([, name]) => name.test(entry.name)))
      found.push({
        folder,
        name: entry.name,
        modifiedMs: statSync(join(folder, entry.name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
      });
    else if (entry.isDirectory() && depth > 0 && !entry.name.startsWith('.'))
      found.push(...filesIn(join(folder, entry.name), depth - 1, refused));
  }
  return found;
}

/** Whether a text begins as such a document does, in one line or many. */
export const isState = (text: string): boolean =>
  /^\s*\{\s*"/.test(text) && /"log_history": {0,4}\[/.test(text);

/** Whether a JSON file is one document of the Hugging Face Trainer's state, not a record a line. */
function isStateDocument(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(64 * 1024);
    const text = start.toString('utf8', 0, readSync(file, start, 0, start.length, 0));
    return isState(text);
  } finally {
    closeSync(file);
  }
}

/** A state document's records, as JSON lines; what a notebook's cells printed. Throws an Error of one sentence where it is no JSON. */
export function documentText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    return isNotebook(path) ? outputsOf(text) : recordsIn(text).join('\n');
  } catch (error) {
    throw new Error(`${path} is no JSON document: ${(error as Error).message}.`);
  }
}

/** The same of a document's text. Throws where it is no JSON. */
export function recordsIn(text: string): string[] {
  const state = parseJsonFile(text) as { log_history?: Record<string, unknown>[]; max_steps?: number };
  return (state.log_history ?? []).map(record => JSON.stringify({ ...record, max_steps: state.max_steps }));
}
