/** Mistakes that people make, and the one sentence that each is answered with: what is wrong, where, and what to do. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { beforeAll, expect, test, vi } from 'vitest';
import { explainCommand } from '../../src/cli/explain.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { runsCommand } from '../../src/cli/runs.ts';
import { serveCommand } from '../../src/cli/serve.ts';
import { snapshotCommand } from '../../src/cli/snapshot.ts';
import { watchCommand } from '../../src/cli/watch.ts';
import { judgedOf } from '../../src/runs/index.ts';
import { event, update } from '../events.ts';
import { writeRun } from '../log-files.ts';
import { scratch } from '../scratch.ts';

let home: string;
let runs: string;
const leak = '20260101-000000-slow-leak-aaaa';
beforeAll(() => {
  home = scratch('mistakes');
  runs = join(home, 'runs');
  mkdirSync(runs);
  writeFileSync(join(home, 'afile'), 'text');
  writeRun(runs, leak, [event('TRAINING_STARTED', { name: 'slow-leak' }), update(1)]);
  writeRun(runs, '20260101-000001-cartpole-bbbb', [
    event('TRAINING_STARTED', { name: 'cartpole' }),
    update(1),
  ]);
});

/** A command as it is typed, in this process: what it prints, and how it is refused. */
async function type(command: Command, ...args: string[]): Promise<string> {
  const out: string[] = [];
  const take = (text: unknown) => {
    out.push(String(text));
    return true;
  };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(take),
    vi.spyOn(console, 'error').mockImplementation(take),
    vi.spyOn(process.stdout, 'write').mockImplementation(take),
    vi.spyOn(process.stderr, 'write').mockImplementation(take),
  ];
  try {
    await command.exitOverride().parseAsync(args, { from: 'user' });
    return out.join('\n');
  } catch (error) {
    return `${out.join('\n')}refused: ${(error as Error).message}`;
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}
const own = () => ['--runs', runs];

test('a part of a name, and one with a slip, is answered with what may be meant', async () => {
  for (const mistake of ['slow', 'SLOW', 'leak', 'slwo-leak', 'slow-laek', 'slow-leek'])
    expect(await type(reportCommand(), mistake, ...own()), mistake).toContain(`Did you mean ${leak}?`);
  expect(await type(snapshotCommand(), 'kartpole', ...own())).toContain(
    'Did you mean 20260101-000001-cartpole-bbbb?',
  );
  const none = await type(reportCommand(), 'zebra', ...own());
  expect(none).toMatch(/refused: There is no run "zebra" in \/.*\/runs: the newest is .*cartpole/);
  expect(none).not.toContain('Did you mean');
});

test('RUN is a path, too: of a folder, or of a file in it', async () => {
  for (const path of [join(runs, leak), join(runs, leak, 'events-0.jsonl')])
    expect(JSON.parse(await type(snapshotCommand(), path, '--json')).run.name).toBe('slow-leak');
  expect(await type(reportCommand(), join(home, 'no', 'such'))).toMatch(
    /refused: There is no run at \/.*\/no\/such: a run's folder holds run\.json/,
  );
});

test('a folder of runs that is none is named, absolutely, whichever command is asked', async () => {
  const file = join(home, 'afile');
  for (const command of [
    runsCommand(),
    reportCommand(),
    snapshotCommand(),
    serveCommand(),
    explainCommand(),
  ]) {
    const args = command.name() === 'explain' ? ['norun'] : command.name() === 'serve' ? ['--port', '0'] : [];
    const answer = await type(command, ...args, '--runs', file);
    expect(answer, command.name()).toBe(`refused: ${file} is a file: --runs takes the folder of all runs.`);
  }
  expect(await type(runsCommand(), '--runs', join(home, 'none'))).toContain(
    `There are no runs in ${join(home, 'none')}, a folder that does not exist`,
  );
  const closed = join(home, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o000);
  // Root may read it all the same.
  if (process.getuid?.() !== 0)
    expect(await type(runsCommand(), '--runs', closed)).toBe(
      `refused: The folder ${closed} may not be read.`,
    );
  chmodSync(closed, 0o700);
});

test.each([
  ['80000', /--port takes a number up to 65535, not 80000\./],
  ['-1', /--port takes a whole number from 0 up, not "-1"\./],
  ['web', /--port takes a whole number from 0 up, not "web"\./],
])('a port of %s is refused', async (port, says) => {
  expect(await type(serveCommand(), `--port=${port}`, ...own())).toMatch(says);
});

