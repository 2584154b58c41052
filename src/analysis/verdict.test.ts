import { describe, expect, test } from 'vitest';
import type { DeviceMemory, Payload, RunReport, TelemetryEvent } from '../contract/index.ts';
import { recordFor } from '../figures/index.ts';
import { playScenario, type ScenarioTruth, scenarios } from '../workloads/simulate/index.ts';
import { RunAnalyser } from './index.ts';

const GIB = 2 ** 30;

function report(events: Iterable<TelemetryEvent>): RunReport {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  return analyser.report();
}

type Step = { [T in TelemetryEvent['type']]: { type: T; data: Payload<T> } }[TelemetryEvent['type']];

const logged = (steps: Step[]): TelemetryEvent[] =>
  steps.map(
    ({ type, data }, seq) =>
      ({ v: '1.0', seq, timeMs: 1e12 + 1000 * seq, run: 'r', rank: 0, type, data }) as TelemetryEvent,
  );

function played(name: string, seed: number): { steps: Step[]; truth: ScenarioTruth } {
  const run = playScenario(scenarios.find(s => s.name === name)!, { seed });
  const steps: Step[] = [];
  for (;;) {
    const { done, value } = run.next();
    if (done) return { steps, truth: value };
    steps.push(value);
  }
}

describe.each(scenarios)('$name', ({ name, kind }) => {
  test('is found for what it is, with evidence that is there', () => {
    for (const seed of [21, 22]) {
      const { steps } = played(name, seed);
      const { verdict, devices, run } = report(logged(steps));
      expect(verdict.kind, `${name}, seed ${seed}: ${verdict.says}`).toBe(kind);
      const batches = new Set(
        steps.flatMap(step => (step.type === 'PPO_UPDATE_COMPLETED' ? [step.data.batch] : [])),
      );
      for (const finding of devices.flatMap(device => device.findings)) {
        if (finding.kind !== 'steady' && finding.kind !== 'unmeasured')
          expect(finding.next.length, finding.kind).toBeGreaterThan(0);
        for (const { fromBatch, toBatch, figures, says } of finding.evidence) {
          expect(batches, says).toContain(fromBatch);
          expect(batches, says).toContain(toBatch);
          expect(fromBatch).toBeLessThanOrEqual(toBatch!);
          expect(figures.map(id => recordFor(id)?.id)).toEqual(figures);
          expect(says).not.toMatch(/NaN|undefined|null|Infinity|–\s?GiB/);
        }
      }
      expect(run.updates).toBe(batches.size);
    }
  });

  test('is found for what it is whatever the run is called and configured', () => {
    const { steps } = played(name, 24);
    const disguised = steps.map(step =>
      step.type === 'TRAINING_STARTED'
        ? { type: step.type, data: { name: 'fast-leak', task: 'spike', config: { scenario: 'neighbour' } } }
        : step,
    );
    expect(report(logged(disguised)).devices).toEqual(report(logged(steps)).devices);
  });
});

/** An update whose device holds so much, in GiB, out of 80. */
const update = (
  batch: number,
  gib: Partial<Record<'rest' | 'peak' | 'reserved' | 'free', number>>,
  more: Partial<DeviceMemory> = {},
): Step => {
  const { rest = 20, peak = 40, reserved = 44, free = 34 } = gib;
  const bytes = (amount: number) => Math.round(amount * GIB);
  return {
    type: 'PPO_UPDATE_COMPLETED',
    data: {
      batch,
      timing: { rolloutMs: 100, updateMs: 400 },
      memory: [
        {
          device: 'cuda:0',
          allocatedBytes: bytes(rest),
          activeBytes: bytes(rest),
          peakActiveBytes: bytes(peak),
          peakScope: 'update',
          reservedBytes: bytes(reserved),
          inactiveSplitBytes: 0,
          deviceFreeBytes: bytes(free),
          deviceTotalBytes: 80 * GIB,
          allocRetries: 0,
          ooms: 0,
          ...more,
        },
      ],
    },
  };
};

