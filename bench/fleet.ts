/**
 * The fleet on loopback: events/s through ship → JetStream → collect beside `nats bench` with messages of the same size on the same server; then
 * the processor time and memory of `ship` beside 8 ranks of one event/s each, and of all parts with 4,096 such ranks. Needs a build, nats-server, and
 * `nats` of natscli in $NATS or the PATH. Run: npx tsx bench/fleet.ts [seconds of each steady part (30)]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NatsServer } from '../test/fleet/nats-server.ts';
import { memoryOf, quantile } from './measure.ts';
import { update } from './sample-log.ts';

const SECONDS = Number(process.argv[2] ?? 30);
const NATS = process.env.NATS ?? 'nats';
const folder = mkdtempSync(join(tmpdir(), 'esper-bench-fleet-'));
const server = await NatsServer.start(folder);

const esper = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [resolve('dist/cli/esper.js'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
const ship = (runs: string, ...more: string[]) =>
  esper('ship', runs, '--to', server.url, '--cluster', 'bench', ...more);
const collect = (runs: string) =>
  esper('collect', '--from', server.url, '--cluster', 'bench', '--runs', runs);
const end = async (child: ChildProcess) => {
  const ended = new Promise(done => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
};

/** Seconds of the processor that a process has had. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const lineOf = (run: string, rank: number, seq: number): string =>
  `${JSON.stringify({ v: '1.0', seq, timeMs: Date.now(), run, rank, type: 'PPO_UPDATE_COMPLETED', data: update(seq) })}\n`;

class Ranks {
  readonly runs: string;
  readonly files: string[] = [];
  events = 0;
  bytes = 0;
  constructor(name: string, ranks: number, ranksOfRun: number) {
    this.runs = join(folder, name);
    for (let rank = 0; rank < ranks; rank++) {
      const run = join(this.runs, `run-${Math.floor(rank / ranksOfRun)}`);
      mkdirSync(run, { recursive: true });
      this.files.push(join(run, `events-${rank}.jsonl`));
    }
  }
  append(rank: number, count = 1): void {
    let text = '';
    for (let i = 0; i < count; i++) text += lineOf('bench', rank, this.events++);
    const fd = openSync(this.files[rank]!, 'a');
    this.bytes += writeSync(fd, text);
    closeSync(fd);
  }
}

const sizeOf = (path: string): number => lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
const copyOf = (ranks: Ranks, copy: string) => ranks.files.map(path => path.replace(ranks.runs, copy));
const isThere = (ranks: Ranks, copy: string): boolean =>
  copyOf(ranks, copy).every((path, i) => sizeOf(path) === sizeOf(ranks.files[i]!));

/** What the stream holds now. */
async function streamState(): Promise<{ messages: number; bytes: number }> {
  const { connect } = await import('@nats-io/transport-node');
  const { jetstreamManager } = await import('@nats-io/jetstream');
  const nats = await connect({ servers: server.url });
  const { state } = await (await jetstreamManager(nats)).streams.info('esper');
  await nats.close();
  return state;
}

async function throughput(): Promise<void> {
  const ranks = new Ranks('backlog', 64, 8);
  for (let rank = 0; rank < 64; rank++) for (let i = 0; i < 5; i++) ranks.append(rank, 1000);
  const copy = join(folder, 'backlog-copy');
  const began = performance.now();
  const [shipper, collector] = [ship(ranks.runs), collect(copy)];
  while (!isThere(ranks, copy)) await sleep(20);
  const seconds = (performance.now() - began) / 1000;
  const [shipCpu, collectCpu] = [cpuOf(shipper.pid!), cpuOf(collector.pid!)];
  const [shipMiB, collectMiB] = [memoryOf(shipper.pid!, 'VmHWM'), memoryOf(collector.pid!, 'VmHWM')];
  await end(shipper);
  await end(collector);
  const { messages, bytes } = await streamState();
  const size = Math.round(bytes / messages);
  const rate = ranks.events / seconds;
  console.log(
    `backlog of ${ranks.events} events, ${(ranks.bytes / 2 ** 20).toFixed(0)} MiB, in 64 logs: ${seconds.toFixed(1)} s with the start of both, ` +
      `${rate.toFixed(0)} events/s, ${(ranks.bytes / 2 ** 20 / seconds).toFixed(0)} MiB/s of logs; ` +
      `${messages} messages of ${size} B, ${(ranks.bytes / bytes).toFixed(1)} times smaller than the logs`,
  );
  console.log(
    `  ship ${shipCpu.toFixed(1)} s of the processor, ${shipMiB.toFixed(0)} MiB at most; collect ${collectCpu.toFixed(1)} s, ${collectMiB.toFixed(0)} MiB`,
  );
  peer(messages, size, messages / seconds, ranks.events / messages);
}

