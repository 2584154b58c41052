/** Sinks against the real thing: an HTTP server that is slow, dead or fails, programs that fail or hang, a disk that refuses. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { AlarmNotice } from '../../src/alarms/index.ts';
import { commandSink, fileSink, secretKey, webhookSink } from '../../src/alerts/index.ts';
import { PATIENCE_MS } from '../patience.ts';
import { receiver } from '../receiver.ts';
import { scratch } from '../scratch.ts';

const notice = (batch: number): AlarmNotice => ({
  id: `run/pressure/0/cuda:0/${batch}`,
  what: 'raised',
  rule: 'pressure',
  level: 'critical',
  reason: 'pressure 0.95',
  run: 'run',
  name: null,
  rank: 0,
  device: 'cuda:0',
  timeMs: 1_700_000_000_000,
  raisedMs: 1_700_000_000_000,
  batch,
  figure: 'pressureFraction',
  value: 0.95,
  condition: 'pressure > 0.9',
  figures: { usedPercent: null },
});

const status =
  (code: number, headers = {}) =>
  (_: number, response: ServerResponse) =>
    response.writeHead(code, headers).end('whatever');

const webhook = (url: string, over = {}) =>
  webhookSink({
    url,
    secret: null,
    timeoutMs: PATIENCE_MS,
    attempts: 3,
    firstPauseMs: 10,
    random: () => 0,
    ...over,
  });

test('each notice comes once, in order, signed as in Standard Webhooks', async () => {
  const { url, posts } = await receiver(status(204));
  const secret = `whsec_${Buffer.from('a key of at least 24 bytes').toString('base64')}`;
  const sink = webhook(url, { secret });
  for (const batch of [1, 2, 3]) sink.deliver(notice(batch));
  await sink.close(PATIENCE_MS);
  expect(sink.stats()).toEqual({ delivered: 3, retries: 0, lost: 0, waiting: 0, problem: null });
  expect(posts.map(post => post.data.batch)).toEqual([1, 2, 3]);
  expect(JSON.parse(posts[0]!.body)).toEqual({
    type: 'alarm.raised',
    timestamp: '2023-11-14T22:13:20.000Z',
    data: notice(1),
  });
  for (const { body, headers } of posts) {
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const mac = createHmac('sha256', 'a key of at least 24 bytes').update(content).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  }
  expect(new Set(posts.map(post => post.headers['webhook-id'])).size).toBe(3);
});

test('a server that answers 500 is asked again, with the same id, until it has it', async () => {
  const { url, posts } = await receiver((n, response) => response.writeHead(n < 2 ? 500 : 200).end());
  const sink = webhook(url);
  sink.deliver(notice(1));
  await sink.close(PATIENCE_MS);
  expect(sink.stats()).toMatchObject({
    delivered: 1,
    retries: 2,
    lost: 0,
    problem: 'the webhook answered 500',
  });
  expect(new Set(posts.map(post => post.headers['webhook-id'])).size).toBe(1);
});

test('one that goes on answering 500 is given up after the attempts, and the next notice has its own', async () => {
  const { url, posts } = await receiver(status(500));
  const sink = webhook(url);
  sink.deliver(notice(1));
  sink.deliver(notice(2));
  await sink.close(PATIENCE_MS);
  expect(posts.map(post => post.data.batch)).toEqual([1, 1, 1, 2, 2, 2]);
  expect(sink.stats()).toMatchObject({ delivered: 0, retries: 4, lost: 2 });
});

test('what a server refuses for good, or sends elsewhere, is not tried again', async () => {
  for (const code of [400, 404, 302]) {
    const { url, posts } = await receiver(status(code, { location: 'http://127.0.0.1:1/' }));
    const sink = webhook(url);
    sink.deliver(notice(1));
    await sink.close(PATIENCE_MS);
    expect(posts).toHaveLength(1);
    expect(sink.stats()).toMatchObject({
      delivered: 0,
      retries: 0,
      lost: 1,
      problem: `the webhook answered ${code}`,
    });
  }
});

test('a server that asks for a pause gets it', async () => {
  const times: number[] = [];
  const { url } = await receiver((n, response) => {
    times.push(performance.now());
    response.writeHead(n === 0 ? 429 : 200, { 'retry-after': '1' }).end();
  });
  const sink = webhook(url);
  sink.deliver(notice(1));
  await sink.close(PATIENCE_MS);
  expect(sink.stats().delivered).toBe(1);
  expect(times[1]! - times[0]!).toBeGreaterThan(950);
});

test('a slow server holds up nobody but the queue, which is bounded: the oldest go, and are counted', async () => {
  const { url, posts } = await receiver((n, response) => {
    if (n > 0) response.writeHead(200).end();
  });
  const sink = webhook(url, { attempts: 1, capacity: 5, timeoutMs: 4000 });
  const began = performance.now();
  for (let batch = 1; batch <= 1000; batch++) sink.deliver(notice(batch));
  expect(performance.now() - began).toBeLessThan(1900);
  await sink.close(PATIENCE_MS);
  // All came in one turn, so the first that is tried is the oldest of the last five.
  expect(posts.map(post => post.data.batch)).toEqual([996, 997, 998, 999, 1000]);
  expect(sink.stats()).toMatchObject({
    delivered: 4,
    lost: 996,
    waiting: 0,
    problem: 'the webhook failed: no answer within 4000 ms',
  });
});

test('a server that is not there: retried, counted, and closing does not wait longer than it may', async () => {
  const { url, close } = await receiver(status(200));
  await close();
  const sink = webhook(url, { attempts: 100, firstPauseMs: 10_000 });
  sink.deliver(notice(1));
  sink.deliver(notice(2));
  await expect.poll(() => sink.stats().problem).not.toBeNull();
  const began = performance.now();
  await sink.close(100);
  expect(performance.now() - began).toBeLessThan(9000);
  expect(sink.stats()).toMatchObject({
    delivered: 0,
    lost: 2,
    waiting: 0,
    problem: 'the webhook failed: ECONNREFUSED',
  });
  sink.deliver(notice(3));
  expect(sink.stats().lost).toBe(3);
});

test('a secret that is none is refused in one sentence', () => {
  expect(() => secretKey('hunter2')).toThrow('must be whsec_ and Base64');
  expect(() => webhook('http://127.0.0.1', { secret: '' })).toThrow('must be whsec_ and Base64');
});

test('a program gets the figures in its environment, one notice after the other', async () => {
  const out = join(scratch('alerts'), 'out');
  const sink = commandSink({
    run: [
      'sh',
      '-c',
      `echo "$ESPER_ALARM_RULE $ESPER_ALARM_WHAT $ESPER_ALARM_VALUE $ESPER_ALARM_BATCH" >> "${out}"`,
    ],
    timeoutMs: PATIENCE_MS,
  });
  sink.deliver(notice(1));
  sink.deliver(notice(2));
  await sink.close(PATIENCE_MS);
  expect(readFileSync(out, 'utf8')).toBe('pressure raised 0.95 1\npressure raised 0.95 2\n');
  expect(sink.stats()).toMatchObject({ delivered: 2, lost: 0 });
});

test.each([
  ['fails', ['sh', '-c', 'exit 7'], PATIENCE_MS, 'sh ended with 7'],
  ['hangs, and what it started with it', ['sh', '-c', 'sleep 60 & wait'], 200, 'sh took longer than 200 ms'],
  ['is not there', ['/nowhere/program'], PATIENCE_MS, '/nowhere/program did not start: '],
])('a program that %s is counted, not tried again', async (_, run, timeoutMs, problem) => {
  const sink = commandSink({ run, timeoutMs });
  sink.deliver(notice(1));
  await sink.close(PATIENCE_MS);
  expect(sink.stats()).toMatchObject({ delivered: 0, lost: 1, retries: 0 });
  expect(sink.stats().problem).toContain(problem);
});

test('a file gets a JSON line each; a disk that refuses is counted', () => {
  const path = join(scratch('alerts'), 'alarms.jsonl');
  const sink = fileSink(path);
  sink.deliver(notice(1));
  sink.deliver(notice(2));
  expect(
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toEqual([notice(1), notice(2)]);
  const refused = fileSink('/nowhere/alarms.jsonl');
  refused.deliver(notice(1));
  expect(refused.stats()).toMatchObject({
    delivered: 0,
    lost: 1,
    problem: expect.stringContaining('ENOENT'),
  });
});

const canMount = (() => {
  const folder = scratch('mount');
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  if (status === 0) execFileSync('umount', [folder]);
  return status === 0;
})();

test.skipIf(!canMount)('a file on a full disk has whole lines only (needs root)', () => {
  const disk = join(scratch('alerts'), 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
  try {
    const path = join(disk, 'alarms.jsonl');
    const sink = fileSink(path);
    for (let i = 0; i < 200; i++) sink.deliver(notice(i));
    const { delivered, lost, problem } = sink.stats();
    expect(problem).toContain('ENOSPC');
    expect(delivered).toBeGreaterThan(0);
    expect(delivered + lost).toBe(200);
    const text = readFileSync(path, 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    expect(
      text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toHaveLength(delivered);
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

test('a pipe that nobody reads holds nobody', () => {
  const pipe = join(scratch('alerts'), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const sink = fileSink(pipe);
  sink.deliver(notice(1));
  expect(sink.stats()).toMatchObject({ delivered: 0, lost: 1, problem: expect.stringContaining('ENXIO') });
});

test('a timeout holds however often the garbage is collected', async () => {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  const { url } = await receiver(() => {});
  const sink = webhookSink({ url, secret: null, timeoutMs: 1000, attempts: 1 });
  sink.deliver(notice(0));
  const collecting = setInterval(collect, 20);
  try {
    await expect.poll(() => sink.stats().problem).toBe('the webhook failed: no answer within 1000 ms');
  } finally {
    clearInterval(collecting);
    await sink.close(0);
  }
});

test('no signal in the source is one that Node 20 may forget', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(path =>
    /\.tsx?$/.test(path),
  );
  expect(
    sources.filter(path => /AbortSignal\.(any|timeout)\(/.test(readFileSync(join('src', path), 'utf8'))),
  ).toEqual([]);
});

test.each([
  ['http://', /URL is none/],
  ['http://h:99999/', /URL is none/],
  ['http://[::1/', /URL is none/],
  ['not a url', /URL is none/],
  ['', /URL is none/],
  ['ftp://h/', /http or https, not of ftp/],
  ['file:///etc/passwd', /http or https, not of file/],
  ['https://user:hunter2@h/', /user and password/],
  ['https://user@h/', /user and password/],
])('the webhook %s is refused at once, in a sentence without its password', (url, why) => {
  const make = () => webhookSink({ url, secret: null, timeoutMs: 1000, attempts: 1 });
  expect(make).toThrow(why);
  expect(make).not.toThrow(/hunter2/);
});

test.each([
  ['a device of a megabyte', { device: 'd'.repeat(1_000_000) }],
  ['a reason of a megabyte', { reason: 'r'.repeat(1_000_000) }],
  ['a run with NUL', { run: 'a\0b', device: '\0' }],
  ['half a character', { device: '\ud800' }],
  ['shell words', { device: '$(touch pwned); `touch pwned`\n"; touch pwned' }],
])('a program is notified of %s', async (_, odd) => {
  const out = join(scratch('notified'), 'out');
  const sink = commandSink({
    run: ['sh', '-c', 'printf "%s" "$ESPER_ALARM" > "$0"', out],
    timeoutMs: 20_000,
  });
  sink.deliver({ ...notice(3), ...odd });
  await sink.close(PATIENCE_MS);
  expect(sink.stats()).toMatchObject({ delivered: 1, lost: 0, problem: null });
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ batch: 3, level: 'critical' });
});

test('a program that is not there, or may not run, is named', async () => {
  for (const [program, why] of [
    ['no-such-program', /did not start: there is no such program/],
    ['/etc/passwd', /did not start/],
  ] as const) {
    const sink = commandSink({ run: [program], timeoutMs: 5000 });
    sink.deliver(notice(0));
    await sink.close(PATIENCE_MS);
    expect(sink.stats().problem).toMatch(why);
  }
});

test('a program ends with its parent, however that one died', async () => {
  const file = join(scratch('held'), 'pid');
  const program = JSON.stringify(['sh', '-c', 'echo $$ > "$0"; sleep 300 & wait', file]);
  const code = `import('${join(import.meta.dirname, '../../src/alerts/index.ts')}').then(({ commandSink }) =>
    commandSink({ run: ${program}, timeoutMs: 1e6 }).deliver(${JSON.stringify(notice(0))}))`;
  const starter = spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: 'inherit' });
  const pid = () => Number(existsSync(file) && readFileSync(file, 'utf8').trimEnd());
  await expect.poll(pid).toBeGreaterThan(0);
  const group = -pid();
  starter.kill('SIGKILL');
  const isThere = () => {
    try {
      return process.kill(group, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(isThere).toBe(false);
});
