/** Overwatch under a path of another server, and what load balancers ask. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basePathOf } from '../../src/serve/base-path.ts';
import { writeRun } from '../log-files.ts';
import { event, type Served, serve, update } from './fixture.ts';

const TOKEN = 'a-token-of-a-file-0123';
const id = '20260101-000000-under-aaaa';
const bearer = { authorization: `Bearer ${TOKEN}` };

describe('under a path', () => {
  let served: Served;
  beforeAll(async () => {
    const web = join('/tmp', `esper-base-path-${process.pid}`);
    mkdirSync(join(web, 'assets'), { recursive: true });
    writeFileSync(
      join(web, 'index.html'),
      '<html><head><script src="/assets/a.js"></script><link href="data:,x"></head></html>',
    );
    writeFileSync(join(web, 'assets/a.js'), '1;');
    served = await serve({ basePath: '/team/esper/', token: TOKEN, web });
    rmSync(web, { recursive: true });
    writeRun(served.runs, id, [event(0, 'TRAINING_STARTED', {}), update(1)]);
  });
  afterAll(() => served.end());

  test.each(['/team/esper', ''])('questions are answered where the proxy leaves "%s"', async left => {
    for (const path of [`/api/runs/${id}`, '/api/runs', '/metrics', '/assets/a.js', '/healthz'])
      expect((await served.get(`${left}${path}`, bearer)).status, path).toBe(path === '/metrics' ? 404 : 200);
    expect((await served.get(`${left}/api/nothing`, bearer)).status).toBe(404);
    expect((await served.get(`${left}/run/${id}`, bearer)).body).toBe(
      '<html><head>\n    <meta name="esper-base-path" content="/team/esper" />' +
        '<script src="/team/esper/assets/a.js"></script><link href="data:,x"></head></html>',
    );
  });

  test('a path that only begins alike is another', async () => {
    expect((await served.get(`/team/esperanto/api/runs`, bearer)).status).toBe(404);
    expect((await served.get('/team/esper', bearer)).status).toBe(200);
  });

  test('the link with the token leads there, and its cookie is sent nowhere else', async () => {
    for (const path of ['/team/esper/run/x', '/run/x']) {
      const { headers } = await served.get(`${path}?token=${TOKEN}&x=time`);
      expect(headers.location).toBe('/team/esper/run/x?x=time');
      expect(String(headers['set-cookie'])).toContain('Path=/team/esper/;');
    }
    expect(served.server.url).toContain('/team/esper/?token=');
  });

  test('on loopback too, where a token was given', async () => {
    expect((await served.get('/team/esper/api/runs')).status).toBe(401);
  });
});

test.each(['esper', '/a b', '/../x', '/a/../b', '//x', '/a"><script>', '/a?b', '/%2e', '/a/./b'])(
  'the path %s is refused',
  text => expect(() => basePathOf(text)).toThrow(/^--base-path takes [^\n]*\.$/),
);
test.each([
  ['', ''],
  ['/', ''],
  ['/esper', '/esper'],
  ['/esper/', '/esper'],
  ['/a/b.c-d_e~f', '/a/b.c-d_e~f'],
])('the path %s is %s', (text, path) => expect(basePathOf(text)).toBe(path));

test('health is answered to any host name and without a token; not where the runs cannot be listed', async () => {
  const served = await serve({ host: '0.0.0.0', token: TOKEN });
  try {
    const health = await served.get('/healthz', { host: '10.1.2.3:7070' });
    expect([health.status, health.body]).toEqual([200, '{"status":"ok"}']);
    rmSync(served.runs, { recursive: true });
    expect((await served.get('/healthz')).status).toBe(200);
    // A file in the folder's place, which root cannot list either.
    writeFileSync(served.runs, '');
    chmodSync(served.runs, 0o600);
    const { status, body } = await served.get('/healthz');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toEqual({ status: 'unhealthy', error: 'The runs cannot be listed: ENOTDIR.' });
  } finally {
    await served.end();
  }
});
