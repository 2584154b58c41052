/** A folder and those above it. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and the missing ones above it; nothing where it is there. Throws as node:fs does.
 *
 * In place of `mkdirSync(path, { recursive: true })`, which never returns where the system answers ENOENT for a folder
 * whose parent is there: below a working folder that was deleted, and in /proc.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  const missing: string[] = [];
  for (let at = folder; !isThere(at); at = dirname(at)) {
    missing.push(at);
    if (at === dirname(at)) break;
  }
  if (missing.length === 0 && !isFolder(folder)) mkdirSync(folder);
  for (const at of missing.reverse()) {
    try {
      mkdirSync(at);
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(at)) throw error;
    }
  }
}

const lookAt = (path: string) => {
  try {
    return statSync(path);
  } catch {
    return null;
  }
};
const isThere = (path: string): boolean => lookAt(path) !== null;
const isFolder = (path: string): boolean => lookAt(path)?.isDirectory() ?? false;

/** The path from the root on, so that a later chdir does not move it; as it is where there is no working folder any more. */
export function absolute(path: string): string {
  try {
    return resolve(path);
  } catch {
    return path;
  }
}
