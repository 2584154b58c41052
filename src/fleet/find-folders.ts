/**
 * Run folders below a folder, nested ones and those that come later. A folder is listed again only where it changed: looking at
 * thousands of old runs costs a look at each folder.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isLog, isPlainName, MOST_LEVELS } from './names.ts';

/** A folder that changed a moment ago may have changed again without another time. */
const SETTLED_MS = 2000;

interface Listing {
  mtimeMs: number;
  listedMs: number;
  folders: string[];
  files: string[];
  isRun: boolean;
}

export interface FoundFolder {
  /** Path in the folder of runs, with `/`. */
  run: string;
  path: string;
  /** Names of its files, hidden ones and those that cannot travel left out. */
  files: readonly string[];
}

export class RunFolders {
  readonly #root: string;
  #listings = new Map<string, Listing>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Every run folder that is there now. Folders that cannot be read are left out. Never throws. */
  find(): FoundFolder[] {
    const found: FoundFolder[] = [];
    const seen = new Map<string, Listing>();
    const visit = (path: string, parts: readonly string[]): void => {
      const listing = this.#list(path);
      if (listing === null) return;
      seen.set(path, listing);
      if (listing.isRun && parts.length > 0) {
        found.push({ run: parts.join('/'), path, files: listing.files });
        return;
      }
      if (parts.length === MOST_LEVELS) return;
      for (const name of listing.folders) visit(join(path, name), [...parts, name]);
    };
    visit(this.#root, []);
    this.#listings = seen;
    return found;
  }

  #list(path: string): Listing | null {
    try {
      const now = Date.now();
      const stats = lstatSync(path);
      if (!stats.isDirectory()) return null;
      const { mtimeMs } = stats;
      const known = this.#listings.get(path);
      if (known?.mtimeMs === mtimeMs && known.listedMs - mtimeMs > SETTLED_MS) return known;
      const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => isPlainName(name));
      const names = (is: (entry: (typeof entries)[number]) => boolean) =>
        entries.filter(is).map(({ name }) => name);
      const files = names(entry => entry.isFile());
      const isRun = files.includes('run.json') || files.some(isLog) || files.some(isPackedLog);
      return {
        mtimeMs,
        listedMs: now,
        folders: isRun ? [] : names(entry => entry.isDirectory()),
        files,
        isRun,
      };
    } catch {
      return null;
    }
  }
}

const isPackedLog = (name: string): boolean => name.endsWith('.gz') && isLog(name.slice(0, -'.gz'.length));
