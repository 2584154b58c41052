/** The digest of a file that travels whole: made by who sends it and by who writes it, and the same. */
import { createHash } from 'node:crypto';
import { closeSync } from 'node:fs';
import { openRegular, readAt } from '../disk/index.ts';

const CHUNK = 256 * 1024;

/** Of a file's first `size` bytes, or of all that it holds. Throws as `openRegular`. */
export function digestOf(path: string, size = Number.POSITIVE_INFINITY): string {
  const { fd } = openRegular(path);
  try {
    const hash = createHash('sha256');
    for (let at = 0; at < size; ) {
      const bytes = readAt(fd, at, Math.min(CHUNK, size - at));
      if (bytes.length === 0) break;
      hash.update(bytes);
      at += bytes.length;
    }
    return hash.digest('hex').slice(0, 32);
  } finally {
    closeSync(fd);
  }
}
