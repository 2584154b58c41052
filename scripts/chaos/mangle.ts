/** Mangled lines and folders through everything that reads: nothing throws, hangs or grows, and every line is counted. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  emptyReport,
  LogWriter,
  listRuns,
  nextSeqOf,
  type RunFolder,
  skimEvents,
  writerState,
} from '../../src/log/index.ts';
import { formats } from '../../src/watch/index.ts';
import { ESPER, type Play } from './play.ts';
import { viewRun, watchLines } from './views.ts';

const AT_ONCE = 5000;
const PATIENCE_MS = 5000;
/** Of one format of `watch`, for a tenth of the lines: each of them reads all. A line in quadratic time takes as much alone. */
const PATIENCE_OF_FORMAT_MS = 250;
/** Of this process: the machine may be shared. What waits for ever never gets here. */
const processorMs = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;
/** What stands in the middle of a line that no writer of ours writes. */
const ODD = [
  '1e999',
  '"seq":9e15',
  '"timeMs":-1',
  '[['.repeat(3000),
  '\r\n',
  '\ufeff',
  '\0',
  '\x1b]0;t\x07',
  '"__proto__":{"a":1},',
  '1'.repeat(400),
  '{"v":"9.0"',
  'null',
];

function mangled(play: Play, bytes: Buffer): Buffer {
  const at = play.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + play.below(200));
  const [head, piece, tail] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  const { below, one } = play;
  return one([
    () => head,
    () => Buffer.concat([head, tail]),
    () => Buffer.concat([head, piece, piece, tail]),
    () => Buffer.concat([head, Buffer.from([...Array(1 + below(20))].map(() => below(256))), tail]),
    () => Buffer.concat([head, Buffer.from(one(ODD)), tail]),
    () => Buffer.concat([tail, head]),
    // A figure of its own: valid JSON with a value that nobody expects.
    () =>
      Buffer.from(
        bytes
          .toString('latin1')
          .replace(/:-?\d+(\.\d+)?/g, text =>
            below(12) === 0
              ? `:${one(['-1', '1e308', '5e-324', '9007199254740993', 'null', '"x"', '[]', '0'])}`
              : text,
          ),
        'latin1',
      ),
  ])();
}

/** @param good lines of a run; @param log lines of trainers' logs, for `esper watch` */
export async function mangleLines(
  play: Play,
  count: number,
  good: readonly string[],
  log: readonly string[],
): Promise<void> {
  const path = join(play.folder, 'lines');
  mkdirSync(path);
  let worst = 0;
  let worstWatch = 0;
  let read = 0;
  for (let done = 0; done < count; ) {
    const lines: Buffer[] = [];
    for (let i = 0; i < AT_ONCE && done < count; i++, done++)
      lines.push(mangled(play, Buffer.from(`${play.one(good)}\n`)));
    writeFileSync(join(path, 'events-0.jsonl'), Buffer.concat(lines));
    const report = emptyReport();
    const began = processorMs();
    try {
      play.check(await viewRun(path, report), 'mangled lines: a live reduction equals a replay');
    } catch (error) {
      play.check(false, `a mangled line threw ${(error as Error).stack}`);
    }
    worst = Math.max(worst, processorMs() - began);
    read += report.lines;
    play.check(
      report.lines === report.events + report.unknown + report.malformed + report.empty,
      'every line is counted once',
    );
    // As many bytes of a trainer's log, a tenth of the lines: every format reads each.
    const text = Buffer.concat(
      Array.from({ length: AT_ONCE / 10 }, () => mangled(play, Buffer.from(`${play.one(log)}\n`))),
    );
    const watched = processorMs();
    try {
      watchLines(text);
    } catch (error) {
      play.check(false, `a mangled line of a trainer's log threw ${(error as Error).stack}`);
    }
    worstWatch = Math.max(worstWatch, processorMs() - watched);
  }
  play.check(worst < PATIENCE_MS, `${AT_ONCE} mangled lines took ${worst.toFixed(0)} ms`);
  play.check(
    worstWatch < PATIENCE_OF_FORMAT_MS * (formats.length + 1),
    `${AT_ONCE / 10} mangled lines of a trainer's log took ${worstWatch.toFixed(0)} ms`,
  );
  console.log(
    `${count} mangled lines through every reader: ${read} read, at worst ${worst.toFixed(0)} ms for ${AT_ONCE}; ` +
      `a tenth as many through the formats of watch, at worst ${worstWatch.toFixed(0)} ms for ${AT_ONCE / 10}`,
  );
}

/** A file of its own: what an earlier mangling put there may be a folder, or a link to something that must not be written. */
const isRegularFile = (file: string) => lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

