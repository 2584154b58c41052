/** docs/adding-a-figure.md, followed literally in a copy of the project: the figure then stands everywhere, and no edit can be left out. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import { scratch } from '../scratch.ts';
import { copyProject } from './project-copy.ts';

const run = promisify(execFile);

// Each runs the compiler, some a training.
vi.setConfig({ testTimeout: 400_000 });

interface Edit {
  file: string;
  /** Lines that are there, and after them lines to add. */
  hunks: { after: string[]; add: string[] }[];
}

/** The edits of the page: the first line of a block is its file; what begins with + is added after what stands before it. */
function editsIn(page: string): Edit[] {
  return [...page.matchAll(/^ {3}```diff\n(.*?)^ {3}```$/gms)].map(([, block]) => {
    const [file, ...lines] = block!
      .trimEnd()
      .split('\n')
      .map(line => line.slice(3));
    const hunks: Edit['hunks'] = [];
    for (const line of lines) {
      const last = hunks.at(-1);
      if (line.startsWith('+')) last!.add.push(line.slice(1));
      else if (last === undefined || last.add.length > 0) hunks.push({ after: [line.slice(1)], add: [] });
      else last.after.push(line.slice(1));
    }
    return { file: file!, hunks };
  });
}

const edits = editsIn(readFileSync('docs/adding-a-figure.md', 'utf8'));
const copy = scratch('adding-a-figure');
const tool = (...args: string[]) => run(process.execPath, args, { cwd: copy, maxBuffer: 2 ** 26 });
/** Type-checks the rooms that a figure of the learner goes through. */
const types = () => tool('node_modules/typescript/bin/tsc', '-p', 'tsconfig.figures.json');
const rooms = ['contract', 'figures', 'emit', 'reduce', 'workloads/ppo'];

function apply({ file, hunks }: Edit): void {
  let text = readFileSync(file, 'utf8');
  for (const { after, add } of hunks) {
    const place = `${after.join('\n')}\n`;
    expect(text.split(place), `${file} has, once: ${place}`).toHaveLength(2);
    text = text.replace(place, () => `${place}${add.join('\n')}\n`);
  }
  writeFileSync(join(copy, file), text);
}

const restore = ({ file }: Edit) => writeFileSync(join(copy, file), readFileSync(file));

beforeAll(async () => {
  await copyProject(copy);
  const include = rooms.map(room => `src/${room}`);
  const config = {
    extends: './tsconfig.base.json',
    compilerOptions: { types: ['node'], noEmit: true, incremental: true, tsBuildInfoFile: '.types' },
    include,
  };
  writeFileSync(join(copy, 'tsconfig.figures.json'), JSON.stringify(config));
  for (const edit of edits) apply(edit);
});

test('are at most four files and forty lines', () => {
  expect(edits.length).toBeGreaterThan(2);
  expect(new Set(edits.map(({ file }) => file)).size).toBeLessThanOrEqual(4);
  expect(edits.flatMap(({ hunks }) => hunks.flatMap(({ add }) => add)).length).toBeLessThanOrEqual(40);
});

test('the figure stands in Sanctum, Overwatch with its chart, the report, /metrics, help and its record', async () => {
  await types();
  const { stdout } = await tool('--import', 'tsx', 'test/house/new-figure.ts', 'deadFraction');
  const seen = JSON.parse(stdout);
  expect(seen.sanctum).toMatch(/dead units +0\.120/);
  expect(seen.page).toContain('data-chart="deadFraction"');
  expect(seen).toMatchObject({ chart: true, series: 0.12, history: 0.12 });
  expect(seen.report).toMatch(/Dead units +0\.120/);
  expect(seen.metrics).toMatch(/^esper_ppo_dead_fraction\{.*\} 0\.12$/m);
  expect(seen.help.join(' ')).toContain('dead units');
  expect(seen.record).toContain('[TELE-150] Dead Units');
});

test('the wiring tests run it from its real sources to its screens', async () => {
  await tool('--import', 'tsx', 'scripts/write-schemas.ts');
  const { stdout } = await tool('--import', 'tsx', 'test/wiring/main.ts', 'deadFraction', 'clipFraction');
  expect(stdout).toContain('2 records: 2 verified');
});

test.each(edits.map(edit => [edit.file, edit] as const))(
  'without the edit of %s the build or a test fails',
  async (file, edit) => {
    restore(edit);
    try {
      const failure = await types()
        .then(() => tool('node_modules/vitest/vitest.mjs', 'run', 'test/wiring/coverage.test.ts'))
        .then(
          () => null,
          (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
        );
      expect(failure, `${file} can be left out`).toMatch(/deadFraction/);
    } finally {
      apply(edit);
    }
  },
);
