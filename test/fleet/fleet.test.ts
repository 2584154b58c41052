/** A fleet's files through a real NATS server: what is collected equals what the nodes have, byte for byte. */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Collector, type Connected, connectTo, makeOrCheckStream, Shipper } from '../../src/fleet/index.ts';
import { scratch } from '../scratch.ts';
import { digests, made, type Step, take } from './folders.ts';
import { hasNats, NatsServer, unlessNats } from './nats-server.ts';

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
async function going(work: (to: Connected, signal: AbortSignal) => Promise<void>): Promise<Going> {
  const to = await connected();
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

const shipping = (runs: string, stream: string) =>
  going((to, signal) =>
    new Shipper(to, { runs, stream, cluster: 'lab', mostBytes: 2 ** 24, sinceMs: 1e9, onProblem }).ship(
      signal,
    ),
  );
const collecting = (runs: string, stream: string, name = 'collect') =>
  going((to, signal) => new Collector(to, { runs, stream, cluster: 'lab', name, onProblem }).collect(signal));

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
const PLAYS = Number(process.env.ESPER_FLEET_PLAYS ?? 6);
const parts = fc.constantFrom('shipper', 'collector', 'server', 'none');

test.skipIf(!hasNats)(
  `collected folders equal the node’s, whatever is restarted${unlessNats}`,
  async () => {
    let play = 0;
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
        const to = await connected();
        await makeOrCheckStream(to, { name: stream, maxBytes: 2 ** 28 });
        let shipper = await shipping(node, stream);
        let collector = await collecting(copy, stream);
        for (const [changes, part] of rounds) {
          for (const change of changes) take(node, change);
          await new Promise(resolve => setTimeout(resolve, 300));
          if (part === 'server') {
            await server.kill();
            await server.start();
          } else if (part === 'shipper') {
            await shipper.end();
            shipper = await shipping(node, stream);
          } else if (part === 'collector') {
            await collector.end();
            collector = await collecting(copy, stream);
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
  },
  PLAYS * 60_000,
);
