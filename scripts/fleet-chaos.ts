/**
 * `npx tsx scripts/fleet-chaos.ts --kills 100 --cut 60`: shippers, collectors and the NATS server of a small fleet are killed with -9 at random
 * while trainings write, and the network is cut once; in the end the collected folders must equal the nodes' own, byte for byte.
 * Needs a build and nats-server. Prints its seed; `--seed N` gives the same schedule, as far as the machine keeps to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { seededRandom } from '../src/base/index.ts';
import { Emitter } from '../src/emit/emitter.ts';
import { createRun, LogWriter, writeLabels } from '../src/log/index.ts';
import { CuttableNetwork } from '../test/fleet/cuttable.ts';
import { digests, made, take } from '../test/fleet/folders.ts';
import { NatsServer } from '../test/fleet/nats-server.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    /** Seconds that the network is cut. */
    cut: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const KILLS = Number(values.kills);
/** Longer than the server waits before it delivers again what a killed collector had. */
const MOST_WAIT_MS = 300_000;
const RANKS = 4;
const random = seededRandom(Number(values.seed));
const below = (n: number): number => Math.floor(random() * n);
console.log(`seed ${values.seed}`);

const folder = mkdtempSync(join(tmpdir(), 'esper-fleet-'));
const nodes = ['a', 'b'].map(name => made(join(folder, name)));
const copy = join(folder, 'copy');
const server = await NatsServer.start(folder);
const network = await CuttableNetwork.to(server.port);
const url = `nats://127.0.0.1:${network.port}`;
const log = openSync(join(folder, 'commands.log'), 'a');

/** A command that is started again after each kill. */
class Part {
  #process!: ChildProcess;
  readonly args: string[];
  constructor(args: string[]) {
    this.args = args;
    this.start();
  }
  start(): void {
    this.#process = spawn(process.execPath, [resolve('dist/cli/esper.js'), ...this.args], {
      stdio: ['ignore', log, log],
    });
  }
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const own = this.#process;
    if (own.exitCode !== null || own.signalCode !== null)
      throw new Error(`esper ${this.args[0]} ended by itself`);
    const ended = new Promise(done => own.once('exit', done));
    own.kill(signal);
    await ended;
  }
}

/** Trainings that write while everything else dies: a log a rank, new runs now and then, other files too. */
class Training {
  #writers: LogWriter[] = [];
  #emitters: Emitter[] = [];
  #path = '';
  events = 0;
  readonly runs: string;
  constructor(runs: string) {
    this.runs = runs;
    this.begin();
  }
  begin(): void {
    this.end();
    const run = createRun({ runs: join(this.runs, random() < 0.5 ? '.' : 'team'), name: 'chaos' });
    this.#path = run.path;
    this.#writers = Array.from({ length: RANKS }, (_, rank) => new LogWriter(run.path, { rank }));
    this.#emitters = this.#writers.map((sink, rank) => new Emitter({ run: run.id, rank, sink }));
  }
  step(): void {
    for (const emitter of this.#emitters) {
      emitter.emit('STEP_COMPLETED', {
        step: emitter.nextSeq,
        loss: random(),
        extra: { a: random(), b: random() },
      });
      this.events++;
    }
    if (below(200) === 0)
      writeLabels(this.#path, { name: null, tags: [`t${below(9)}`], note: null, archived: false });
    if (below(400) === 0) take(this.#path, { do: 'snapshot', run: '.', bytes: below(2_000_000) });
    if (below(300) === 0) appendFileSync(join(this.#path, 'events-0.jsonl'), '{"torn');
    if (below(600) === 0) this.begin();
  }
  end(): void {
    for (const writer of this.#writers) writer.close();
  }
}

const trainings = nodes.map(runs => new Training(runs));
const steps = setInterval(() => {
  for (const training of trainings) training.step();
}, 100);
const parts = [
  ...nodes.map(runs => new Part(['ship', runs, '--to', url, '--cluster', 'lab'])),
  ...[1, 2].map(() => new Part(['collect', '--from', url, '--cluster', 'lab', '--runs', copy])),
];
const killed = { ship: 0, collect: 0, server: 0 };
const began = Date.now();
for (let i = 0; i < KILLS; i++) {
  await sleep(200 + below(2500));
  const part = parts[below(parts.length + 1)];
  if (part === undefined) await server.kill();
  else await part.kill();
  killed[part === undefined ? 'server' : (part.args[0] as 'ship' | 'collect')]++;
  await sleep(below(1500));
  if (part === undefined) await server.start();
  else part.start();
  if (i === KILLS >> 1 && Number(values.cut) > 0) {
    network.cut();
    console.log(`the network is cut for ${values.cut} s`);
    await sleep(Number(values.cut) * 1000);
    network.mend();
  }
}
clearInterval(steps);
for (const training of trainings) training.end();
const whole = Object.assign({}, ...nodes.map(digests));
const seconds = Math.round((Date.now() - began) / 1000);
const bytes = Object.values(whole).reduce<number>(
  (sum, digest) => sum + Number(String(digest).split(' ')[0]),
  0,
);
console.log(
  `${KILLS} kills in ${seconds} s (${killed.ship} of shippers, ${killed.collect} of collectors, ${killed.server} of the server); ` +
    `${trainings.reduce((sum, { events }) => sum + events, 0)} events, ${Object.keys(whole).length} files, ${bytes} bytes`,
);
const ended = Date.now();
let isEqual = false;
while (!isEqual && Date.now() - ended < MOST_WAIT_MS) {
  await sleep(1000);
  isEqual = isDeepStrictEqual(digests(copy), whole);
}
console.log(
  isEqual
    ? `the copy equals the nodes' folders, byte for byte, ${Math.round((Date.now() - ended) / 1000)} s after the last kill`
    : `the copy differs: see ${folder}`,
);
if (!isEqual) {
  const there = digests(copy);
  for (const name of new Set([...Object.keys(whole), ...Object.keys(there)]))
    if (there[name] !== whole[name])
      console.log(`${name}: ${whole[name]} on the node, ${there[name]} in the copy`);
}
for (const part of parts) await part.kill('SIGTERM').catch(error => console.log(String(error)));
await server.kill();
network.close();
if (isEqual) rmSync(folder, { recursive: true, force: true });
process.exit(isEqual ? 0 : 1);
