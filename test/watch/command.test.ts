/** `esper watch` as a process: what a trainer in front of it, and a reader of its run, get to see. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SanctumSnapshot } from '../../src/contract/index.ts';
import { emptyReport, openRun, readRun, tailRun } from '../../src/log/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { golden } from './read-log.ts';
import { verlLog } from './synthetic.ts';

const COMMAND = new URL('./watch-command.ts', import.meta.url).pathname;
/** Bundled once: a transpiler in every child would take most of the time. Here, where packages are found. */
const BUNDLE = new URL('../../node_modules/.cache/esper/watch-command.mjs', import.meta.url).pathname;
const step = (n: number) => `step:${n} - actor/pg_loss:0.500 - actor/entropy:0.250\n`;

let folder: string;
let child: ChildProcessWithoutNullStreams;
let errors = '';

beforeAll(() => {
  buildSync({
    entryPoints: [COMMAND],
    outfile: BUNDLE,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'esper-watch-'));
  errors = '';
});
afterEach(async () => {
  if (child.exitCode === null) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function start(...args: string[]): void {
  // Detached: without a terminal, however this test is run.
  child = spawn(process.execPath, [BUNDLE, ...args, '--runs', join(folder, 'runs')], { detached: true });
  child.stderr.setEncoding('utf8').on('data', text => {
    errors += text;
  });
}
const ended = async () => {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
};
const output = async () => {
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
/** Feeds the pipe as a trainer does, which waits while nobody reads. */
async function feed(text: string | Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => child.stdin.write(text, e => (e ? reject(e) : resolve())));
}
async function runFolder(): Promise<string> {
  const ids = () => readdir(join(folder, 'runs')).catch(() => []);
  await expect.poll(async () => (await ids()).length || errors, { interval: 10 }).toBe(1);
  return join(folder, 'runs', (await ids())[0]!);
}
async function snapshot(): Promise<SanctumSnapshot> {
  let state = emptySnapshot();
  for (const events of readRun(await runFolder(), emptyReport())) state = reduceAll(state, events);
  return state;
}

describe('a pipe', () => {
  test('hands every byte on, and becomes a run that holds what the log holds', async () => {
    const log = Buffer.concat([
      Buffer.from(golden('verl.log')),
      Buffer.from([0xff, 0x00, 0x0d, 0x0a]),
      Buffer.from('no end'),
    ]);
    start('-', '--json', '--sanctum');
    child.stdin.end(log);
    expect((await output()).equals(log)).toBe(true);
    expect(await ended()).toBe(0);
    const { run, tamiyo, ranks } = await snapshot();
    expect(run.state).toBe('failed');
    expect(tamiyo.batch).toBe(3);
    expect(ranks[0]!.phases.length).toBeGreaterThan(3);
    expect(errors).toMatch(/Sanctum needs a terminal .* going on without/);
    const summary = JSON.parse(errors.trim().split('\n').at(-1)!);
    expect(summary).toMatchObject({ format: 'verl', torn: 0, lost: 0 });
  });

  test('is drained while nobody takes the output', async () => {
    const { text } = verlLog('drain', 12_000);
    start('-');
    await feed(text);
    child.stdin.end();
    const events = join(await runFolder(), 'events-0.jsonl');
    const last = async () => (await readFile(events, 'utf8').catch(() => '')).slice(-400);
    await expect.poll(last).toMatch(/"TRAINING_(?:COMPLETED|FAILED)"/);
    const { run } = await snapshot();
    expect(run.state).not.toBe('running');
    expect((await output()).equals(Buffer.from(text))).toBe(true);
  });

  test('is drained when the output is closed', async () => {
    const { text } = verlLog('closed', 12_000);
    start('-');
    child.stdout.destroy();
    await feed(text);
    await feed(step(999_999));
    child.stdin.end();
    expect(await ended()).toBe(0);
    expect((await snapshot()).tamiyo.batch).toBe(999_999);
    expect(errors).toMatch(/bytes were not handed on: .*EPIPE/);
  });

  test('is handed on where no run can be made, and drained where its folder is taken away', async () => {
    await writeFile(join(folder, 'runs'), 'a file');
    start('-');
    child.stdin.end(step(1));
    expect((await output()).toString()).toBe(step(1));
    expect(await ended()).toBe(0);
    expect(errors).toMatch(/Cannot create a run in .* handed on and not read/);

    await rm(join(folder, 'runs'));
    start('-', '--json');
    const all = output();
    await feed(step(1));
    const path = await runFolder();
    await expect.poll(() => openRun(path), { interval: 10 }).not.toBeNull();
    // At once: the writer would make the folder again.
    await writeFile(join(folder, 'file'), '');
    renameSync(join(folder, 'runs'), join(folder, 'elsewhere'));
    renameSync(join(folder, 'file'), join(folder, 'runs'));
    for (let n = 2; n < 20; n++) {
      await feed(step(n));
      await setTimeout(50);
    }
    child.stdin.end();
    expect((await all).toString()).toBe(Array.from({ length: 19 }, (_, i) => step(i + 1)).join(''));
    expect(await ended()).toBe(0);
    expect(JSON.parse(errors.trim().split('\n').at(-1)!).lost).toBeGreaterThan(5);
  });

  test.skipIf(process.platform !== 'linux')('is drained after q in Sanctum, and shown again', async () => {
    const done = join(folder, 'trainer-done');
    const trainer = `until [ -e ${done} ]; do echo 'step:'$((n += 1))' - actor/pg_loss:0.500 - actor/entropy:0.250' || break; sleep 0.05; done; echo DONE >&2; echo LAST`;
    const watch = `${process.execPath} --import tsx ${COMMAND} - --sanctum --runs ${join(folder, 'runs')}`;
    child = spawn(
      'script',
      ['-qfec', `(${trainer}) | ${watch}; echo EXIT ${'$'}{PIPESTATUS[*]}`, '/dev/null'],
      {
        env: { ...process.env, SHELL: '/bin/bash', TERM: 'xterm-256color', NODE_ENV: 'production' },
      },
    );
    let screen = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      screen += text;
    });
    const shows = (text: string) => expect.poll(() => screen, { interval: 10 }).toContain(text);
    // Sanctum's own screen, with a batch on it.
    await shows('Batch:');
    expect(screen).not.toContain('step:');
    child.stdin.write('q');
    await shows('step:');
    await writeFile(done, '');
    await shows('EXIT 0 0');
    expect(screen).toMatch(/LAST/);
    // The log knows no end, and its trainer printed no final line.
    expect((await snapshot()).run.state).toBe('unknown');
  });

  test('goes on through Ctrl-C and a closed terminal until the trainer has ended', async () => {
    start('-');
    const all = output();
    let text = '';
    child.stdout.on('data', chunk => {
      text += chunk;
    });
    await feed(step(1));
    await runFolder();
    child.kill('SIGHUP');
    child.kill('SIGINT');
    // It takes its signals before what comes after them.
    await feed(step(2));
    await expect.poll(() => text).toContain(step(2));
    child.stdin.end();
    expect((await all).toString()).toBe(step(1) + step(2));
    expect(await ended()).toBe(130);
    const { run, tamiyo } = await snapshot();
    expect([run.state, tamiyo.batch]).toEqual(['interrupted', 2]);
  });
});

