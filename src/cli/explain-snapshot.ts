/** `esper explain` on a memory snapshot of PyTorch: who held the memory at a moment, or what changed from one to another. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { answerOfDifference, answerOfSnapshot, momentOf, refusedText } from '../explain/index.ts';
import {
  accountOf,
  changesBetween,
  type Dump,
  type SnapshotMoment,
  snapshotReader,
  UnreadableSnapshot,
} from '../snapshots/index.ts';
import { CommandError } from './command-error.ts';
import { present } from './present.ts';
import { readSnapshot } from './read-snapshot.ts';
import { VERSION } from './version.ts';

export interface SnapshotOptions {
  diff?: string;
  at?: SnapshotMoment;
  json?: boolean;
  html?: boolean;
  out?: string;
}

/** Parser of `--at`. */
export function moment(text: string): SnapshotMoment {
  if (text === 'peak' || text === 'end') return text;
  const event = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(event) || event < 0)
    throw new CommandError(`--at takes peak, end or the number of an event from 0 up, not "${text}".`);
  return event;
}

/** Which of the options are of snapshots alone; null where none is given. */
export const snapshotOption = ({ diff, at, html }: SnapshotOptions): string | null =>
  diff !== undefined ? '--diff' : at !== undefined ? '--at' : html ? '--html' : null;

/** Explains the file, if it is a snapshot; whether it is. Throws a CommandError where it is a damaged or a hostile one. */
export async function explainSnapshot(path: string, options: SnapshotOptions): Promise<boolean> {
  const dump = await dumpOf(path);
  if (dump === null) return false;
  await show(dump, basename(path), options);
  return true;
}

/** The same for bytes of standard input. */
export async function explainSnapshotBytes(bytes: Uint8Array, options: SnapshotOptions): Promise<boolean> {
  const reader = snapshotReader(bytes, bytes.length);
  if (reader === null) return false;
  const name = 'standard input';
  const dump = refusing(name, () => {
    reader.push(bytes);
    return reader.end();
  });
  await show(dump, name, options);
  return true;
}

async function dumpOf(path: string): Promise<Dump | null> {
  const file = openSync(path, 'r');
  try {
    const dump = await readSnapshot(path, file, fstatSync(file).size);
    if (dump === null && /\.(pickle|pkl)(\.gz)?$/.test(path))
      throw new CommandError(
        `Cannot read ${path}: it is no pickle of protocol 2 to 5. A snapshot is what torch.cuda.memory._dump_snapshot() writes.`,
      );
    return dump;
  } catch (error) {
    throw reported(path, error);
  } finally {
    closeSync(file);
  }
}

/** What a command reports of a snapshot that cannot be read; any other error as it is. */
const reported = (path: string, error: unknown): unknown =>
  error instanceof UnreadableSnapshot ? new CommandError(`Cannot read ${path}: ${error.message}.`) : error;

function refusing<Made>(path: string, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw reported(path, error);
  }
}

async function show(dump: Dump, name: string, { diff, at, json, html, out }: SnapshotOptions): Promise<void> {
  // What two have in common is looked for where neither is in the middle of an update.
  const account = refusing(name, () => accountOf(dump, at ?? (diff === undefined ? null : 'end')));
  let other = null;
  if (diff !== undefined) {
    const otherDump = await otherOf(diff);
    other = refusing(diff, () => accountOf(otherDump, at ?? 'end'));
  }
  const changes = other === null ? null : changesBetween(account, other);
  const answer =
    changes === null ? answerOfSnapshot(name, account) : answerOfDifference(name, basename(diff!), changes);
  const { snapshotDocument } = await import('../report/index.ts');
  const page = {
    name: changes === null ? name : `${name}, then ${basename(diff!)}`,
    version: VERSION,
    says: answer.says,
    next: answer.next,
    moment: momentOf,
    blocked: account.devices.flatMap(({ refused }) => refused.map(refusedText)),
  };
  await present(
    { ...answer, snapshot: account, ...(changes === null ? {} : { other, difference: changes }) },
    () => snapshotDocument(changes === null ? account : { ...account, devices: [] }, page, changes),
    { format: json ? 'json' : html ? 'html' : 'terminal', out },
    name.replace(/\.gz$/, '').replace(/\.[^.]{1,16}$/, ''),
  );
}

async function otherOf(path: string): Promise<Dump> {
  let dump: Dump | null;
  try {
    dump = await dumpOf(path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}.`);
  }
  if (dump === null) throw new CommandError(`--diff takes another memory snapshot, and ${path} is none.`);
  return dump;
}