test('a file of a kind that is not made is refused before anything is read, and the answer names the way to it', async () => {
  const pdf = join(home, 'x.pdf');
  expect(await type(reportCommand(), 'latest', '--out', pdf, ...own())).toMatch(
    /refused: --out takes a name that ends in \.html, .*, not \.pdf; an HTML report prints well as PDF/,
  );
  expect(await type(reportCommand(), 'latest', '--out', join(home, 'x.docx'), ...own())).toContain(
    'not .docx.',
  );
  expect(readdirSync(home)).not.toContain('x.pdf');
  expect(await type(reportCommand(), 'latest', '--out', join(home, 'none', 'x.md'), ...own())).toMatch(
    /refused: Cannot write .*x\.md: there is no folder \/.*\/none\.$/,
  );
  // As it is asked for, whatever the name.
  expect(await type(reportCommand(), 'latest', '--format', 'html', '--out', pdf, ...own())).toContain(
    'x.pdf',
  );
});

test('what cannot be watched leaves no run behind', async () => {
  const before = readdirSync(runs);
  expect(await type(watchCommand(), home, ...own())).toContain('refused: ');
  expect(await type(watchCommand(), join(home, 'none', 'train.log'), ...own())).toMatch(
    /refused: Cannot read .*train\.log: there is no folder \/.*\/none\.$/,
  );
  expect(readdirSync(runs)).toEqual(before);
});

test.each([
  ['', / is empty\.$/],
  [' \r\n\t\n', / is empty\.$/],
  ['a note\n', /^refused: Nothing in .* was recognised: no error, no ending/],
])('a text without an error to explain: %j', async (text, says) => {
  const file = join(home, 'pasted.txt');
  writeFileSync(file, text);
  expect(await type(explainCommand(), file, ...own())).toMatch(says);
});

test('verdicts are read of the newest runs up to a bound of bytes, and of all that are asked for by number', () => {
  const MIB = 2 ** 20;
  expect(judgedOf([], false)).toBe(0);
  expect(
    judgedOf(
      Array.from({ length: 300 }, () => 1000),
      false,
    ),
  ).toBe(300);
  expect(judgedOf([300 * MIB, 1, 1], false)).toBe(1);
  expect(judgedOf([100 * MIB, 100 * MIB, 100 * MIB], false)).toBe(2);
  expect(judgedOf([300 * MIB, 300 * MIB], true)).toBe(2);
});

test('the answer to a text is written where --out names, as text and as JSON', async () => {
  const text = join(home, 'killed.log');
  writeFileSync(text, 'slurmstepd: error: Detected 1 oom_kill event in StepId=7.0.\n');
  const [page, json] = [join(home, 'answer.txt'), join(home, 'answer.json')];
  expect(await type(explainCommand(), text, '--out', page)).toBe(page);
  expect(readFileSync(page, 'utf8')).toMatch('Whose memory: the host’s');
  expect(await type(explainCommand(), text, '--json', '--out', json)).toBe(json);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ whose: 'host' });
});

test('a text that gzip packed is unpacked, as far as it goes', async () => {
  const packed = gzipSync(
    `${'a line of no matter\n'.repeat(5000)}slurmstepd: error: Detected 1 oom_kill event in StepId=7.0.\n`,
  );
  const file = join(home, 'killed.log.gz');
  writeFileSync(file, packed);
  expect(await type(explainCommand(), file, ...own())).toMatch('Whose memory: the host’s');
  writeFileSync(file, packed.subarray(0, packed.length - 4));
  expect(await type(explainCommand(), file, ...own())).toMatch('Whose memory: the host’s');
  writeFileSync(file, packed.subarray(0, 12));
  expect(await type(explainCommand(), file, ...own())).toMatch(
    /^refused: Cannot read it: unexpected end of file/,
  );
});

test.each([0, 2])(
  'a document of the Hugging Face Trainer’s state, indented by %d, is a log',
  async indent => {
    const file = join(home, 'trainer_state.json');
    const records = [10, 20, 30].map(step => ({ epoch: step / 30, loss: 60 / step, step }));
    writeFileSync(
      file,
      JSON.stringify({ best_metric: null, log_history: records, max_steps: 90 }, null, indent),
    );
    expect(await type(explainCommand(), file, ...own())).toMatch('after step 30 of 90');
  },
);
