/** `esper import`: what W&B and TensorBoard recorded becomes a run as it was recorded, and what is damaged is refused in a sentence. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkEvent } from '../../src/contract/index.ts';
import { eventFileHead, scalarRecord } from '../../src/export/index.ts';
import { listRuns } from '../../src/log/index.ts';
import { importWandb, type WatchedEvent, wandbFacts } from '../../src/watch/index.ts';
import { scratch } from '../scratch.ts';
import { exit, history, output, run, stats, wandbFile } from './wandb/write.ts';

const REAL = new URL('./wandb/offline.wandb', import.meta.url).pathname;
const ESPER = new URL('../../dist/cli/esper.js', import.meta.url).pathname;

function imported(path: string) {
  const events: WatchedEvent[] = [];
  const notices: string[] = [];
  const facts = wandbFacts(path);
  importWandb(path, {
    ...{ facts, name: 'test', config: {}, beganMs: facts.startMs ?? 1 },
    onEvent: event => events.push(event),
    onNotice: notice => notices.push(notice),
  });
  return { facts, events, notices };
}
const short = (events: WatchedEvent[]) => events.map(({ type, data }) => [type, data]);

test('a run that wandb 0.31 wrote: steps by the metric that it is drawn over, losses, what is its own', () => {
  const { facts, events, notices } = imported(REAL);
  expect(facts).toMatchObject({
    ...{ id: 'abc12345', name: 'baseline', host: 'node1', exitCode: 0, records: 7 },
    config: { lr: 3e-4, optimizer: { name: 'adam' } },
    end: { problem: null, torn: false },
  });
  expect(notices).toEqual([]);
  const losses = [2, 1, 2 / 3, 'NaN', 0.4, 1 / 3];
  expect(short(events)).toEqual([
    ['TRAINING_STARTED', { name: 'test', hostname: 'node1', config: {} }],
    ...losses.map((loss, i) => [
      'STEP_COMPLETED',
      { step: 10 * (i + 1), loss, learningRate: 3e-4, extra: { accuracy: i / 8 } },
    ]),
    ['FIGURES_LOGGED', { batch: 60, figures: { 'eval/loss': 0.5 } }],
    ['TRAINING_COMPLETED', { reason: 'finished' }],
  ]);
  expect(events[0]!.timeMs).toBe(facts.startMs);
});

const GIB = 1024 ** 3;
const records = [
  run('r1', 'ppo', 1.7e12, { seed: 3, api_key: 'abcdef' }),
  stats(1.7e12 + 500, {
    ...{
      'gpu.0.memoryAllocatedBytes': 5 * GIB,
      'gpu.0.gpu': 71,
      'gpu.0.temp': 60,
      'gpu.0.powerWatts': 301.5,
    },
    ...{ 'gpu.1.memoryAllocatedBytes': 6.5, 'gpu.1.gpu': 40, 'proc.memory.rssMB': 100, cpu: 3 },
  }),
  history(0, { _timestamp: 1.7e9 + 1, 'actor/pg_loss': 0.5, 'critic/rewards/mean': 7, episode_seen: 2 }),
  history(1, { _timestamp: 1.7e9 + 2, note: 'no figure', image: { _type: 'image-file', width: 5 } }),
  output('x'.repeat(100_000)),
  history(2, { _timestamp: 1.7e9 + 3, 'val/score': 0.25 }),
  history(3, { _timestamp: 1.7e9 + 4, 'actor/pg_loss': 'Infinity', 'perf/max_memory_allocated_gb': 3.5 }),
  exit(3),
];

test('updates with returns, memory of the process and of the devices; nothing is made up', () => {
  const folder = scratch('import');
  mkdirSync(join(folder, 'files'));
  writeFileSync(
    join(folder, 'files', 'wandb-metadata.json'),
    JSON.stringify({
      gpu_nvidia: [{ name: 'NVIDIA H100', memoryTotal: `${80 * GIB}`, uuid: 'GPU-1' }, null],
    }),
  );
  const path = join(folder, 'run-r1.wandb');
  writeFileSync(path, wandbFile(records));
  const { events } = imported(path);
  expect(short(events)).toEqual([
    ['TRAINING_STARTED', { name: 'test', config: {} }],
    [
      'DEVICE_SAMPLED',
      {
        devices: [
          {
            ...{ index: 0, name: 'NVIDIA H100', uuid: 'GPU-1', totalBytes: 80 * GIB, usedBytes: 5 * GIB },
            ...{ utilizationPercent: 71, temperatureCelsius: 60, powerWatts: 301.5 },
          },
          { index: 1, utilizationPercent: 40 },
        ],
      },
    ],
    ['HOST_SAMPLED', { processRssBytes: 100 * 1024 ** 2 }],
    [
      'PPO_UPDATE_COMPLETED',
      { batch: 0, loss: { policy: 0.5 }, rollout: { episodicReturn: 7 }, extra: { episode_seen: 2 } },
    ],
    ['FIGURES_LOGGED', { batch: null, figures: { 'val/score': 0.25 } }],
    [
      'PPO_UPDATE_COMPLETED',
      {
        ...{ batch: 3, loss: { policy: 'Infinity' } },
        memory: [{ device: 'cuda', peakAllocatedBytes: 3.5 * GIB, peakScope: 'run' }],
      },
    ],
    [
      'TRAINING_FAILED',
      {
        errorType: null,
        message: 'the process ended with exit status 3, as W&B recorded it',
        ending: { kind: 'launcher', by: 'wandb', exitCode: 3, evidence: 'exit status 3' },
      },
    ],
  ]);
  expect(events.map(({ timeMs }) => timeMs - 1.7e12)).toEqual([0, 500, 500, 1000, 3000, 4000, 4000]);
  events.forEach(({ type, data, timeMs, rank }, seq) => {
    const event = { v: '1.0', seq, timeMs, run: 'r', rank, type, data };
    expect(checkEvent(event)).toBe(event);
  });
});

test('a damaged or cut file gives what is before the damage, never anything else', () => {
  const path = join(scratch('damaged'), 'run-r.wandb');
  const whole = readFileSync(REAL);
  writeFileSync(path, whole);
  const all = imported(path).events.map(event => JSON.stringify(event));
  const isPrefix = ({ events }: ReturnType<typeof imported>) =>
    events.every((event, i) => JSON.stringify(event) === all[i] || event.type === 'TRAINING_COMPLETED');
  for (let at = 0; at < whole.length; at += 67) {
    const damaged = Buffer.from(whole);
    damaged[at] = damaged[at]! ^ 16;
    writeFileSync(path, damaged);
    const read = imported(path);
    expect(read.facts.end.problem !== null || read.facts.end.torn, `byte ${at}`).toBe(true);
    expect(isPrefix(read), `byte ${at}`).toBe(true);
    writeFileSync(path, whole.subarray(0, at));
    expect(isPrefix(imported(path)), `cut at ${at}`).toBe(true);
  }
});

test('the command: one run each, once; a sentence for each that cannot be', () => {
  const folder = scratch('command');
  const runs = join(folder, 'runs');
  const put = (name: string, bytes: Uint8Array | string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  put('wandb/offline-run-1/run-a.wandb', readFileSync(REAL));
  put('wandb/offline-run-2/run-r1.wandb', wandbFile(records));
  put('empty.wandb', '');
  put('head.wandb', wandbFile([]));
  put('newer.wandb', wandbFile(records, 1));
  put('other.wandb', 'step:1 - actor/pg_loss:0.5\n');
  put('cut.wandb', readFileSync(REAL).subarray(0, 1500));
  put('train.log', 'step:1 - actor/pg_loss:0.5\n');
  put(
    'tb/events.out.tfevents.1700000000.node1',
    Buffer.concat([
      eventFileHead(1.7e12),
      ...[1, 2].map(step => scalarRecord(1.7e12 + step * 1000, step, { 'train/loss': 0.5 / step })),
    ]),
  );
  put('tb-empty/events.out.tfevents.1700000000.node1', eventFileHead(1.7e12));
  const sources = [
    'wandb',
    'wandb/offline-run-1',
    'tb',
    'tb-empty',
    'empty.wandb',
    'head.wandb',
    'newer.wandb',
  ];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [ESPER, 'import', ...sources, 'other.wandb', 'cut.wandb', 'train.log', 'none', '--runs', runs, '--json'],
    { cwd: folder, encoding: 'utf8' },
  );
  const made = JSON.parse(stdout) as { source: string; from: string; run: string; events: number }[];
  expect(made.map(({ source, from }) => [source, from])).toEqual([
    ['wandb/offline-run-1/run-a.wandb', 'W&B'],
    ['wandb/offline-run-2/run-r1.wandb', 'W&B'],
    ['tb', 'TensorBoard'],
    ['cut.wandb', 'W&B'],
  ]);
  expect(stderr.trim().split('\n')).toEqual([
    'esper: cut.wandb: its last record is unfinished, and left out.',
    expect.stringMatching(/^esper: train\.log is neither a run of W&B .* "\S.* watch FILE --no-follow"\.$/),
    'esper: none is not there.',
    expect.stringMatching(
      /^esper: wandb\/offline-run-1\/run-a\.wandb was imported already, as \S+-baseline-\w+: /,
    ),
    'esper: tb-empty: no figures were recognised in it; no run was made.',
    'esper: empty.wandb: it is empty; no run was made.',
    'esper: head.wandb: nothing was logged in it; no run was made.',
    'esper: newer.wandb: it has version 1 of W&B’s format, of which 0 is read; no run was made.',
    'esper: other.wandb: it is no file of a W&B run; no run was made.',
  ]);
  expect(status).toBe(1);
  expect(readdirSync(runs).filter(name => !name.startsWith('.'))).toHaveLength(made.length);
  const ppo = listRuns(runs).find(({ name }) => name === 'ppo')!;
  expect(ppo.createdMs).toBe(1.7e12);
  expect(ppo.manifest!.config).toMatchObject({ seed: 3, imported: { from: 'W&B', id: 'r1' } });
  expect(JSON.stringify(made) + readFileSync(join(ppo.path, 'events-0.jsonl'), 'utf8')).not.toContain(
    'abcdef',
  );
  expect(readFileSync(join(runs, made[2]!.run, 'events-0.jsonl'), 'utf8')).toContain(
    '"type":"STEP_COMPLETED","data":{"step":1,"loss":0.5}',
  );
});
