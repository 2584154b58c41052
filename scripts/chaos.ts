/**
 * `npm run chaos`: random schedules over the whole process tree: trainers, commands, readers and disks are killed, stopped,
 * deleted, filled and mangled, and after each the promises are checked. Prints its seed; `--seed N` plays one again.
 *
 *   npm run chaos -- --kills 300 --folders 500 --lines 200000 --seed 7
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  emptyReport,
  LogWriter,
  listRuns,
  nextSeqOf,
  readRun,
  skimEvents,
  writerOf,
  writerState,
} from '../src/log/index.ts';
import { emptySnapshot, Reduction, reduceAll } from '../src/reduce/index.ts';
import { bundle } from '../test/faults/spawn-trainer.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '60' },
    folders: { type: 'string', default: '200' },
    lines: { type: 'string', default: '50000' },
    commands: { type: 'string', default: '20' },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);

/** Equal seeds give equal schedules (mulberry32); what the kernel makes of them differs. */
let state = seed;
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const below = (n: number) => Math.floor(random() * n);
const one = <T>(items: readonly T[]): T => items[below(items.length)]!;

const folder = mkdtempSync(join(tmpdir(), 'esper-chaos-'));
const ESPER = resolve('dist/cli/esper.js');
const faults: string[] = [];
const check = (holds: boolean, what: string) => {
  if (holds) return;
  faults.push(what);
  console.error(`FAULT ${what} (seed ${seed})`);
};

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};
async function until(holds: () => boolean, patienceMs = 15_000): Promise<boolean> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(20))
    if (holds()) return true;
  return holds();
}

/** A writer that is killed again and again: what it acknowledged is in the log, once, in order. */
async function killWriters(kills: number) {
  const script = bundle('trainer.ts', folder);
  const run = join(folder, 'killed');
  const acknowledged: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const child = spawn(process.execPath, [script, run], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('latin1').on('data', text => {
      output += text;
    });
    const ended = new Promise(resolve => child.once('close', resolve));
    await new Promise(resolve => child.stdout.once('data', resolve));
    await sleep(random() * 30);
    if (random() < 0.2) {
      child.kill('SIGSTOP');
      await sleep(10);
    }
    child.kill('SIGKILL');
    await ended;
    acknowledged.push(...output.split('\n').slice(0, -1).map(Number));
    check(writerState(run, 0) === 'gone', 'a killed writer is seen as gone');
    // What a crash, a copy or another program may leave at the end.
    if (random() < 0.2)
      appendFileSync(
        join(run, 'events-0.jsonl'),
        one(['{"seq":1e999}\n', '\n\n', '{"v":"1.0","se', '\0\0\n']),
      );
  }
  const report = emptyReport();
  const events = [...readRun(run, report)].flat();
  const seqs = new Set(events.map(event => event.seq));
  const lost = acknowledged.filter(seq => !seqs.has(seq)).length;
  check(lost === 0, `${lost} acknowledged events are not in the log`);
  check(seqs.size === events.length, 'an event is in the log twice');
  const whole = reduceAll(emptySnapshot(), events);
  const reduction = new Reduction();
  for (const event of events) {
    reduction.add(event);
    if (random() < 0.01) reduction.snapshot();
  }
  check(JSON.stringify(reduction.snapshot()) === JSON.stringify(whole), 'a live reduction equals a replay');
  console.log(`${kills} kills of a writer: ${acknowledged.length} acknowledged events, ${lost} lost`);
}

