/** Live streams: what comes, what is resumed, and readers that do not read. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bannerFigures, judgementOf, system } from '../../src/present/index.ts';
import type { LiveMessage } from '../../src/serve/index.ts';
import { append, writeRun } from '../log-files.ts';
import { event, type Served, serve, update } from './fixture.ts';

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.end());

interface Message {
  id: string;
  data: LiveMessage;
}

/** A reader of a stream; `next` waits for the first message that passes the test. */
function listen(id: string, headers: Record<string, string> = {}, query = '') {
  const messages: Message[] = [];
  let buffer = '';
  const asked = request(
    {
      host: '127.0.0.1',
      port: served.server.port,
      agent: false,
      path: `/api/runs/${id}/live${query}`,
      headers,
    },
    answer => {
      answer.setEncoding('utf8');
      answer.on('error', () => {});
      answer.on('data', chunk => {
        buffer += chunk;
        for (let end = buffer.indexOf('\n\n'); end !== -1; end = buffer.indexOf('\n\n')) {
          const fields = new Map(
            buffer
              .slice(0, end)
              .split('\n')
              .map(
                field => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 2)] as const,
              ),
          );
          buffer = buffer.slice(end + 2);
          if (fields.has('data'))
            messages.push({ id: fields.get('id') ?? '', data: JSON.parse(fields.get('data')!) });
        }
      });
    },
  );
  asked.on('error', () => {});
  asked.end();
  return {
    messages,
    next: async (test: (message: Message) => boolean) => {
      await expect.poll(() => messages.some(test), { interval: 5 }).toBe(true);
      return messages.find(test)!;
    },
    close: () => asked.destroy(),
  };
}

const begin = (name: string) => {
  const id = `20260101-000000-${name}-aaaa`;
  return { id, folder: writeRun(served.runs, id, [event(0, 'TRAINING_STARTED', {}), update(1), update(2)]) };
};

/** Until the server has read it: a busy machine may answer before. */
const read = (id: string) => served.ask<LiveMessage>(`/api/runs/${id}`);

test('begins with the state; an appended event comes at once', async () => {
  const { id, folder } = begin('live');
  await read(id);
  const reader = listen(id);
  const first = await reader.next(() => true);
  expect(first.data.snapshot.tamiyo.batch).toBe(2);
  expect(first.data.reset).toBe(true);
  const began = performance.now();
  append(folder, [update(3, 91)]);
  const second = await reader.next(({ data }) => data.snapshot.tamiyo.batch === 3);
  expect(performance.now() - began).toBeLessThan(3000);
  expect(second.data.points.map(point => point.batch)).toEqual([3]);
  expect(second.data.points[0]!.figures['cuda:0/memoryUsagePercent']).toBeCloseTo(91);
  expect(second.data.snapshot.tamiyo.infrastructure.memoryStatus).toBe('critical');
  reader.close();
});

test('a page gets the rank that it looks at and the lowest in full, of the others what its list and its alarms need', async () => {
  const { id, folder } = begin('brief');
  for (const rank of [3, 7]) {
    const started = { ...event(0, 'TRAINING_STARTED', { hostname: `node${rank}` }), rank };
    append(folder, [started, { ...update(1, 85), rank }], rank);
  }
  const [whole, page, lead] = ['?rank=7', '?rank=7&brief=1', '?rank=lead&brief=1'].map(query =>
    listen(id, {}, query),
  );
  const isRead = ({ data: { snapshot, indexing } }: Message) =>
    indexing === null && snapshot.ranks.length === 3;
  const [all, brief, least] = await Promise.all([whole!, page!, lead!].map(reader => reader.next(isRead)));
  const { ranks, devices, ...rest } = all!.data.snapshot;
  for (const [{ data }, full] of [
    [brief!, [0, 7]],
    [least!, [0]],
  ] as const) {
    const { snapshot } = data;
    expect({ ...snapshot, ranks: [], devices: [] }).toEqual({ ...rest, ranks: [], devices: [] });
    snapshot.ranks.forEach((own, i) => {
      if (full.some(rank => rank === own.rank)) expect(own).toEqual(ranks[i]);
      else {
        expect(ranks[i]).toMatchObject(own);
        expect(Object.keys(own)).toEqual(['rank', 'hostname', 'state', 'events', 'nextSeq', 'log']);
      }
    });
    snapshot.devices.forEach((own, i) => {
      if (full.some(rank => rank === own.rank)) expect(own).toEqual(devices[i]);
      else expect(devices[i]).toMatchObject(own);
    });
    // What stands in the page's first lines is the same.
    expect(system(snapshot)).toEqual(system(all!.data.snapshot));
    expect(bannerFigures(snapshot)).toEqual(bannerFigures(all!.data.snapshot));
    const judged = judgementOf(null, snapshot.run.state, snapshot);
    expect(judged).toEqual(judgementOf(null, snapshot.run.state, all!.data.snapshot));
    expect(JSON.stringify(data).length).toBeLessThan(JSON.stringify(all!.data).length);
  }
  for (const reader of [whole!, page!, lead!]) reader.close();
});

