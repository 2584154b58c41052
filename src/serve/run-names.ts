/** Names of the runs below a folder. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Paths of the folders that may be runs, `RUN` or `USER/RUN`: a folder that has no log of its own and folders in it holds runs. At most
 * so many levels down; links are not followed.
 */
export function namesIn(
  folder: string,
  depth: number,
  isKnown: (name: string) => boolean,
  before = '',
): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (!entry.isDirectory() || entry.name.startsWith('.')) return [];
    const name = `${before}${entry.name}`;
    // Looked into once: a run stays one.
    if (depth <= 1 || isKnown(name)) return [name];
    const path = join(folder, entry.name);
    try {
      const inner = readdirSync(path, { withFileTypes: true });
      const isRun = inner.some(({ name }) => name === 'run.json' || name.startsWith('events-'));
      return isRun || !inner.some(one => one.isDirectory())
        ? [name]
        : namesIn(path, depth - 1, isKnown, `${name}/`);
    } catch {
      return [name];
    }
  });
}
