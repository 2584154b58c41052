/** A copy of what the project is made of, for tests that change it. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Copies sources, schemas, scripts, tests and the Python client as they are now into `copy`; installed packages are linked. */
export async function copyProject(copy: string): Promise<void> {
  const { stdout } = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    { maxBuffer: 2 ** 24 },
  );
  for (const file of stdout
    .split('\0')
    .filter(file => /^(src|schema|scripts|python|test|[^/]*\.json)/.test(file))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(file, join(copy, file));
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
}
