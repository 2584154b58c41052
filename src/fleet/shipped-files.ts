/** The files that travel: of every run folder below a folder that is recent, or was when it was first seen. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { writerState } from '../log/index.ts';
import { RunFolders } from './find-folders.ts';
import { type FileName, isLock, isLog } from './names.ts';
import { ShippedFile } from './shipped-file.ts';

export interface Shipped {
  /** Folder of all runs. */
  runs: string;
  cluster: string;
  /** Larger files that are no logs are left out. */
  mostBytes: number;
  /** Runs that were not written for so long when they are first seen are left out. */
  sinceMs: number;
  /** Files are announced once they rested for so long. */
  announceMs?: number;
}

const ANNOUNCE_MS = 20_000;

export class ShippedFiles {
  readonly #options: Shipped;
  readonly #folders: RunFolders;
  #files = new Map<string, ShippedFile>();
  /** Runs that are shipped. */
  readonly #runs = new Set<string>();

  constructor(options: Shipped) {
    this.#options = options;
    this.#folders = new RunFolders(options.runs);
  }

  get all(): Iterable<ShippedFile> {
    return this.#files.values();
  }

  get size(): number {
    return this.#files.size;
  }

  of = (run: string, file: string): ShippedFile | undefined => this.#files.get(`${run}/${file}`);

  /** Looks for files that came, and forgets those whose run is gone. Never throws. */
  look(now: number): void {
    const files = new Map<string, ShippedFile>();
    for (const { run, path, files: names } of this.#folders.find()) {
      if (!this.#isRecent(run, path, names, now)) continue;
      const all = new Set([...names, ...names.flatMap(alsoLookedFor), 'labels.json']);
      for (const file of all) {
        if (!travels(file)) continue;
        const key = `${run}/${file}`;
        files.set(
          key,
          this.#files.get(key) ?? this.#newFile({ cluster: this.#options.cluster, run, file }, path),
        );
      }
    }
    this.#files = files;
  }

  /** Whether a run is to be shipped: once it is, for as long as it is there; an old one when it is written again. */
  #isRecent(run: string, path: string, names: readonly string[], now: number): boolean {
    if (this.#runs.has(run)) return true;
    const isOld = ![path, ...names.map(name => join(path, name))].some(place => {
      const mtimeMs = lstatSync(place, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      return now - mtimeMs < this.#options.sinceMs;
    });
    if (!isOld) this.#runs.add(run);
    return !isOld;
  }

  #newFile(name: FileName, folder: string): ShippedFile {
    const { file } = name;
    const rank = Number(/^events-(\d+)\./.exec(file)?.[1] ?? -1);
    return new ShippedFile({
      name,
      path: join(folder, file),
      isGone: () => isLock(file) && writerState(folder, rank) === 'gone',
      travelsGone: isLock(file) || file === 'labels.json' || isLog(file),
      mostBytes: this.#options.mostBytes,
      announceMs: this.#options.announceMs ?? ANNOUNCE_MS,
    });
  }
}

/** Files that may have gone while nobody shipped: a closed writer's lock, a log that was packed. */
const alsoLookedFor = (name: string): string[] =>
  isLog(name)
    ? [name.replace(/\.jsonl$/, '.lock')]
    : name.endsWith('.jsonl.gz')
      ? [name.slice(0, -'.gz'.length)]
      : [];

/** Checkpoints are to go on from, on the node; what is written beside its place is not there yet. */
const travels = (name: string): boolean => !/^checkpoint|\.lock\.|\.new$|\.tmp$/.test(name);
