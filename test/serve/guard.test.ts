/** What must be refused, and what is bounded. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rateLimit } from '../../src/serve/guard.ts';
import { BURST, MAX_FIGURES, REQUESTS_PER_SECOND } from '../../src/serve/limits.ts';
import { writeRun } from '../log-files.ts';
import { event, type Served, serve, update } from './fixture.ts';

let served: Served;
const id = '20260101-000000-guarded-aaaa';
beforeAll(async () => {
  served = await serve();
  writeRun(served.runs, id, [event(0, 'TRAINING_STARTED', {}), update(1), update(2)]);
});
afterAll(() => served.end());

describe('paths', () => {
  test.each([
    '/api/runs/..',
    '/api/runs/../../etc/passwd',
    '/api/runs/%2e%2e',
    '/api/runs/%2e%2e%2f%2e%2e%2fetc',
    '/api/runs/..%2f..%2fetc/snapshot',
    '/api/runs/%2Fetc/snapshot',
    '/api/runs/%00/snapshot',
    '/../package.json',
    '/%2e%2e/package.json',
    '/assets/../../package.json',
    '/etc/passwd',
    '//etc/passwd',
  ])('%s leads nowhere', async path => {
    const { status, body } = await served.get(path);
    expect([400, 404]).toContain(status);
    expect(body).not.toMatch(/root:|esper-telemetry/);
  });

  test('a link out of the folder is no run', async () => {
    const outside = join(served.runs, '..', `esper-outside-${process.pid}`);
    mkdirSync(outside, { recursive: true });
    try {
      writeFileSync(join(outside, 'events-0.jsonl'), '');
      symlinkSync(outside, join(served.runs, 'linked'));
      expect((await served.get('/api/runs/linked/snapshot')).status).toBe(404);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });
});

test.each(['evil.example', 'evil.example:7070', '192.168.0.9', 'localhost.evil.example'])(
  'the host name "%s" is refused: it may have been bound to this address',
  async host => {
    expect((await served.get('/api/runs', { host })).status).toBe(403);
  },
);

test.each(['localhost:9999', '127.0.0.1', '[::1]:7070'])(
  '%s is this machine, at any tunnel’s port',
  async host => {
    expect((await served.get('/api/runs', { host })).status).toBe(200);
  },
);

test('other sites’ pages may not read, and nobody may write', async () => {
  expect(
    (await served.get('/api/runs', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).status,
  ).toBe(403);
  expect(
    (await served.get('/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).status,
  ).not.toBe(403);
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await served.get('/api/runs', {}, method)).status).toBe(405);
});

test.each([
  'series?width=5000',
  'series?width=1e99',
  'series?width=-1',
  'series?width=x',
  `series?figures=${Array.from({ length: MAX_FIGURES + 1 }, (_, i) => `f${i}`).join(',')}`,
  'events?limit=100000',
  'events?from=-1',
])('%s is refused in one sentence', async path => {
  const { status, body } = await served.get(`/api/runs/${id}/${path}`);
  expect(status).toBe(400);
  expect(JSON.parse(body).error).toMatch(/^[^\n]+\.$/);
});

test('a huge range costs no more than the run has', async () => {
  const { status, body } = await served.get(`/api/runs/${id}/series?figures=approxKl&from=-9e15&to=9e15`);
  expect(status).toBe(200);
  expect(JSON.parse(body).batch).toEqual([1, 2]);
});

test('headers: nothing from elsewhere, not in a frame, no sniffing', async () => {
  for (const path of ['/api/runs', '/nothing']) {
    const { headers } = await served.get(path);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('too long a header is refused', async () => {
  expect((await served.get('/api/runs', { 'x-long': 'x'.repeat(20_000) })).status).toBe(431);
});

test('too many requests at once are put off, each address by itself, until time has passed', async () => {
  let nowMs = 0;
  let address = 'a';
  const app = new Hono()
    .use(
      rateLimit(
        () => address,
        () => nowMs,
      ),
    )
    .get('/', c => c.text('here'));
  const ask = async () => (await app.request('/')).status;
  for (let i = 0; i < BURST; i++) expect(await ask()).toBe(200);
  expect(await ask()).toBe(429);
  address = 'b';
  expect(await ask()).toBe(200);
  address = 'a';
  nowMs = 1000;
  for (let i = 0; i < REQUESTS_PER_SECOND - 1; i++) expect(await ask()).toBe(200);
  expect([await ask(), await ask()]).toContain(429);
});

describe('at an address that others reach', () => {
  let open: Served;
  beforeAll(async () => {
    open = await serve({ host: '0.0.0.0', token: 'a-secret-of-some-length' });
  });
  afterAll(() => open.end());

  test('nothing is answered without the token', async () => {
    for (const path of ['/', '/api/runs', '/metrics', '/api/runs/x/live']) {
      expect((await open.get(path)).status).toBe(401);
      expect((await open.get(path, { authorization: 'Bearer wrong' })).status).toBe(401);
      expect((await open.get(`${path}?token=wrong`)).status).toBe(401);
    }
  });

  test.each([
    ['of its length', (token: string) => 'x'.repeat(token.length)],
    ['that differs in its last character', (token: string) => `${token.slice(0, -1)}~`],
    ['that is its beginning', (token: string) => token.slice(0, -1)],
    ['that goes on', (token: string) => `${token}x`],
    ['in other letters', (token: string) => token.toUpperCase()],
    ['of as many characters and more bytes', (token: string) => encodeURIComponent('é'.repeat(token.length))],
  ])('a token %s opens nothing: in a header, a cookie or a link', async (_, wrong) => {
    const token = wrong(open.server.token!);
    expect((await open.get('/api/runs', { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await open.get('/api/runs', { cookie: `esper_token=${token}` })).status).toBe(401);
    expect((await open.get(`/api/runs?token=${token}`)).status).toBe(401);
  });

  test('the token opens: in a header, or in the cookie that the link sets', async () => {
    const token = open.server.token!;
    expect((await open.get('/api/runs', { authorization: `Bearer ${token}` })).status).toBe(200);
    const { status, headers } = await open.get(`/run/x?token=${token}&x=time`);
    expect(status).toBe(302);
    expect(headers.location).toBe('/run/x?x=time');
    const cookie = String(headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await open.get('/api/runs', { cookie: cookie.split(';')[0]! })).status).toBe(200);
  });
});

test('a request that never ends is not waited for forever, and does not keep the server from closing', async () => {
  const other = await serve();
  const socket = connect(other.server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET /api/runs HTTP/1.1\r\nHost: localhost\r\n');
  await new Promise(resolve => setTimeout(resolve, 50));
  const began = performance.now();
  await other.end();
  expect(performance.now() - began).toBeLessThan(5000);
  socket.destroy();
});