/** Whole commands that train, killed in whatever order: no process is left, no run that does not open. */
async function killCommands(count: number) {
  const runs = join(folder, 'commands');
  let left = 0;
  for (let i = 0; i < count; i++) {
    const before = new Set(existsSync(runs) ? readdirSync(runs) : []);
    const args = one([
      ['ppo', '--episodes', '100000', '--no-sanctum', '--checkpoint-every', '5'],
      ['demo', '--episodes', '100000'],
      ['demo', '--scenario', 'steady'],
    ]);
    const command: ChildProcess = spawn(process.execPath, [ESPER, ...args, '--runs', runs], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise(resolve => command.once('close', resolve));
    command.stdout!.resume();
    const made = () => (existsSync(runs) ? readdirSync(runs).find(name => !before.has(name)) : undefined);
    await until(() => made() !== undefined && writerOf(join(runs, made()!), 0).pid !== null);
    const run = join(runs, made() ?? '');
    const trainer = writerOf(run, 0).pid;
    await sleep(random() * 2000);
    const acts: (() => unknown)[] = [
      () => command.kill('SIGKILL'),
      () => command.kill(one(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)),
      () => command.stdout!.destroy(),
      () => trainer !== null && process.kill(trainer, one(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)),
      () => {
        command.kill('SIGSTOP');
        setTimeout(() => command.kill('SIGKILL'), 100);
      },
    ];
    // The folder goes away under it, and comes back or not.
    if (random() < 0.2) renameSync(run, join(folder, `moved-${i}`));
    try {
      one(acts)();
    } catch {
      // It was faster.
    }
    await Promise.race([ended, sleep(20_000)]);
    const isGone = await until(() => (trainer === null || !isAlive(trainer)) && !isAlive(command.pid!));
    if (!isGone) {
      left++;
      command.kill('SIGKILL');
    }
  }
  check(left === 0, `${left} processes were left`);
  for (const run of existsSync(runs) ? listRuns(runs) : []) {
    const report = emptyReport();
    for (const batch of readRun(run.path, report)) void batch;
    check(report.unreadable === 0, `${run.id} does not open`);
    check(writerState(run.path, 0) !== 'writing', `${run.id} is locked by nobody`);
    // The next writer gets in.
    new LogWriter(run.path).close();
  }
  console.log(`${count} commands that train ended by force: ${left} processes left`);
}

const cut = (bytes: Buffer): Buffer => {
  const at = below(bytes.length + 1);
  const to = Math.min(bytes.length, at + below(200));
  const [head, piece, tail] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  return one([
    () => head,
    () => Buffer.concat([head, tail]),
    () => Buffer.concat([head, piece, piece, tail]),
    () => Buffer.concat([head, Buffer.from([...Array(1 + below(20))].map(() => below(256))), tail]),
    () =>
      Buffer.concat([
        head,
        Buffer.from(one(['1e999', '"seq":9e15', '[['.repeat(3000), '\r\n', '\ufeff', '\0'])),
        tail,
      ]),
    () => Buffer.concat([tail, head]),
  ])();
};

/** Mangled lines through the parser and the reducer: nothing throws, every line is counted. */
function mangleLines(count: number, good: readonly string[]) {
  const path = join(folder, 'lines');
  mkdirSync(path);
  let worst = 0;
  let read = 0;
  for (let done = 0; done < count; ) {
    const lines: Buffer[] = [];
    for (let i = 0; i < 5000 && done < count; i++, done++) lines.push(cut(Buffer.from(`${one(good)}\n`)));
    const bytes = Buffer.concat(lines);
    writeFileSync(join(path, 'events-0.jsonl'), bytes);
    const began = performance.now();
    const report = emptyReport();
    let snapshot = emptySnapshot();
    try {
      for (const batch of readRun(path, report)) snapshot = reduceAll(snapshot, batch);
    } catch (error) {
      check(false, `a mangled line threw ${(error as Error).message}`);
    }
    worst = Math.max(worst, performance.now() - began);
    read += report.lines;
    check(
      report.lines === report.events + report.unknown + report.malformed + report.empty,
      'every line is counted once',
    );
  }
  check(worst < 5000, `5,000 mangled lines took ${worst.toFixed(0)} ms`);
  console.log(`${count} mangled lines: ${read} lines read, at worst ${worst.toFixed(0)} ms for 5,000`);
}

/** A file of its own: what an earlier mangling put there may be a folder, or a link to something that must not be written. */
const isRegularFile = (file: string) => lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** Folders in which anything may lie: listed, skimmed, opened for writing; nothing throws or hangs. */
function mangleFolders(count: number, good: string) {
  const runs = join(folder, 'folders');
  mkdirSync(runs);
  const names = [
    'run.json',
    'events-0.jsonl',
    'events-0.lock',
    'events-1.jsonl',
    'events-00.jsonl',
    'events-99999999.jsonl',
    'checkpoint.txt',
  ];
  let worst = 0;
  for (let i = 0; i < count; i++) {
    const run = join(runs, `20260101-000000-chaos-${i.toString(16).padStart(4, '0')}`);
    cpSync(good, run, { recursive: true });
    for (let j = 0; j <= below(3); j++) {
      const file = join(run, one(names));
      const replace = (put: () => unknown) => {
        rmSync(file, { recursive: true, force: true });
        put();
      };
      one([
        () => replace(() => execFileSync('mkfifo', [file])),
        () =>
          replace(() =>
            symlinkSync(one(['nowhere', '/dev/zero', '/dev/tty', '/etc/passwd', '.', file]), file),
          ),
        () => replace(() => mkdirSync(file)),
        () => replace(() => writeFileSync(file, '')),
        () => isRegularFile(file) && truncateSync(file, below(2000)),
        () => isRegularFile(file) && writeFileSync(file, cut(readFileSync(file))),
        () => replace(() => {}),
      ])();
    }
    const began = performance.now();
    try {
      for (const batch of skimEvents(run)) void batch;
      for (const batch of readRun(run)) void batch;
      nextSeqOf(run, 0);
      writerState(run, 0);
      try {
        const writer = new LogWriter(run);
        writer.append('{}\n');
        writer.close();
      } catch (error) {
        check((error as Error).name === 'RunInUseError', `a writer threw ${(error as Error).message}`);
      }
    } catch (error) {
      check(false, `${run}: ${(error as Error).message}`);
    }
    worst = Math.max(worst, performance.now() - began);
  }
  const listed = listRuns(runs);
  check(worst < 5000, `a mangled folder took ${worst.toFixed(0)} ms`);
  console.log(`${count} mangled folders: ${listed.length} listed, at worst ${worst.toFixed(0)} ms`);
  for (const command of [
    ['runs'],
    ['runs', '--json'],
    ...listed.slice(0, 5).map(({ id }) => ['snapshot', id]),
  ]) {
    const { signal, stderr } = spawnSync(process.execPath, [ESPER, ...command, '--runs', runs], {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 2 ** 28,
    });
    check(
      signal === null && !/\.js:\d+:\d+\)/.test(stderr),
      `esper ${command[0]} hung or crashed: ${stderr.slice(0, 300)}`,
    );
  }
}

await killWriters(Number(values.kills));
await killCommands(Number(values.commands));
const good = join(folder, 'killed');
const lines = readFileSync(join(good, 'events-0.jsonl'), 'utf8').split('\n').slice(0, 500);
mangleLines(Number(values.lines), lines);
writeFileSync(join(folder, 'killed', 'events-0.jsonl'), `${lines.slice(0, 50).join('\n')}\n`);
mangleFolders(Number(values.folders), good);
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
console.log(`memory at the end: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
console.log(faults.length === 0 ? 'no fault found' : `${faults.length} faults; seed ${seed}`);
process.exit(faults.length === 0 ? 0 : 1);