/** A refusal far above what updates usually need. */
const FAR_ABOVE = {
  triedBytes: 10,
  freeBytes: 0.5,
  totalBytes: 80,
  processBytes: 79.5,
  allocatedBytes: 76,
  reservedUnallocatedBytes: 1,
};

const many = (make: (batch: number) => Step, count = 60): Step[] =>
  Array.from({ length: count }, (_, i) => make(i + 1));

const failed = (
  message: string,
  gib: Record<string, number> | null,
  errorType = 'OutOfMemoryError',
): Step => ({
  type: 'TRAINING_FAILED',
  data: {
    errorType,
    message,
    outOfMemory:
      gib === null
        ? null
        : {
            device: 'cuda:0',
            ...Object.fromEntries(
              Object.entries(gib).map(([name, amount]) => [name, Math.round(amount * GIB)]),
            ),
          },
  },
});

describe('the refusal that ended a run', () => {
  const first = (steps: Step[]) => report(logged(steps)).devices[0]!.findings[0]!;

  test('of what the device had free indicates a limit', () => {
    const found = first([
      ...many(batch => update(batch, {})),
      failed('CUDA out of memory.', {
        triedBytes: 2,
        freeBytes: 30,
        totalBytes: 80,
        processBytes: 46,
        allocatedBytes: 40,
        reservedUnallocatedBytes: 1,
      }),
    ]);
    expect(found.kind).toBe('allocator configuration');
  });

  test('with much reserved and unallocated indicates fragmentation', () => {
    const found = first([
      ...many(batch => update(batch, { peak: 60, reserved: 76, free: 2 })),
      failed('CUDA out of memory.', {
        triedBytes: 2,
        freeBytes: 1,
        totalBytes: 80,
        processBytes: 79,
        allocatedBytes: 62,
        reservedUnallocatedBytes: 15,
      }),
    ]);
    expect(found.kind).toBe('fragmentation');
    expect(found.next[0]).toContain('expandable_segments:True');
  });

  test('with another process that was not there before names it', () => {
    const found = first([
      ...many(batch => update(batch, {})),
      failed('CUDA out of memory.', {
        triedBytes: 2,
        freeBytes: 0.5,
        totalBytes: 80,
        processBytes: 44.5,
        allocatedBytes: 40,
        reservedUnallocatedBytes: 1,
      }),
    ]);
    expect(found.kind).toBe('neighbour');
    expect(found.evidence.at(-1)!.says).toContain('35.0 GiB with other processes');
  });

  test('neighbours that the driver names are named, the largest first; the trainer itself is none', () => {
    const own = { pid: 100, name: 'python', usedBytes: 45 * GIB };
    const sampled = (uuid: string, processes: object[]) =>
      ({ type: 'DEVICE_SAMPLED', data: { devices: [{ uuid, processes }] } }) as Step;
    const crowded = (pid: number | null, ...processes: object[]) =>
      first([
        { type: 'TRAINING_STARTED', data: { pid } },
        ...many(batch => update(batch, { free: 34 - Math.min(30, batch) }, { uuid: 'aa-bb' })),
        sampled('GPU-cc-dd', [own, { pid: 7, name: 'elsewhere', usedBytes: 70 * GIB }]),
        sampled('GPU-aa-bb', processes),
      ]).evidence.map(({ says }) => says);
    const others = [
      { pid: 1, name: 'small', usedBytes: GIB },
      { pid: 2, name: 'vllm', usedBytes: 28 * GIB },
      { pid: 3, name: null, usedBytes: 2 * GIB },
      { pid: 4, name: 'hidden', usedBytes: null },
      { pid: 5, name: 'tiny', usedBytes: 2 ** 20 },
    ];
    expect(crowded(100, own, ...others)).toContain(
      'The driver names them: vllm (pid 2) 28.0 GiB, a process (pid 3) 2.00 GiB, small (pid 1) 1.00 GiB, and 1 more.',
    );
    expect(crowded(100, own).join()).not.toContain('names');
    // In a container the driver counts in another namespace: which of them is the trainer nobody knows.
    expect(crowded(12, own, ...others).join()).not.toContain('names');
  });

  test('what took longer than calls to the driver can is not theirs, an evaluation that nobody reports', () => {
    const took = (updateMs: number) =>
      report(
        logged(
          many(batch => {
            const step = update(batch, {}, {
              segments: 9,
              deviceAllocs: 9 + 2 * Math.floor(batch / 20),
              deviceFrees: 0,
            } as never);
            if (step.type === 'PPO_UPDATE_COMPLETED' && batch % 20 === 0)
              step.data.timing!.updateMs = updateMs;
            return step;
          }),
        ),
      ).devices[0]!.attribution;
    expect(took(430)).toMatchObject({ busy: 3, compared: 3 });
    expect(took(430).lostFraction!.low).toBeGreaterThan(0);
    expect(took(4000)).toMatchObject({ status: 'no evidence', busy: 0, lostFraction: null });
  });

  test.each<[string, (batch: number) => number, string, number | null]>([
    ['2 MiB each, all along', batch => 0.002 * batch, 'leak', 200],
    ['0.5 MiB each, all along, between others', batch => 0.0005 * batch + 0.01 * (batch % 7), 'leak', 500],
    ['8 MiB each, since update 2500', batch => Math.max(0, 0.008 * (batch - 2500)), 'leak', 2700],
    ['2 MiB each, up to update 1500', batch => 0.002 * Math.min(batch, 1500), 'steady', null],
    ['none, between others', batch => 0.05 * ((batch * 7919) % 13), 'steady', null],
  ])('over 3,000 updates: %s', (_, more, kind, from) => {
    const long = many(batch => {
      const gib = more(batch);
      return update(batch, { rest: 20 + gib, peak: 40 + gib, reserved: 44 + gib, free: 34 - gib });
    }, 3000);
    const found = first(long);
    expect(found.kind).toBe(kind);
    if (from !== null) {
      expect(found.evidence[0]!.fromBatch).toBeLessThan(from);
      expect(report(logged(long)).devices[0]!.forecast.status).toMatch(/^(?:ahead|far)$/);
    }
  });

  test('a refusal in spite of room is of what was cached, and no sign that it just fits', () => {
    const refused = (peak: number) =>
      first(many(batch => update(batch, { peak }, { allocRetries: batch < 30 ? 0 : 1 })));
    expect(refused(40).kind).toBe('steady');
    expect(refused(40).says).toBe(
      'Memory does not grow, and there is room for what is needed; in 1 update cached memory had to be given back before a request was granted.',
    );
    expect(refused(40).next.join()).not.toContain('Make some room');
    expect(refused(70).says).toContain('just fits');
    expect(refused(70).next.join()).toContain('Make some room');
  });

  test('the time of an evaluation is not the allocator’s', () => {
    const steps = (figures: object) =>
      many(batch => {
        const step = update(batch, {}, { allocRetries: Math.floor(batch / 20) });
        if (step.type === 'PPO_UPDATE_COMPLETED' && batch % 20 === 0) step.data.timing!.updateMs = 800;
        return step;
      }).flatMap((step, i) =>
        (i + 1) % 20 === 0 ? [{ type: 'FIGURES_LOGGED', data: { figures } } as Step, step] : [step],
      );
    const lost = (figures: object) => report(logged(steps(figures))).devices[0]!.attribution.lostFraction;
    expect(lost({ accuracy: 0.5, testimony: 1 })!.low).toBeGreaterThan(0.02);
    for (const name of ['eval_loss', 'val/loss', 'validation.f1', 'Test accuracy'])
      expect(lost({ [name]: 0.5 })).toBeNull();
  });

  test('single updates with room for them are no matter, and are not passed over', () => {
    const found = first(
      many(batch => update(batch, batch === 30 ? { rest: 10, peak: 30 } : { rest: 10, peak: 15 })),
    );
    expect(found.kind).toBe('steady');
    expect(found.says).toBe(
      'Memory does not grow. Single updates need up to 15.0 GiB more than the others, for which there is room.',
    );
    expect(first(many(batch => update(batch, {}))).says).toBe(
      'Memory is steady: nothing grows, nothing spikes.',
    );
  });

  test('far above the usual need indicates a spike', () => {
    const found = first([...many(batch => update(batch, {})), failed('CUDA out of memory.', FAR_ABOVE)]);
    expect(found.kind).toBe('spike');
    expect(found.says).toContain('Single updates need far more');
    expect(found.next[0]).toContain('Look at the data of the update after');
  });

  test.each([
    [
      'the client saw in its frames',
      '',
      { program: 'evaluation', pipeline: 'transformers' },
      'eval_accumulation_steps',
    ],
    [
      'its traceback shows',
      '\nTraceback (most recent call last):\n  File "/w/train.py", line 9, in main\n    validate(model)\n  File "/w/train.py", line 5, in validate\n    out = model(x)\n',
      null,
      'torch.no_grad()',
    ],
  ])('in an evaluation, as %s, blames no data of an update', (_, traceback, shown, advice) => {
    const refused = failed(`${traceback}CUDA out of memory.`, FAR_ABOVE);
    const found = first([
      ...many(batch => update(batch, {})),
      shown === null ? refused : ({ ...refused, data: { ...refused.data, shown } } as typeof refused),
    ]);
    expect(found.kind).toBe('spike');
    expect(found.says).toMatch(/^The evaluation after batch \d+ needed far more than an update: \d/);
    expect(found.next[0]).toContain(advice);
    expect(found.next.join()).not.toContain('Look at the data');
  });

  test('by a library, beside a full cache, indicates starvation', () => {
    const found = first([
      ...many(batch => update(batch, { reserved: 78, free: 0.2 })),
      failed(
        "NCCL error: unhandled cuda error. Last error: Cuda failure 2 'out of memory'",
        null,
        'DistBackendError',
      ),
    ]);
    expect(found.kind).toBe('cache starvation');
    expect(found.confidence).toBe('certain');
  });

  test('after memory at rest went up in a few steps indicates a leak', () => {
    const steps = (batch: number) => 8 * [12, 20, 33, 41].filter(at => batch >= at).length;
    const found = first([
      ...many(batch => {
        const more = steps(batch);
        return update(batch, { rest: 20 + more, peak: 40 + more, reserved: 44 + more, free: 34 - more });
      }, 45),
      failed('CUDA out of memory.', { triedBytes: 4, freeBytes: 1, totalBytes: 80, allocatedBytes: 76 }),
    ]);
    expect(found.kind).toBe('leak');
    expect(found.evidence[0]!.says).toContain('in 4 steps');
  });

  test('that is none leaves a steady run steady', () => {
    const found = first([
      ...many(batch => update(batch, {})),
      failed('division by zero', null, 'ZeroDivisionError'),
    ]);
    expect(found.kind).toBe('steady');
    expect(found.confidence).not.toBe('possible');
  });

  test('on another device of the rank is not this device’s', () => {
    const both = many(batch => {
      const step = update(batch, {});
      if (step.type === 'PPO_UPDATE_COMPLETED')
        step.data.memory!.push({ ...step.data.memory![0]!, device: 'cuda:1' });
      return step;
    });
    const { devices } = report(
      logged([
        ...both,
        failed('CUDA out of memory.', {
          triedBytes: 10,
          freeBytes: 0.5,
          totalBytes: 80,
          processBytes: 79.5,
          allocatedBytes: 76,
        }),
      ]),
    );
    expect(devices.map(({ device, findings }) => [device, findings[0]!.kind])).toEqual([
      ['cuda:0', 'spike'],
      ['cuda:1', 'steady'],
    ]);
  });
});

