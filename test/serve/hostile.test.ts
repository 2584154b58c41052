/** Clients and logs that mean no good: nobody gets in, nobody else waits, nothing is left open. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startServer } from '../../src/serve/index.ts';
import { writeRun } from '../log-files.ts';
import { event, type Served, serve, update } from './fixture.ts';

let served: Served;
let guarded: Served;
const id = '20260101-000000-hostile-aaaa';
beforeAll(async () => {
  served = await serve();
  guarded = await serve({ host: '0.0.0.0', token: 'aaaaaaaaaaaaaaaaaaaaaaaa' });
  writeRun(served.runs, id, [event(0, 'TRAINING_STARTED', { name: 'n' }), update(1), update(2)]);
});
afterAll(() => Promise.all([served.end(), guarded.end()]));

test('a HEAD of a live stream opens none', async () => {
  for (let i = 0; i < 300; i++) {
    const { status } = await served.get(`/api/runs/${id}/live`, {}, 'HEAD');
    expect([200, 429]).toContain(status);
    if (status === 429) await new Promise(resolve => setTimeout(resolve, 100));
  }
  const answer = await Promise.race([
    served.get(`/api/runs/${id}/live`),
    new Promise<null>(resolve => setTimeout(resolve, 1000, null)),
  ]);
  // A stream that goes on has no end to wait for; a refusal would have come at once.
  expect(answer).toBe(null);
});

test.each([
  'aaaaaaaaaaaaaaaaaaaaaaab',
  'a'.repeat(23),
  'a'.repeat(25),
  '%C3%A9'.repeat(24),
  '%C3%A9'.repeat(12),
  '',
  '%00'.repeat(24),
  '%F0%9F%98%80'.repeat(6),
])('the wrong token %s is refused everywhere, quietly', async wrong => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const raw = decodeURIComponent(wrong);
  const header = Buffer.from(raw).toString('latin1');
  const sendable = !header.includes('\0');
  expect((await guarded.get(`/api/runs?token=${wrong}`)).status).toBe(401);
  if (sendable)
    expect((await guarded.get('/api/runs', { authorization: `Bearer ${header}` })).status).toBe(401);
  if (sendable)
    expect((await guarded.get('/api/runs', { cookie: `esper_token=${header}` })).status).toBe(401);
  expect(error).not.toHaveBeenCalled();
  error.mockRestore();
});

test.each(['//evil.example/', '///evil.example', '/%5Cevil.example', '//evil.example//x'])(
  'the redirect of a token at %s stays here',
  async path => {
    const { status, headers } = await guarded.get(`${path}?token=aaaaaaaaaaaaaaaaaaaaaaaa`);
    expect(status).toBe(302);
    const target = new URL(String(headers.location), 'http://here.example/');
    expect(target.host).toBe('here.example');
  },
);

test('the address that is printed is one that is answered', async () => {
  for (const host of ['127.0.0.5', '127.1.2.3', 'localhost']) {
    const server = await startServer({ runs: served.runs, port: 0, host });
    expect((await fetch(new URL('/api/runs', server.url))).status).toBe(200);
    await server.close();
  }
});

test('an address or port that cannot be is a sentence', async () => {
  for (const [options, why] of [
    [{ host: '' }, /--host takes an address/],
    [{ host: ' ' }, /--host takes an address/],
    [{ port: 65_536 }, /--port takes a number up to 65535/],
    [{ port: 1e9 }, /--port takes a number up to 65535/],
  ] as const)
    await expect(startServer({ runs: served.runs, port: 0, host: '127.0.0.1', ...options })).rejects.toThrow(
      why,
    );
});

test('the same figure asked for many times is one', async () => {
  const figures = Array(32).fill('policyLoss').join(',');
  const { figures: given } = await served.ask<{ figures: object }>(
    `/api/runs/${id}/series?figures=${figures}&width=4096`,
  );
  expect(Object.keys(given)).toEqual(['policyLoss']);
});

/** How long a trivial question takes while the server is asked for something large, at worst: in processor time, not that of others. */
async function longestWait(work: Promise<unknown>): Promise<number> {
  let worst = 0;
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const before = process.cpuUsage();
    await served.get('/api/records');
    const { user, system } = process.cpuUsage(before);
    worst = Math.max(worst, (user + system) / 1000);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return worst;
}

test('a file of garbage keeps nobody else waiting', async () => {
  const garbage = join(served.runs, '20260101-000000-garbage-bbbb');
  mkdirSync(garbage);
  const first = `${JSON.stringify(event(0, 'TRAINING_STARTED', { name: 'g' }))}\n`;
  const last = `${JSON.stringify(update(1))}\n`;
  writeFileSync(join(garbage, 'events-0.jsonl'), first + 'x\n'.repeat(1_000_000) + last);
  const asked = served.ask<{ events: unknown[] }>(
    '/api/runs/20260101-000000-garbage-bbbb/events?rank=0&from=0',
  );
  expect(await longestWait(asked)).toBeLessThan(5000);
  expect((await asked).events).toHaveLength(2);
});

test('a value nested without end is a malformed line, not an error', async () => {
  const folder = join(served.runs, '20260101-000000-deep-cccc');
  mkdirSync(folder);
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const line = JSON.stringify(event(0, 'TRAINING_STARTED', { name: 'd', config: { a: 0 } })).replace(
    '"a":0',
    `"a":${deep}`,
  );
  writeFileSync(join(folder, 'events-0.jsonl'), `${line}\n${JSON.stringify(update(1))}\n`);
  for (const path of ['', '/events', '/report', '/report.html'])
    expect((await served.get(`/api/runs/20260101-000000-deep-cccc${path}`)).status, path).not.toBe(500);
  expect(
    (await served.ask<{ events: unknown[] }>('/api/runs/20260101-000000-deep-cccc/events')).events,
  ).toHaveLength(1);
});

test('a thousand clients that ask nothing, or half of it, keep nobody waiting, and are let go', async () => {
  const sockets = await Promise.all(
    Array.from({ length: 900 }, async (_, i) => {
      const socket = connect(served.server.port, '127.0.0.1');
      socket.on('error', () => {});
      await new Promise(resolve => socket.once('connect', resolve));
      if (i % 2 === 1) socket.write('GET / HT');
      return socket.resume();
    }),
  );
  const closed = Promise.all(sockets.map(socket => new Promise(resolve => socket.once('close', resolve))));
  expect((await served.get('/api/runs')).status).toBe(200);
  await closed;
  expect((await served.get('/api/runs')).status).toBe(200);
}, 60_000);
