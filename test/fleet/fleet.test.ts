/** A fleet's files through a real NATS server: what is collected equals what the nodes have, byte for byte. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import {
  Collector,
  type Connected,
  connectTo,
  makeOrCheckStream,
  preparedStream,
  Shipper,
} from '../../src/fleet/index.ts';
import { clusterNoted } from '../../src/log/index.ts';
import { scratch } from '../scratch.ts';
import { digests, made, type Step, take } from './folders.ts';
import { hasNats, NatsServer, startCluster, unlessNats } from './nats-server.ts';

let server: NatsServer;
beforeAll(async () => {
  if (hasNats) server = await NatsServer.start(scratch('nats'));
});
afterAll(() => server?.kill());

const forEver = new AbortController().signal;
const problems: string[] = [];
const onProblem = (sentence: string) => void problems.push(sentence);

async function connected(url = server.url): Promise<Connected> {
  const connection = await connectTo({ servers: [url.replace('nats://', '')] }, 'test', forEver, onProblem);
  return connection!;
}

interface Going {
  end(): Promise<void>;
}

/** A shipper or a collector that goes on until it is ended. */
async function going(
  url: string,
  work: (to: Connected, signal: AbortSignal) => Promise<void>,
): Promise<Going> {
  const to = await connected(url);
  const stop = new AbortController();
  const done = work(to, stop.signal);
  return {
    end: async () => {
      stop.abort();
      await done;
      await to.nats.close();
    },
  };
}

const shipping = (runs: string, stream: string, url = server.url) =>
  going(url, (to, signal) =>
    new Shipper(to, {
      runs,
      stream,
      cluster: 'lab',
      mostBytes: 2 ** 24,
      sinceMs: 1e9,
      announceMs: 3000,
      onProblem,
    }).ship(signal),
  );
const collecting = (runs: string, stream: string, url = server.url) =>
  going(url, (to, signal) =>
    new Collector(to, { runs, stream, cluster: 'lab', name: 'c', onProblem }).collect(signal),
  );

const runNames = fc.constantFrom('20260101-000000-a-0001', 'team/20260101-000000-b-0002', 'ünï c%o.d');
const at = { run: runNames, rank: fc.integer({ min: 0, max: 2 }) };
const bytes = fc.constantFrom(1, 1000, 300_000, 700_000);
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), ...at, bytes }) },
  fc.record({ do: fc.constantFrom('torn' as const, 'truncate' as const), ...at }),
  fc.record({ do: fc.constant('replace' as const), ...at, bytes }),
  fc.record({ do: fc.constantFrom('lock' as const, 'unlock' as const, 'pack' as const), ...at }),
  fc.record({
    do: fc.constantFrom('manifest' as const, 'label' as const, 'unlabel' as const, 'snapshot' as const),
    run: runNames,
    bytes,
  }),
);
/** Schedules that are played; a longer play: ESPER_FLEET_PLAYS=100 npx vitest run test/fleet/fleet.test.ts */
const PLAYS = Number(process.env.ESPER_FLEET_PLAYS ?? 4);
const parts = fc.constantFrom('shipper', 'collector', 'server', 'none');

