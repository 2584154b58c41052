/** Where a path leads through links. */
import { realpathSync } from 'node:fs';

/** Null where nothing is there, or it cannot be followed. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
