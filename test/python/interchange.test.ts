/** Run folders, logs and locks: what one client leaves behind, the other goes on with. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Emitter, parseOutOfMemory } from '../../src/emit/index.ts';
import {
  createRun,
  emptyReport,
  LogWriter,
  openRun,
  readRun,
  safeName,
  writerState,
} from '../../src/log/index.ts';
import { ask, python, run, unless } from './python.ts';

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'esper-python-'));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

const start = (options: string, body: string) =>
  run(
    python!,
    [
      '-c',
      `import esper_telemetry as esper
run = esper.start(${JSON.stringify('from python')}, runs=${JSON.stringify(runs)}, sample_driver=0, sample_host=0${options})
${body}`,
    ],
    undefined,
    runs,
  );

async function eventsOf(folder: string) {
  const report = emptyReport();
  const events = [];
  for await (const batch of readRun(folder, report)) events.push(...batch);
  return { events, report };
}

describe.skipIf(!python)(`the two clients${unless(python, 'python3')}`, { timeout: 180_000 }, () => {
  test('a run of the Python client opens like any other', async () => {
    const { stdout, stderr } = start(
      ', task="CartPole-v1"',
      'run.ppo_update(batch=1)\nrun.finish()\nprint(run.id)',
    );
    const folder = openRun(join(runs, stdout.trim()))!;
    expect(stderr).toBe('');
    expect(folder.problem).toBeNull();
    expect(folder.manifest).toMatchObject({ name: 'from python', task: 'CartPole-v1', id: stdout.trim() });
    expect(folder.id).toMatch(/^\d{8}-\d{6}-from-python-[0-9a-f]{4}$/);
    const { events, report } = await eventsOf(folder.path);
    expect(report).toMatchObject({ malformed: 0, unknown: 0, torn: 0 });
    expect(events.map(event => event.type)).toEqual([
      'TRAINING_STARTED',
      'PPO_UPDATE_COMPLETED',
      'TRAINING_COMPLETED',
    ]);
    expect(writerState(folder.path, 0)).toBe('closed');
  });

  test('Python goes on with a run of ours, without a gap', async () => {
    const ours = createRun({ runs, name: 'ours' });
    const writer = new LogWriter(ours.path);
    const emitter = new Emitter({ run: ours.id, rank: 0, sink: writer, firstSeq: writer.nextSeq });
    emitter.emit('TRAINING_STARTED', { name: 'ours' });
    emitter.emit('PPO_UPDATE_COMPLETED', { batch: 41, loss: { policy: 'NaN' }, extra: { größe: '\u2028' } });
    writer.close();
    const manifest = readFileSync(join(ours.path, 'run.json'), 'utf8');

    const { stderr } = start(
      ', resume="ours"',
      'assert run.resumed_at_batch == 41\nrun.ppo_update()\nrun.finish()',
    );
    expect(stderr).toBe('');
    const { events, report } = await eventsOf(ours.path);
    expect(report).toMatchObject({ malformed: 0, unknown: 0 });
    expect(events.map(event => event.seq)).toEqual([0, 1, 2, 3, 4]);
    expect(events[2]).toMatchObject({ run: ours.id, type: 'TRAINING_STARTED', data: { resumedAtBatch: 41 } });
    expect(events[3]).toMatchObject({ data: { batch: 42 } });
    expect(readFileSync(join(ours.path, 'run.json'), 'utf8')).toBe(manifest);

    const again = new LogWriter(ours.path);
    expect(again.nextSeq).toBe(5);
    again.close();
  });

  test('neither writes what the other is writing', () => {
    const ours = createRun({ runs, name: 'ours' });
    const writer = new LogWriter(ours.path);
    const refused = start(`, run_id=${JSON.stringify(ours.id)}`, 'assert run.path is None');
    expect(refused.status, refused.stderr).toBe(0);
    expect(refused.stderr).toMatch(
      new RegExp(`^esper: nothing is recorded: process ${process.pid} on .* is writing this run`),
    );
    writer.close();

    const theirs = start(
      ', run_id="theirs"',
      `import subprocess, sys
print(open(run.path / "events-0.lock").read())`,
    );
    const holder = JSON.parse(theirs.stdout);
    expect(Object.keys(holder).sort()).toEqual([
      'hostname',
      'machine',
      'pid',
      'pidNamespace',
      'startTicks',
      'writer',
    ]);
  });

  test('a Python trainer that was killed ended unexpectedly', () => {
    const killed = start(
      ', run_id="killed"',
      'run.ppo_update(batch=1)\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)',
    );
    expect(killed.signal).toBe('SIGKILL');
    expect(writerState(join(runs, 'killed'), 0)).toBe('gone');
    const writer = new LogWriter(join(runs, 'killed'));
    expect(writer.nextSeq).toBe(2);
    writer.close();
  });

  test('names become safe in one way', () => {
    const names = [
      'my run',
      '../../etc',
      'Über/größe',
      '.hidden',
      '',
      '…',
      'a'.repeat(80),
      'x.',
      'ppo_v1.2-b',
      '-x-',
      'a\u0301',
      '数',
    ];
    expect(ask(python!, { kind: 'names', names })).toEqual(names.map(safeName));
  });

  test('out-of-memory texts are read in one way', () => {
    const texts = [
      'CUDA out of memory. Tried to allocate 996.00 MiB. GPU 3 has a total capacity of 44.43 GiB of which 9.06 GiB is free. Process 2102129 has 17.54 GiB memory in use. Including non-PyTorch memory, this process has 17.81 GiB memory in use. 17.69 GiB allowed; Of the allocated memory 17.44 GiB is allocated by PyTorch, with 35.88 MiB allocated in private pools (e.g., CUDA Graphs), and 59.88 MiB is reserved by PyTorch but unallocated.',
      'CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 7.80 GiB total capacity; 6.30 GiB already allocated; 18.31 MiB free; 6.50 GiB reserved in total by PyTorch)',
      'CUDA out of memory. Tried to allocate 14.00 MiB. GPU 0 has a total capacty of 23.69 GiB of which 5.06 MiB is free. Process 1 has 23.67 GiB memory in use.',
      'HIP out of memory. Tried to allocate 76.00 MiB. GPU 0 has a total capacity of 255.69 GiB of which 252.82 GiB is free. this process has 17179869184.00 GiB memory in use.',
      'MPS backend out of memory (MPS allocated: 7.64 GiB, other allocations: 68.91 GiB, max allowed: 88.13 GiB). Tried to allocate 33.92 GiB on private pool.',
      "DefaultCPUAllocator: can't allocate memory: you tried to allocate 400000 bytes. Error code 12",
      'XPU out of memory. Tried to allocate 2.50 KiB. GPU 1 has a total capacity of 15.12 GiB. Of the allocated memory 1.00 GiB is allocated by PyTorch, and 1 bytes is reserved by PyTorch but unallocated.',
    ];
    expect(ask(python!, { kind: 'out_of_memory', texts })).toEqual(texts.map(parseOutOfMemory));
  });
});
