/**
 * How logs of other people's trainers end, and what a report must find of it: a row for each input of the
 * material. `says` are words of the verdict and of the explanation's evidence.
 */
import { describe, expect, test } from 'vitest';
import { material, unlessMaterial } from '../material.ts';
import { reportOfFile } from './report-of-log.ts';

interface Row {
  state: string;
  kind?: string;
  ending?: string;
  rank?: number;
  last?: number;
  says?: (string | RegExp)[];
  never?: string[];
}

const rows: Record<string, Row> = {
  'field/p01-hf-killed.log': { state: 'failed', ending: 'signal', last: 41, says: ['SIGKILL', 'host'] },
  'field/p02-hf-finished-then-oom.log': {
    state: 'failed',
    ending: 'out of memory',
    says: ['1.50 GiB', '24.00 GiB', '22.00 GiB'],
  },
  'field/p03-survived-oom.log': { state: 'unknown', last: 3 },
  'field/p04-titan-4ranks-rank2-oom.log': {
    state: 'failed',
    ending: 'out of memory',
    rank: 2,
    says: ['cuda:2'],
  },
  'field/p05-verl-sft.log': { state: 'unknown', last: 10 },
  'field/p06-titan-growth.log': { state: 'unknown', kind: 'growth', last: 22, says: ['1.70 GiB more each'] },
  'field/p06b-titan-growth-no-capacity-line.log': {
    state: 'unknown',
    kind: 'growth',
    last: 22,
    says: ['1.70 GiB more each'],
  },
  'field/p07-verl-growth-oom.log': { state: 'failed', kind: 'growth', ending: 'out of memory', last: 20 },
  'field/q1-verl-60.log': { state: 'unknown', kind: 'growth', last: 60 },
  'field/q2-verl-200.log': { state: 'unknown', kind: 'growth', last: 200 },
  'field/q3-verl-60-flat.log': { state: 'unknown', kind: 'steady', last: 60 },
  'field/q4-verl-60-with-worker-lines.log': { state: 'unknown', kind: 'growth', last: 60 },
  'field/q5-verl-worker-leak.log': { state: 'unknown', kind: 'leak', last: 60 },
  'field/p08-mmengine.json.log': { state: 'unknown', last: 100 },
  'field/p08b-mmdet-old.json.log': { state: 'unknown', last: 100 },
  'field/p08c-detectron2.json.log': { state: 'unknown', last: 39 },
  'field/p11-grpo-entropy-strings.log': { state: 'unknown', last: 2 },
  'field/p12-sft-entropy-mixed.log': { state: 'unknown', last: 3 },
  'field/p13-slime-entropy.log': { state: 'unknown', last: 12 },
  'field/p14-json-unnumbered.log': { state: 'unknown', last: 10 },
  'field/p09-cpu-alloc.log': { state: 'failed', kind: 'host memory', says: ['34359738368 bytes'] },
  'field/p10-srun-label.log': { state: 'failed', rank: 3, ending: 'out of memory', says: ['no figures'] },
  'field/p15-oom-quoted.log': { state: 'completed' },
  'field/p16-multiline-error.log': { state: 'failed', ending: 'out of memory', says: ['NCCL'] },
  'field/p18-neighbours.log': { state: 'failed', kind: 'neighbour', says: ['process 111 has 30.00 GiB'] },
  'field/p19-rich-wrap80.log': {
    state: 'failed',
    says: [
      'asked 96.00 MiB',
      'total 24.00 GiB',
      'free 40.00 MiB',
      'this process 23.90 GiB',
      '22.50 GiB',
      '900.00 MiB',
    ],
  },
  'field/p20-rich-wrap-inside-number.log': {
    state: 'failed',
    says: ['asked 96.00 MiB', 'total 24.00 GiB', 'free 40.00 MiB'],
  },
  'field/p21-hf-elastic-minus9.log': { state: 'failed', ending: 'signal', rank: 2, says: ['SIGKILL'] },
  'field2/r1-dmesg-oom-kill.log': {
    state: 'failed',
    kind: 'host memory',
    says: [
      '4242 (python3)',
      'whole machine',
      '31451456 kB = 32206290944 bytes = 29.99 GiB',
      'No GPU is to blame',
    ],
  },
  'field2/r2-slurm-time-limit.log': {
    state: 'failed',
    ending: 'time limit',
    last: 3,
    says: ['time limit', 'Memory had no part'],
  },
  'field2/r3-nccl-timeout.log': {
    state: 'failed',
    ending: 'collective timeout',
    says: [
      'ALLREDUCE',
      'work 19',
      '1800 s',
      '1800093 ms',
      'last completed 18',
      'ranks 1, 2, 3 waited',
      'rank 0 has no line',
      'not out of memory',
    ],
  },
  'field2/r4-triton-shared-memory.log': {
    state: 'failed',
    kind: 'not memory',
    says: [
      'Not out of GPU memory',
      '663808 bytes',
      '101376',
      'A smaller batch does not help',
      /smaller block sizes/,
    ],
  },
  'field2/r5-hip-free-impossible.log': {
    state: 'failed',
    kind: 'full',
    says: [
      'asked 72.00 MiB',
      'total 512.00 MiB',
      '430.00 MiB',
      'impossible: 17179869183.96 GiB',
      '0.04 GiB below zero',
      'not fragmentation',
    ],
    never: ['expandable_segments'],
  },
  'field2/r7-physx-out-of-memory.log': {
    state: 'failed',
    says: ['outside PyTorch', 'simulator', '324.00 MiB', 'whatever the number of environments'],
  },
  'field2/r9-no-newline-at-the-end.log': {
    state: 'failed',
    ending: 'out of memory',
    last: 1,
    says: ['asked 96.00 MiB', 'free 40.25 MiB', '22.10 GiB', '23.65 GiB'],
  },
};

