/**
 * The whole process tree: a training with views, a server with readers, alarms and a disk of its own, to all of which
 * random things happen in random order, until each has been ended by force or has ended by itself. Then: no process is
 * left, every run opens, what a reader was shown is in the log, a live reduction equals a replay, and the next writer gets in.
 */
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyReport, LogWriter, listRuns, writerOf, writerState } from '../../src/log/index.ts';
import { ESPER, isAlive, type Play, until } from './play.ts';
import { viewRun } from './views.ts';

const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
const LONG_PYTHON = `
import sys, time
import esper_telemetry as esper
with esper.start("chaos", runs=sys.argv[1], sample_host=0.2, sample_driver=0) as run:
    for batch in range(1, 10 ** 9):
        run.ppo_update(batch=batch, policy_loss=0.5, extra={"x": batch})
        time.sleep(0.01)
`;

/** A small disk of its own that can be filled and made read-only; null where this user may mount none. */
function mountDisk(play: Play, at: string): string | null {
  const disk = join(play.folder, `disk-${at}`);
  mkdirSync(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' });
  return status === 0 ? disk : null;
}

interface Member {
  name: string;
  child: ChildProcess;
  /** Whether it ends by itself once the training has ended. */
  endsWithRun: boolean;
}

/** A reader of the server that takes what comes, and one that takes nothing. */
function readServer(port: number, run: string, seen: Set<number>): Socket[] {
  const ask = `GET /api/runs/${run}/live HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const [good, slow] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  let text = '';
  good.setEncoding('utf8').on('data', piece => {
    text += piece;
    for (const [, seq] of text.matchAll(/"rank":0,"seq":(\d+),/g)) seen.add(Number(seq));
    text = text.slice(-200);
  });
  for (const socket of [good, slow]) {
    socket.on('error', () => {});
    socket.write(ask);
  }
  slow.pause();
  return [good, slow];
}

async function schedule(play: Play, number: number): Promise<void> {
  const { below, one, random } = play;
  const disk = random() < 0.35 ? mountDisk(play, `${number}`) : null;
  const runs = join(disk ?? play.folder, disk === null ? `tree-${number}` : 'runs');
  const members: Member[] = [];
  const node = (name: string, args: readonly string[], endsWithRun = true): ChildProcess => {
    const child = play.start(process.execPath, [ESPER, ...args, '--runs', runs]);
    // A reader that is slow: it takes what comes only later, or never.
    for (const stream of [child.stdout!, child.stderr!]) if (random() < 0.85) stream.resume();
    members.push({ name, child, endsWithRun });
    return child;
  };
  const kind = one(['ppo', 'demo', 'scenario', 'watch', 'python']);
  let command: ChildProcess;
  if (kind === 'python') {
    command = play.start('python3', ['-c', LONG_PYTHON, runs], { env: { PYTHONPATH: resolve('python') } });
    for (const stream of [command.stdout!, command.stderr!]) stream.resume();
    members.push({ name: 'python', child: command, endsWithRun: true });
  } else if (kind === 'watch') {
    const trainer =
      'for (let i = 1; ; i++) { console.log("step:" + i + " - actor/pg_loss:0.5 - actor/entropy:0.2"); await new Promise(r => setTimeout(r, 10)); }';
    command = play.start('sh', [
      '-c',
      `"$0" --input-type=module -e '${trainer}' | "$0" "$1" watch - --runs "$2"`,
      process.execPath,
      ESPER,
      runs,
    ]);
    for (const stream of [command.stdout!, command.stderr!]) stream.resume();
    members.push({ name: 'watch', child: command, endsWithRun: true });
  } else {
    const args = {
      ppo: [
        'ppo',
        '--episodes',
        '100000',
        '--no-sanctum',
        '--checkpoint-every',
        `${1 + below(20)}`,
        '--envs',
        '2',
        '--steps',
        '64',
      ],
      demo: ['demo', '--episodes', '100000'],
      scenario: ['demo', '--scenario', 'steady'],
    }[kind]!;
    command = node(kind, args);
  }
  const made = () => (existsSync(runs) ? readdirSync(runs).find(name => !name.startsWith('.')) : undefined);
  const began = await until(
    () => made() !== undefined && writerOf(join(runs, made()!), 0).pid !== null,
    60_000,
  );
  play.check(began, `schedule ${number}: ${kind} began no run`);
  const id = made() ?? 'none';
  const run = join(runs, id);
  const trainer = writerOf(run, 0).pid;
  const seen = new Set<number>();
  const sockets: Socket[] = [];
  if (random() < 0.5) {
    const server = node('serve', ['serve', '--port', '0'], false);
    let printed = '';
    server.stdout!.on('data', text => {
      printed += text;
    });
    await until(() => /:\d+\//.test(printed) || server.exitCode !== null, 30_000);
    const port = Number(/:(\d+)\//.exec(printed)?.[1]);
    play.check(port > 0, `schedule ${number}: serve did not start: ${printed}`);
    if (port > 0) sockets.push(...readServer(port, id, seen));
  }
  if (random() < 0.4) node('alerts', ['alerts', id, '--file', join(play.folder, 'alerts.jsonl')]);
  if (random() < 0.4) node('sanctum', ['sanctum', id]);
  if (random() < 0.3) node('wait', ['wait', id, '--until', 'failed']);
  await sleep(200 + random() * 1200);

  // Only where nothing was deleted, moved or refused must all be there.
  let isWhole = true;
  let where = run;
  const running = () => members.filter(({ child }) => child.exitCode === null && child.signalCode === null);
  const acts: (() => unknown)[] = [
    async () => {
      const pid = one([trainer, ...running().map(({ child }) => child.pid!)]);
      play.signal(pid, 'SIGSTOP');
      await sleep(50 + random() * 300);
      play.signal(pid, 'SIGCONT');
    },
    () => one(members).child.stdout!.destroy(),
    () => one(members).child.stderr!.destroy(),
    () => sockets.pop()?.destroy(),
    () => {
      if (!existsSync(where)) return;
      isWhole = false;
      const name = `moved-${number}-${below(1e6)}`;
      // Across disks it cannot be renamed: within its own.
      const moved = disk === null ? join(play.folder, name) : join(disk, 'moved');
      try {
        renameSync(where, moved);
        where = moved;
      } catch {}
    },
    () => {
      isWhole = false;
      rmSync(
        one([
          where,
          runs,
          join(where, 'events-0.jsonl'),
          join(where, 'run.json'),
          join(where, 'events-0.lock'),
        ]),
        { recursive: true, force: true },
      );
    },
    () => {
      if (existsSync(where)) chmodSync(where, one([0o500, 0o755]));
    },
  ];
  if (disk !== null) {
    const fill = async () => {
      isWhole = false;
      try {
        writeFileSync(join(disk, 'fill'), Buffer.alloc(8 * 2 ** 20));
      } catch {
        // It is full: that is what was meant.
      }
      await sleep(random() * 1500);
      rmSync(join(disk, 'fill'), { force: true });
    };
    const readOnly = async () => {
      isWhole = false;
      // Refused while a file is open for writing: then nothing is different.
      spawnSync('mount', ['-o', 'remount,ro', disk], { stdio: 'ignore' });
      await sleep(random() * 500);
      spawnSync('mount', ['-o', 'remount,rw', disk], { stdio: 'ignore' });
    };
    acts.push(fill, fill, fill, readOnly);
  }
  for (let i = below(4); i > 0; i--) {
    try {
      await one(acts)();
    } catch {
      // Somebody was faster: a folder that is deleted has a new file, a process has ended.
    }
    await sleep(random() * 300);
  }

  // Each is ended by force, in random order; what was faster has ended by itself.
  const victims: [string, number | null | undefined][] = [
    ['trainer', trainer],
    ...members.map(({ name, child }): [string, number | undefined] => [name, child.pid]),
  ];
  for (const [, pid] of play.shuffled(victims)) {
    if (random() < 0.15) play.signal(pid, 'SIGSTOP');
    if (random() < 0.75) play.signal(pid, 'SIGKILL');
    else {
      const signal = one(ENDING);
      play.signal(pid, signal);
      play.signal(pid, 'SIGCONT');
      // Asked twice, everything ends at once.
      if (random() < 0.3) play.signal(pid, signal);
    }
    await sleep(random() * 200);
  }
  for (const socket of sockets) socket.destroy();
  // Another program's trainer is not ours to end, and `watch -` lives as long as its pipe.
  for (const { pid, command } of play.living())
    if (command.includes('--input-type=module')) play.signal(pid, 'SIGKILL');
  // Who only watches ends with the run; a server is ended by its starter.
  for (const { child, endsWithRun } of members) if (!endsWithRun) play.signal(child.pid, 'SIGTERM');
  await until(
    () =>
      members.every(({ child }) => child.exitCode !== null || child.signalCode !== null) &&
      (trainer === null || !isAlive(trainer)),
    20_000,
  );
  await play.sweep(`schedule ${number}, ${kind}`);
  await opens(play, number, [runs, where].filter(existsSync), isWhole ? seen : new Set());
  if (disk !== null) {
    execFileSync('umount', ['--lazy', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
  rmSync(runs, { recursive: true, force: true, maxRetries: 5 });
}

/** What is promised of what is left on the disk. */
async function opens(
  play: Play,
  number: number,
  places: readonly string[],
  seen: ReadonlySet<number>,
): Promise<void> {
  for (const place of places) {
    const folders = existsSync(join(place, 'events-0.jsonl'))
      ? [place]
      : listRuns(place).map(({ path }) => path);
    for (const folder of folders) {
      chmodSync(folder, 0o755);
      const report = emptyReport();
      try {
        play.check(await viewRun(folder, report), `schedule ${number}: a live reduction equals a replay`);
      } catch (error) {
        play.check(false, `schedule ${number}: ${folder} does not open: ${(error as Error).stack}`);
      }
      play.check(
        report.unreadable === 0,
        `schedule ${number}: ${folder} does not open: ${JSON.stringify(report.problems)}`,
      );
      play.check(writerState(folder, 0) !== 'writing', `schedule ${number}: ${folder} is locked by nobody`);
      new LogWriter(folder).close();
      if (seen.size === 0 || !existsSync(join(folder, 'events-0.jsonl'))) continue;
      const text = readFileSync(join(folder, 'events-0.jsonl'), 'latin1');
      const missing = [...seen].filter(seq => !text.includes(`"seq":${seq},`));
      play.check(
        missing.length === 0,
        `schedule ${number}: ${missing.length} events that a reader was shown are not in the log`,
      );
    }
  }
}

/** @param kills until so many processes were killed with -9 */
export async function playTree(play: Play, kills: number): Promise<void> {
  if (kills === 0) return;
  const before = play.kills;
  let schedules = 0;
  while (play.kills - before < kills) await schedule(play, schedules++);
  console.log(
    `${schedules} schedules over the process tree: ${play.kills - before} kills, ${play.others} other signals, ` +
      `${play.faults.length} faults`,
  );
}
