/** Programs with a fault on the stand-in device, with stacks recorded, and the verdict on each. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { analyseRun } from '../../src/analysis/index.ts';
import { emptyReport, readRun } from '../../src/log/index.ts';
import { headline, judgementOf } from '../../src/present/index.ts';
import { interpreterOf } from '../environments.ts';

const root = join(import.meta.dirname, '../..');

/** The interpreter of an environment of scripts/python-environments.sh; null where it was not made. */
export function interpreter(venv: string): string | null {
  const path = interpreterOf(venv);
  return existsSync(path) && process.env.ESPER_TESTS_STANDIN !== 'off' ? path : null;
}

export interface Rehearsed {
  name: string;
  set: 'tuned' | 'held out';
  /** `programs.py:88`; null for a healthy program. */
  guilty: string | null;
  /** The line of the verdict; null where it names none. */
  named: string | null;
  headline: string;
  says: string;
  /** Whether that is right: the line, or none of a healthy program. */
  isRight: boolean;
}

/** Runs programs, all of them where none is named. Throws where one fails. */
export function rehearse(python: string, runs: string, names: string[] = []): Rehearsed[] {
  const program = join(import.meta.dirname, 'programs.py');
  const { stdout, stderr, status } = spawnSync(
    python,
    [
      '-m',
      'esper_telemetry.standin',
      '--quiet',
      '--values',
      'off',
      '--memory',
      '1GiB',
      program,
      runs,
      ...names,
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: join(root, 'python'), OMP_NUM_THREADS: '1' },
    },
  );
  if (status !== 0) throw new Error(`the programs failed: ${stderr.slice(-2000)}`);
  return stdout
    .trim()
    .split('\n')
    .map(line => {
      const { name, run, set, guilty, failures } = JSON.parse(line);
      if (failures > 0)
        throw new Error(`${name}: ${failures} failures of the client: ${stderr.slice(-2000)}`);
      const report = analyseRun(readRun(join(runs, run), emptyReport()));
      const judgement = judgementOf(report, report.run.state);
      const named = judgement.line?.line ?? null;
      const isRight = guilty === null ? named === null : named?.startsWith(`${guilty} `) === true;
      return {
        name,
        set,
        guilty,
        named,
        headline: headline(judgement).text,
        says: report.verdict.says,
        isRight,
      };
    });
}