describe('a file', () => {
  test('that grows is in the snapshot within half a second, and Ctrl-C ends the run', async () => {
    const path = join(folder, 'train.log');
    await writeFile(path, step(1));
    start(path);
    const stop = new AbortController();
    let state = emptySnapshot();
    const following = (async () => {
      for await (const events of tailRun(await runFolder(), { signal: stop.signal }))
        state = reduceAll(state, events);
    })();
    const seen = async (batch: number) => {
      const began = performance.now();
      await expect.poll(() => state.tamiyo.batch, { interval: 5 }).toBe(batch);
      return performance.now() - began;
    };
    await seen(1);
    const latencies: number[] = [];
    for (let n = 2; n < 12; n++) {
      await appendFile(path, step(n));
      latencies.push(await seen(n));
      await setTimeout(20 * (n % 4));
    }
    // The usual one: a machine that stalls delays some.
    expect(latencies.sort((a, b) => a - b)[latencies.length >> 1]).toBeLessThan(500);
    child.kill('SIGINT');
    expect(await ended()).toBe(130);
    stop.abort();
    await following;
    expect((await snapshot()).run.state).toBe('interrupted');
  });

  test('whose trainer has ended is read and left; what it was is reported', async () => {
    const path = join(folder, 'run.log');
    await writeFile(path, golden('torchtitan-ranks.log'));
    start(path, '--no-follow', '--json', '--name', 'titan');
    const summary = JSON.parse((await output()).toString());
    expect(await ended()).toBe(0);
    expect(summary).toMatchObject({ format: 'torchtitan', events: 12, repeated: 1, lost: 0 });
    const state = await snapshot();
    expect([state.run.name, state.run.state, state.ranks.length]).toEqual(['titan', 'completed', 2]);
  });

  test('has its answer printed at its end: how it ended, whose memory it was, what to try', async () => {
    const path = join(folder, 'run.log');
    const text =
      'CUDA out of memory. Tried to allocate 6.00 GiB. GPU 0 has a total capacity of 8.00 GiB of which 2.00 GiB is free.';
    await writeFile(
      path,
      `${step(1)}${step(2)}Traceback (most recent call last):\n  File "/w/train.py", line 7, in step\ntorch.OutOfMemoryError: ${text}\n`,
    );
    start(path, '--no-follow');
    const printed = (await output()).toString();
    expect(await ended()).toBe(0);
    expect(printed).toContain('\nThe training: failed at batch 2.\n✗ out of memory after batch 2');
    expect(printed).toContain('\n  Raised at: /w/train.py, line 7, in step.\n');
    expect(printed).toMatch(/\n {2}To try: .*\n {2}More: .*report .*\n {2}To look: .*sanctum\S* /s);
  });

  test('shows no earlier loss as that of its last step, where that was not a number', async () => {
    const path = join(folder, 'run.log');
    await writeFile(path, 'iter 8: loss 4.2500, time 1.5ms\niter 9: loss nan, time 1.5ms\n');
    start(path, '--no-follow');
    expect((await output()).toString()).toContain('at step 9, loss NaN.\n');
  });

  test('has no ending and no answer where Ctrl-C ended the reading alone', async () => {
    const path = join(folder, 'run.log');
    await writeFile(path, step(1) + step(2));
    start(path);
    const printed = output();
    await expect.poll(async () => (await snapshot()).tamiyo.batch, { interval: 20 }).toBe(2);
    child.kill('SIGINT');
    expect(await ended()).toBe(130);
    expect((await printed).toString()).toMatch(/^2 lines as verl: .*\n {2}More: .*\n {2}To look: .*\n$/);
  });

  test('that is not there is refused in one sentence', async () => {
    start('nowhere.log', '--no-follow');
    expect(await ended()).toBe(1);
    expect(errors).toBe(
      "esper: Cannot read nowhere.log: ENOENT: no such file or directory, open 'nowhere.log'.\n",
    );
  });
});
