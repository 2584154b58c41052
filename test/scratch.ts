/** Folders for tests, gone when the tests of the file that made them are done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

afterAll(() => {
  // A process that a test ended may still be writing its last.
  for (const folder of made.splice(0))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

/** A new, empty folder. */
export function scratch(label: string): string {
  const folder = mkdtempSync(join(tmpdir(), `esper-${label}-`));
  made.push(folder);
  return folder;
}
