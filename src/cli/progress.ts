/** How far a long reading is, on standard error where that is a terminal. */

/** Reading that takes longer than this shows its progress, this often. */
const PATIENCE_MS = 500;
const EVERY_MS = 100;

export interface Progress {
  /** @param read bytes read so far; asked for only where they are shown */
  show(read: () => number): void;
  /** Takes it away again. */
  end(): void;
}

/** @param total bytes that will be read; asked for only where they are shown */
export function readingProgress(total: () => number): Progress {
  const stderr = process.stderr.isTTY ? process.stderr : null;
  const all = stderr === null ? 0 : total();
  let dueMs = performance.now() + PATIENCE_MS;
  let isShown = false;
  return {
    show(read) {
      if (stderr === null || performance.now() < dueMs) return;
      dueMs = performance.now() + EVERY_MS;
      isShown = true;
      stderr.write(`\resper: reading ${Math.min(100, Math.floor((100 * read()) / Math.max(1, all)))}%`);
    },
    end() {
      if (isShown) stderr?.write('\r\x1b[K');
    },
  };
}