test('a client that asks for one rank gets its points alone, and of all ranks the newest state', async () => {
  const { id, folder } = begin('ranks');
  const other = { ...update(1), rank: 7 };
  append(folder, [{ ...event(0, 'TRAINING_STARTED', {}), rank: 7 }, other], 7);
  await read(id);
  const [lead, seventh] = [listen(id, {}, '?rank=lead'), listen(id, {}, '?rank=7')];
  const first = await seventh.next(({ data }) => data.snapshot.ranks.length === 2);
  expect(first.id).toBe('7:2');
  await lead.next(({ data }) => data.snapshot.ranks.length === 2);
  append(folder, [update(3)]);
  append(folder, [{ ...update(2), rank: 7 }], 7);
  const both = ({ data: { snapshot } }: Message) => snapshot.ranks.every(({ batch }) => batch! > 1);
  await seventh.next(both);
  await lead.next(both);
  const pointsOf = ({ messages }: typeof lead) =>
    messages.flatMap(({ data }) => data.points.map(({ rank, batch }) => `${rank}:${batch}`));
  expect([pointsOf(lead), pointsOf(seventh)]).toEqual([['0:3'], ['7:2']]);
  lead.close();
  seventh.close();
  const again = listen(id, { 'last-event-id': '7:2' }, '?rank=7');
  const { data } = await again.next(() => true);
  expect([data.reset, data.points.map(({ batch }) => batch)]).toEqual([false, [2]]);
  again.close();
});

test('a client that reconnects gets exactly what was missed', async () => {
  const { id, folder } = begin('resumed');
  await read(id);
  const reader = listen(id);
  const seen = await reader.next(() => true);
  reader.close();
  append(
    folder,
    Array.from({ length: 30 }, (_, i) => update(i + 3)),
  );
  await expect.poll(async () => (await read(id)).snapshot.tamiyo.batch).toBe(32);
  const again = listen(id, { 'last-event-id': seen.id });
  const { data } = await again.next(() => true);
  expect(data.reset).toBe(false);
  expect(data.points.map(point => point.seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 3));
  again.close();
  for (const strange of ['0:99999', 'nonsense', '-1:4', '0:1,'.repeat(3000)]) {
    const reader = listen(id, { 'last-event-id': strange });
    expect((await reader.next(() => true)).data.reset).toBe(true);
    reader.close();
  }
});

test('a client that reconnects gets figures that were logged by themselves meanwhile', async () => {
  const { id, folder } = begin('late');
  const alone = '20260101-000000-alone-aaaa';
  const figures = (seq: number) =>
    event(seq, 'FIGURES_LOGGED', { batch: null, figures: { accuracy: seq / 10 } });
  const folders = [
    folder,
    writeRun(served.runs, alone, [event(0, 'TRAINING_STARTED', {}), figures(1), figures(2)]),
  ];
  const seen: string[] = [];
  for (const [i, run] of [id, alone].entries()) {
    await read(run);
    const reader = listen(run);
    seen.push((await reader.next(() => true)).id);
    reader.close();
    append(folders[i]!, [figures(3)]);
    const newest = async () => (await read(run)).snapshot.ranks[0]!.own[0]?.value;
    await expect.poll(newest).toBe(0.3);
  }
  const again = listen(id, { 'last-event-id': seen[0]! });
  const { data } = await again.next(() => true);
  expect(data.reset).toBe(false);
  expect(data.points).toEqual([
    expect.objectContaining({ rank: 0, seq: 3, isLate: true, figures: { 'own/accuracy': 0.3 } }),
  ]);
  again.close();
  // Where nothing numbers the points, the series must be asked for again.
  const other = listen(alone, { 'last-event-id': seen[1]! });
  expect((await other.next(() => true)).data.reset).toBe(true);
  other.close();
});

test('a reader that does not read is passed over; the others go on', async () => {
  const { id, folder } = begin('slow');
  const slow = connect(served.server.port, '127.0.0.1');
  slow.on('error', () => {});
  slow.write(`GET /api/runs/${id}/live HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  slow.pause();
  const reader = listen(id);
  await reader.next(() => true);
  const before = process.memoryUsage().rss;
  const filler = (seq: number) =>
    event(seq, 'STEP_COMPLETED', {
      step: seq,
      memory: Array.from({ length: 40 }, (_, d) => ({ device: `cuda:${d}`, allocatedBytes: seq })),
    });
  for (let burst = 0; burst < 12; burst++) {
    append(
      folder,
      Array.from({ length: 20 }, (_, i) => filler(3 + burst * 20 + i)),
    );
    await reader.next(({ data }) => data.snapshot.tamiyo.step === 22 + burst * 20);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  slow.destroy();
  reader.close();
});

test('closing the server ends the streams', async () => {
  const other = await serve();
  writeRun(other.runs, 'x', [event(0, 'TRAINING_STARTED', {})]);
  const ended = new Promise<void>(resolve => {
    request({ host: '127.0.0.1', port: other.server.port, path: '/api/runs/x/live' }, answer => {
      answer.resume();
      answer.on('close', () => resolve());
      answer.once('data', () => void other.end());
    }).end();
  });
  await ended;
});