/** Publishing and then fetching, the rates of which make one of both in a row. */
function peer(messages: number, size: number, ours: number, eventsOf: number): void {
  const bench = (...args: string[]): number => {
    const text = execFileSync(
      NATS,
      ['-s', server.url, 'bench', 'js', ...args, '--no-progress', '--msgs', `${messages}`],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    return Number(/stats: ([\d,]+) msgs\/sec/.exec(text)![1]!.replaceAll(',', ''));
  };
  try {
    const out = bench(
      'pub',
      'async',
      'esper-bench',
      '--create',
      '--storage',
      'file',
      '--dedup',
      '--size',
      `${size}`,
    );
    const back = bench('fetch', '--acks', 'explicit');
    const both = 1 / (1 / out + 1 / back);
    const rates = (rate: number): string =>
      `${rate.toFixed(0)} messages/s, ${((rate * size) / 1e6).toFixed(1)} MB/s, ${(rate * eventsOf).toFixed(0)} events/s`;
    console.log(`  ours: ${rates(ours)}`);
    console.log(
      `  nats bench, as many messages of the same size, published ${out}/s, then fetched ${back}/s: ${rates(both)}; ours ${(ours / both).toFixed(3)} of its rate`,
    );
  } catch (error) {
    console.log(`  nats bench was not run: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** @param ranks at one event a second each */
async function steady(name: string, count: number, ranksOfRun: number): Promise<void> {
  const ranks = new Ranks(name, count, ranksOfRun);
  for (let rank = 0; rank < count; rank++) ranks.append(rank);
  const copy = join(folder, `${name}-copy`);
  const [shipper, collector] = [ship(ranks.runs), collect(copy)];
  while (!isThere(ranks, copy)) await sleep(100);
  await sleep(5000);
  const pids = { ship: shipper.pid!, collect: collector.pid!, 'nats-server': server.pid! };
  const before = Object.values(pids).map(cpuOf);
  const sent = await streamState();
  const began = performance.now();
  const lags: number[] = [];
  /** When each probe was appended, and how long its log was then. */
  const probes: { path: string; size: number; atMs: number }[] = [];
  const look = setInterval(() => {
    for (const [i, { path, size, atMs }] of [...probes.entries()].reverse())
      if (sizeOf(path) >= size) {
        lags.push(performance.now() - atMs);
        probes.splice(i, 1);
      }
  }, 20);
  const [eventsBefore, bytesBefore] = [ranks.events, ranks.bytes];
  // Ranks are spread over the second.
  for (let done = 0; done < count * SECONDS; ) {
    const due = Math.min(count * SECONDS, ((performance.now() - began) / 1000) * count);
    for (; done < due; done++) {
      const rank = done % count;
      ranks.append(rank);
      if (done % Math.max(1, Math.floor(count / 8)) === 0)
        probes.push({
          path: ranks.files[rank]!.replace(ranks.runs, copy),
          size: sizeOf(ranks.files[rank]!),
          atMs: performance.now(),
        });
    }
    await sleep(5);
  }
  const seconds = (performance.now() - began) / 1000;
  const cpu = Object.entries(pids).map(
    ([part, pid], i) => `${part} ${(((cpuOf(pid) - before[i]!) / seconds) * 100).toFixed(2)}%`,
  );
  const memory = Object.entries(pids).map(
    ([part, pid]) => `${part} ${memoryOf(pid, 'VmRSS').toFixed(0)} MiB`,
  );
  const drainBegan = performance.now();
  while (!isThere(ranks, copy)) await sleep(20);
  clearInterval(look);
  const now = await streamState();
  const events = ranks.events - eventsBefore;
  console.log(
    `${count} ranks at 1 event/s for ${seconds.toFixed(0)} s (${events} events): of a core ${cpu.join(', ')}; ${memory.join(', ')}; ` +
      `lag from append to the copy ${(quantile(lags, 0.5) / 1000).toFixed(2)} s (99%: ${(quantile(lags, 0.99) / 1000).toFixed(2)} s); ` +
      `all there ${((performance.now() - drainBegan) / 1000).toFixed(1)} s after the last event; ` +
      `${((now.bytes - sent.bytes) / events).toFixed(0)} B of the stream an event of ${((ranks.bytes - bytesBefore) / events).toFixed(0)} B`,
  );
  await end(shipper);
  await end(collector);
}

try {
  await throughput();
  await steady('eight', 8, 8);
  await steady('many', 4096, 64);
} finally {
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
}