describe('two things at once', () => {
  test('are both reported, the larger one first', () => {
    const leaksBeside = many(batch =>
      update(batch, {
        rest: 20 + batch / 5,
        peak: 40 + batch / 5,
        reserved: 44 + batch / 5,
        free: 34 - batch / 5 - (batch > 30 ? 7 : 0),
      }),
    );
    const kinds = report(logged(leaksBeside)).devices[0]!.findings.map(finding => finding.kind);
    expect(kinds).toEqual(['leak', 'neighbour']);
  });

  test('a cache that one evaluation filled starves others, though the run’s peak shows that it was needed', () => {
    const starves = many(batch => {
      const isFilled = batch >= 20;
      const others = isFilled ? (batch % 2) + 1.8 : 1;
      const reserved = isFilled ? 77 : 44;
      const gib = { peak: isFilled ? 75 : 40, reserved, free: 80 - reserved - others };
      return update(batch, { ...gib, free: Math.max(0.2, gib.free) }, { peakScope: 'run' });
    });
    expect(report(logged(starves)).verdict.kind).toBe('cache starvation');
  });

  test('a spike that leaves most of the budget is no finding', () => {
    const small = many(batch =>
      update(batch, { rest: 5, peak: batch === 30 ? 22 : 10, reserved: 23, free: 55 }),
    );
    expect(report(logged(small)).verdict.kind).toBe('steady');
  });

  test('options that contradict each other are reported where reserved memory grows', () => {
    const grows = many(batch => update(batch, { reserved: 44 + batch / 4, free: 34 - batch / 4 }));
    const started = (allocatorConf: string): Step => ({ type: 'TRAINING_STARTED', data: { allocatorConf } });
    const kind = (conf: string) => report(logged([started(conf), ...grows])).verdict.kind;
    expect(kind('expandable_segments:True,max_split_size_mb:128')).toBe('allocator configuration');
    expect(kind('expandable_segments:True')).toBe('steady');
  });
});