const NAMES = [
  'run.json',
  'events-0.jsonl',
  'events-0.lock',
  'events-1.jsonl',
  'events-00.jsonl',
  'events-99999999.jsonl',
  'checkpoint.txt',
];

function mangleFolder(play: Play, run: string): void {
  const { below, one } = play;
  for (let j = 0; j <= below(3); j++) {
    const file = join(run, one(NAMES));
    const replace = (put: () => unknown) => {
      rmSync(file, { recursive: true, force: true });
      put();
    };
    one([
      () => replace(() => execFileSync('mkfifo', [file])),
      () =>
        replace(() => symlinkSync(one(['nowhere', '/dev/zero', '/dev/tty', '/etc/passwd', '.', file]), file)),
      () => replace(() => mkdirSync(file)),
      () => replace(() => writeFileSync(file, '')),
      () => isRegularFile(file) && truncateSync(file, below(2000)),
      () => isRegularFile(file) && writeFileSync(file, mangled(play, readFileSync(file))),
      () => replace(() => {}),
    ])();
  }
}

/** Folders in which anything may lie: read by everything, opened for writing; then a share through the commands. */
export async function mangleFolders(
  play: Play,
  count: number,
  commands: number,
  good: string,
): Promise<void> {
  let worst = 0;
  let listed = 0;
  const seen: { runs: string; folders: RunFolder[] }[] = [];
  for (let done = 0; done < count; ) {
    // A hundred in one folder of runs: the list is made of each, and what is not needed any more goes.
    const runs = join(play.folder, `folders-${done}`);
    mkdirSync(runs);
    for (let i = 0; i < 100 && done < count; i++, done++) {
      const run = join(runs, `20260101-000000-chaos-${done.toString(16).padStart(4, '0')}`);
      cpSync(good, run, { recursive: true });
      mangleFolder(play, run);
      const began = processorMs();
      try {
        for (const batch of skimEvents(run)) void batch;
        play.check(await viewRun(run, emptyReport()), `${run}: a live reduction equals a replay`);
        nextSeqOf(run, 0);
        writerState(run, 0);
        try {
          const writer = new LogWriter(run);
          writer.append('{}\n');
          writer.close();
        } catch (error) {
          play.check((error as Error).name === 'RunInUseError', `a writer threw ${(error as Error).message}`);
        }
      } catch (error) {
        play.check(false, `${run}: ${(error as Error).stack}`);
      }
      worst = Math.max(worst, processorMs() - began);
    }
    const folders = listRuns(runs);
    listed += folders.length;
    if (commands > 0 && done >= count - commands) seen.push({ runs, folders });
    else rmSync(runs, { recursive: true });
  }
  play.check(worst < PATIENCE_MS, `a mangled folder took ${worst.toFixed(0)} ms`);
  console.log(
    `${count} mangled folders through every reader: ${listed} listed, at worst ${worst.toFixed(0)} ms`,
  );
  throughCommands(play, seen, commands);
  for (const { runs } of seen) rmSync(runs, { recursive: true });
}

const READERS = [
  ['snapshot', '--json'],
  ['report'],
  ['report', '--format', 'html', '--out', '-'],
  ['sanctum', '--once'],
  ['replay', '--speed', 'max'],
  ['alerts', '--no-follow'],
  ['wait', '--until', 'ended', '--timeout', '100ms'],
  ['explain'],
];

function throughCommands(
  play: Play,
  seen: readonly { runs: string; folders: RunFolder[] }[],
  count: number,
): void {
  const worst = new Map<string, number>();
  let ran = 0;
  const run = (args: readonly string[]) => {
    const began = performance.now();
    const { signal, stderr } = spawnSync(process.execPath, [ESPER, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 28,
    });
    const command = args[0]!;
    worst.set(command, Math.max(worst.get(command) ?? 0, performance.now() - began));
    ran++;
    play.check(
      signal === null && !/\.js:\d+:\d+\)?$/m.test(stderr) && !stderr.includes('a fault of Esper'),
      `esper ${args.join(' ')} hung or crashed: ${stderr.slice(0, 500)}`,
    );
  };
  let left = count;
  for (const { runs, folders } of seen) {
    run(['runs', '--runs', runs]);
    run(['runs', '--json', '--runs', runs]);
    for (const { id } of folders.slice(0, left)) {
      left--;
      const [command, ...options] = play.one(READERS);
      run([command!, id, ...options, '--runs', runs]);
    }
  }
  const each = [...worst].map(([command, ms]) => `${command} ${ms.toFixed(0)}`).join(', ');
  if (ran > 0) console.log(`${ran} commands on ${count - left} of them: at worst, ms: ${each}`);
}
