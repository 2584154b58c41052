/** The files of this repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceTree } from '../../src/figures/symbols.ts';

export { declares, type SourceTree } from '../../src/figures/symbols.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const sourceTree: SourceTree = file => {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
};