describe('what is not reported', () => {
  const kindOf = (more: Partial<DeviceMemory>) => {
    const run = report(logged(many(batch => update(batch, {}, more))));
    return [run.verdict.kind, run.devices[0]!.forecast.status];
  };
  test('is unmeasured, never steady', () => {
    const nothing = { allocatedBytes: null, activeBytes: null, peakActiveBytes: null, reservedBytes: null };
    expect(kindOf(nothing)).toEqual(['unmeasured', 'unmeasured']);
  });
  test('of the device leaves a word on the rest', () => {
    expect(kindOf({ deviceTotalBytes: null, deviceFreeBytes: null })).toEqual(['steady', 'unmeasured']);
  });
  test('makes steady no more than possible, and names what is missing', () => {
    const steady = (more: Partial<DeviceMemory>) =>
      report(logged(many(batch => update(batch, {}, more), 120))).devices[0]!.findings[0]!;
    expect(steady({}).confidence).toBe('certain');
    expect(steady({ peakActiveBytes: null })).toMatchObject({ kind: 'steady', confidence: 'possible' });
    expect(steady({ deviceFreeBytes: null }).says).toContain('what the device has left was not measured');
  });
  test('counters leave lost time and refusals unmeasured', () => {
    const { devices } = report(logged(many(batch => update(batch, {}, { allocRetries: null, ooms: null }))));
    expect(devices[0]!.attribution.status).toBe('unmeasured');
    expect(devices[0]).toMatchObject({ retries: null, ooms: null, updatesAtTheWall: null });
  });
  test('peaks alone that grow may be a leak or more work, and are called so', () => {
    const grows = many(batch =>
      update(batch, { peak: 30 + batch / 4 }, { allocatedBytes: null, activeBytes: null }),
    );
    const [finding] = report(logged(grows)).devices[0]!.findings;
    expect(finding).toMatchObject({ kind: 'growth', confidence: 'possible' });
  });
});