describe('endings in the field', () => {
  test.each(Object.entries(rows))(
    '%s',
    (path, { state, kind, ending, rank, last, says = [], never = [] }) => {
      const file = material(path);
      if (file === undefined) return;
      const { report, numbers, snapshot } = reportOfFile(file);
      expect(report.run.state).toBe(state);
      expect(snapshot.run.state).toBe(state);
      if (kind !== undefined) expect(report.verdict.kind).toBe(kind);
      if (ending !== undefined) expect(report.failure?.ending?.kind).toBe(ending);
      if (rank !== undefined) expect(report.failure?.rank).toBe(rank);
      if (last !== undefined) expect(numbers.at(-1)).toBe(last);
      const { explanation, verdict } = report;
      const text = [
        verdict.says,
        explanation?.says,
        ...(explanation?.evidence ?? []).map(seen => seen.says),
        ...(explanation?.next ?? []),
      ].join('\n');
      for (const word of says) expect(text).toMatch(word);
      for (const word of never) expect(text).not.toMatch(word);
    },
  );

  test(`the material is there${unlessMaterial('field')}`, ({ skip }) => {
    if (material('field') === undefined) skip();
    expect(Object.keys(rows).filter(path => material(path) === undefined)).toEqual([]);
  });

  test.skipIf(!material('field'))(
    'a survived out-of-memory error is a refusal, at the wall, with its figures',
    () => {
      const { events } = reportOfFile(material('field/p03-survived-oom.log')!);
      const refused = events.filter(({ type }) => type === 'MEMORY_SAMPLED');
      expect(refused.map(({ data }) => (data as { memory: { ooms: number }[] }).memory[0]!.ooms)).toEqual([
        1, 2,
      ]);
      expect(refused[0]!.data).toMatchObject({ refused: { triedBytes: 1.5 * 2 ** 30, freeBytes: 2 ** 30 } });
    },
  );

  test.skipIf(!material('field')).each([
    ['p05-verl-sft', { loss: 1.8, learningRate: 2e-5, gradNorm: 0.733, stepMs: 4210 }],
    ['p08-mmengine.json', { loss: 2, memory: [{ peakAllocatedBytes: 12633 * 2 ** 20 }] }],
    [
      'p11-grpo-entropy-strings',
      {
        rollout: { episodicReturn: 0.625, episodicLength: 312.5 },
        policy: { clipFraction: 0.001 },
        extra: { kl: 0.0021 },
      },
    ],
    ['p12-sft-entropy-mixed', { loss: 0.8 }],
    ['p13-slime-entropy', { policy: { entropy: 0.26, approxKl: 0.01 }, loss: { policy: 0.4 } }],
  ])('figures of %s', (log, figures) => {
    const { events } = reportOfFile(material(`field/${log}.log`)!);
    expect(events.findLast(({ type }) => /UPDATE|STEP/.test(type))!.data).toMatchObject(figures);
  });

  test.skipIf(!material('field'))('the ranks that fell with another are not failed of the same', () => {
    const { events } = reportOfFile(material('field/p04-titan-4ranks-rank2-oom.log')!);
    const failed = events.filter(({ type }) => type === 'TRAINING_FAILED');
    expect(
      failed.map(({ rank, data }) => [rank, (data as { ending: { kind: string } }).ending.kind]),
    ).toEqual([
      [0, 'peer'],
      [1, 'peer'],
      [2, 'out of memory'],
      [3, 'peer'],
    ]);
  });
});