test.skipIf(!hasNats).concurrent(
  `collected folders equal the node’s, whatever is restarted${unlessNats}`,
  async ({ expect }) => {
    let play = 0;
    // Its own: it is killed.
    const mortal = await NatsServer.start(scratch('nats'));
    const schedule = fc.array(
      fc.tuple(fc.array(steps as fc.Arbitrary<Step>, { minLength: 1, maxLength: 6 }), parts),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    await fc.assert(
      fc.asyncProperty(schedule, async rounds => {
        const folder = scratch('fleet');
        const [node, copy, stream] = [made(join(folder, 'node')), join(folder, 'copy'), `play${play++}`];
        const to = await connected(mortal.url);
        await makeOrCheckStream(to, { name: stream, maxBytes: 2 ** 28 });
        let shipper = await shipping(node, stream, mortal.url);
        let collector = await collecting(copy, stream, mortal.url);
        for (const [changes, part] of rounds) {
          for (const change of changes) take(node, change);
          await new Promise(resolve => setTimeout(resolve, 300));
          if (part === 'server') {
            await mortal.kill();
            await mortal.start();
          } else if (part === 'shipper') {
            await shipper.end();
            shipper = await shipping(node, stream, mortal.url);
          } else if (part === 'collector') {
            await collector.end();
            collector = await collecting(copy, stream, mortal.url);
          }
        }
        await expect.poll(() => digests(copy), { interval: 200 }).toEqual(digests(node));
        await shipper.end();
        await collector.end();
        await to.manager.streams.delete(stream);
        await to.nats.close();
      }),
      { numRuns: PLAYS, endOnFailure: true },
    );
    await mortal.kill();
  },
  PLAYS * 60_000,
);

test
  .skipIf(!hasNats)
  .concurrent(
    `what the stream lost, and what the copy lost, is asked for; two collectors share, and rubbish is left out${unlessNats}`,
    async ({ expect }) => {
      const folder = scratch('fleet');
      const [node, copy, stream] = [made(join(folder, 'node')), join(folder, 'copy'), 'lost'];
      const to = await connected();
      await makeOrCheckStream(to, { name: stream });
      const run = 'team/20260101-000000-b-0002';
      const append = (rank: number, bytes = 500) => take(node, { do: 'append', run, rank, bytes });
      for (const rank of [0, 1, 2, 3]) append(rank, 600_000);
      let shipper = await shipping(node, stream);
      const collectors = [await collecting(copy, stream), await collecting(copy, stream)];
      await expect.poll(() => digests(copy), { interval: 100 }).toEqual(digests(node));

      // Messages that no shipper made lead nowhere.
      const headers = to.transport.headers();
      headers.set('Esper-At', '0');
      headers.set('Esper-Length', '3');
      await to.js.publish(`${stream}.lab.%2E%2E%2Fout.run%2Ejson`, 'abc', { headers });
      await to.js.publish(`${stream}.lab.run.events-0%2Ejsonl`, 'abc');
      to.nats.publish(`${stream}-want.lab.x`, 'no JSON');
      to.nats.publish(`${stream}-want.lab.x`, '{"run":"x","file":"y","from":-5}');

      await expect
        .poll(() => problems.join('\n'))
        .toMatch(/lost\.lab\.%2E%2E%2Fout\.run%2Ejson is of no file of a run: it is left out/);

      // The server's disk is lost while nobody collects.
      for (const collector of collectors) await collector.end();
      append(0);
      append(1, 300_000);
      await expect
        .poll(async () => (await to.manager.streams.info(stream)).state.messages)
        .toBeGreaterThan(16);
      await new Promise(resolve => setTimeout(resolve, 1500));
      await to.manager.streams.purge(stream);
      append(0);
      append(1);
      let collector = await collecting(copy, stream);
      await expect.poll(() => digests(copy), { interval: 100 }).toEqual(digests(node));

      // The copy is lost, with all that does not change any more.
      await collector.end();
      rmSync(copy, { recursive: true });
      collector = await collecting(copy, stream);
      append(0);
      await expect.poll(() => existsSync(join(copy, run, 'events-0.jsonl')), { interval: 100 }).toBe(true);
      const log = (at: string) => readFileSync(join(at, run, 'events-0.jsonl'), 'utf8');
      await expect.poll(() => log(copy), { interval: 100 }).toBe(log(node));
      // A shipper that begins announces every file; so it does after a rest.
      await shipper.end();
      shipper = await shipping(node, stream);
      await expect.poll(() => digests(copy), { interval: 100 }).toEqual(digests(node));
      expect(existsSync(join(folder, 'out'))).toBe(false);
      expect(clusterNoted(copy, run)).toBe('lab');
      await shipper.end();
      await collector.end();
      await to.nats.close();
    },
  );

test
  .skipIf(!hasNats)
  .concurrent(`settings of a stream that would lose data are refused${unlessNats}`, async ({ expect }) => {
    const to = await connected();
    const { StorageType, RetentionPolicy, DiscardPolicy } = to.jetstream;
    const refused = async (name: string, config: object, sentence: RegExp) => {
      await to.manager.streams.add({ name, subjects: [`${name}.>`], ...config });
      await expect(makeOrCheckStream(to, { name })).rejects.toThrow(sentence);
    };
    await refused(
      's1',
      { storage: StorageType.Memory },
      /^The stream s1 has storage memory, and file is needed: /,
    );
    await refused(
      's2',
      { retention: RetentionPolicy.Workqueue },
      /has retention workqueue, and limits is needed/,
    );
    await refused('s3', { discard: DiscardPolicy.New }, /has discard new, and old is needed/);
    await refused('s4', { subjects: ['s4.*'] }, /has subjects s4\.\*, and s4\.> is needed/);
    await refused('s5', { max_msgs: 10 }, /has max_msgs 10, and no limit is needed/);
    await makeOrCheckStream(to, { name: 's6', maxAgeMs: 3_600_000, maxBytes: 2 ** 20 });
    await makeOrCheckStream(to, { name: 's6' });
    await expect(makeOrCheckStream(to, { name: 's6', maxBytes: 2 ** 21 })).rejects.toThrow(
      /max_bytes 1048576/,
    );
    await expect(makeOrCheckStream(to, { name: 's6', maxAgeMs: 1000 })).rejects.toThrow(/max_age of 3600 s/);
    await expect(makeOrCheckStream(to, { name: 's6', replicas: 3 })).rejects.toThrow(
      /replicas 1, and 3 is needed/,
    );
    await expect(makeOrCheckStream(to, { name: 's7', replicas: 3 })).rejects.toThrow(
      /cannot have 3 replicas/,
    );
    await expect(makeOrCheckStream(to, { name: 's8', maxBytes: 2 ** 60 })).rejects.toThrow(/has no room/);
    await to.nats.close();
  });

test
  .skipIf(!hasNats)
  .concurrent(
    `a late collector loses nothing of a stream that is too small${unlessNats}`,
    async ({ expect }) => {
      const folder = scratch('fleet');
      const [node, copy, stream] = [made(join(folder, 'node')), join(folder, 'copy'), 'small'];
      const to = await connected();
      await makeOrCheckStream(to, { name: stream, maxBytes: 2 ** 22 });
      for (const rank of [0, 1, 2, 3]) take(node, { do: 'append', run: 'r', rank, bytes: 4_000_000 });
      const shipper = await shipping(node, stream);
      await expect.poll(() => problems.join('\n')).toMatch(/half full of what no collector has read/);
      const { state } = await to.manager.streams.info(stream);
      expect(state.first_seq).toBe(1);
      const collector = await collecting(copy, stream);
      await expect.poll(() => digests(copy), { interval: 100 }).toEqual(digests(node));
      await shipper.end();
      await collector.end();
      await to.nats.close();
    },
  );

test
  .skipIf(!hasNats)
  .concurrent(`three servers that replicate: any of them may die${unlessNats}`, async ({ expect }) => {
    const folder = scratch('fleet');
    const servers = await startCluster(folder);
    const [node, copy, stream] = [made(join(folder, 'node')), join(folder, 'copy'), 'three'];
    const urls = servers.map(({ url }) => url.replace('nats://', ''));
    const open = async () => (await connectTo({ servers: urls }, 'test', forEver, onProblem))!;
    const stop = new AbortController();
    const to = await open();
    // A cluster elects its leader first.
    await preparedStream(to, { name: stream, replicas: 3 }, forEver, () => {});
    const options = {
      runs: node,
      stream,
      cluster: 'lab',
      mostBytes: 2 ** 24,
      sinceMs: 1e9,
      announceMs: 3000,
      onProblem,
    };
    const [a, b] = [await open(), await open()];
    const work = [
      new Shipper(a, options).ship(stop.signal),
      new Collector(b, { runs: copy, stream, cluster: 'lab', name: 'c', onProblem }).collect(stop.signal),
    ];
    try {
      for (const one of servers) {
        for (const rank of [0, 1]) take(node, { do: 'append', run: 'r', rank, bytes: 100_000 });
        await one.kill();
        for (const rank of [0, 1]) take(node, { do: 'append', run: 'r', rank, bytes: 100_000 });
        await new Promise(resolve => setTimeout(resolve, 1000));
        await one.start();
      }
      await expect.poll(() => digests(copy), { interval: 200 }).toEqual(digests(node));
      expect((await to.manager.streams.info(stream)).config.num_replicas).toBe(3);
    } finally {
      stop.abort();
      await Promise.all(work);
      for (const connection of [to, a, b]) await connection.nats.close();
      for (const one of servers) await one.kill();
    }
  });
