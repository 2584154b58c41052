/**
 * Test material that is not part of the repository: recorded logs, allocator dumps, traces. It lies in $ESPER_MATERIAL, else in a
 * folder `shared` beside the checkout. Where it is absent, a test skips, and its title shows it:
 *
 *   const log = material('field/p05-verl-sft.log');
 *   test.skipIf(!log)(`reads verl's SFT log${unlessMaterial('field/p05-verl-sft.log')}`, () => { readFileSync(log!) });
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(process.env.ESPER_MATERIAL ?? resolve(import.meta.dirname, '../../shared'));

/** Absolute path of a file or folder of the material; undefined where it is not there. */
export function material(path: string): string | undefined {
  const absolute = resolve(folder, path);
  return existsSync(absolute) ? absolute : undefined;
}

/** The end of a test's title, with what it is skipped for; empty where the material is there. */
export const unlessMaterial = (path: string): string =>
  material(path) === undefined ? ` (skipped: no test material ${path})` : '';
