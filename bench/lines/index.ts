/**
 * How often the verdict's line is the guilty one: programs with one fault each on the stand-in device (test/lines/programs.py), of
 * which most were held out of any tuning, and healthy ones. Run: npx tsx bench/lines [ENVIRONMENT [PROGRAM …]]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interpreter, rehearse } from '../../test/lines/rehearse.ts';

const [venv = 'torch-current', ...names] = process.argv.slice(2);
const python = interpreter(venv);
if (python === null) throw new Error(`no environment ${venv}: scripts/python-environments.sh makes it`);
const runs = mkdtempSync(join(tmpdir(), 'esper-bench-lines-'));
try {
  const all = rehearse(python, runs, names);
  for (const { name, set, guilty, named, isRight } of all)
    console.log(`${isRight ? '✓' : '✗'} ${name} (${set}): ${guilty ?? 'none'}, named ${named ?? 'none'}`);
  for (const set of ['tuned', 'held out'] as const) {
    const of = all.filter(one => one.set === set);
    const faulty = of.filter(({ guilty }) => guilty !== null);
    const healthy = of.filter(({ guilty }) => guilty === null);
    const right = (some: typeof all) => `${some.filter(({ isRight }) => isRight).length} of ${some.length}`;
    console.log(
      `${set}: the line of ${right(faulty)} faulty programs; none of ${right(healthy)} healthy ones`,
    );
  }
} finally {
  rmSync(runs, { recursive: true });
}
