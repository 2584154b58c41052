/** Memory that is refused while a training learns, and while it collects: what fits is found, and learned as if nothing had been refused. */
import { expect, test } from 'vitest';
import type { DeviceMemory, EventType, Payload, TelemetryEvent } from '../../contract/index.ts';
import { Emitter } from '../../emit/index.ts';
import { OutOfMemoryError } from '../allocator/index.ts';
import { SimulatedGpu } from '../simulate/index.ts';
import { Interventions } from './interventions.ts';
import { type TrainOptions, train } from './train.ts';
import type { TrainingDevice } from './training-device.ts';

async function run(options: Partial<TrainOptions>) {
  const events: TelemetryEvent[] = [];
  const sink = { append: (line: string) => void events.push(JSON.parse(line)) };
  const sentence = await train({
    emitter: new Emitter({ run: 'r', rank: 0, sink }),
    env: 'CartPole-v1',
    episodes: 3,
    envs: 4,
    steps: 64,
    seed: 1,
    onPressure: 'shrink',
    ...options,
  }).then(
    () => null,
    (error: Error) => error.message,
  );
  const of = <T extends EventType>(type: T) =>
    events.filter(event => event.type === type).map(event => event.data as Payload<T>);
  return { sentence, of };
}

const refusal = () =>
  new OutOfMemoryError({
    device: 'sim:0',
    triedBytes: 20 * 2 ** 20,
    totalBytes: 2 ** 30,
    freeBytes: 18 * 2 ** 20,
    processBytes: 2 ** 29,
    allocatedBytes: 2 ** 28,
    reservedUnallocatedBytes: 0,
    privatePoolBytes: 0,
    expandableSegments: false,
    neighbourBytes: 0,
    allowedBytes: null,
  });

/** A device that refuses larger parts than it has room for, in the middle of an update. */
class Narrow implements TrainingDevice {
  readonly name = 'sim:0';
  readonly #largest: number;
  #parts = 0;
  #refusals = 0;
  emptied = 0;

  constructor(largest: number) {
    this.#largest = largest;
  }
  loadModel(): void {}
  collectRollout(): void {}
  minibatch(samples: number): void {
    if (++this.#parts < 6 || samples <= this.#largest) return;
    this.#parts = 0;
    this.#refusals++;
    throw refusal();
  }
  optimizerStep(): void {}
  emptyCache(): void {
    this.emptied++;
  }
  read(): DeviceMemory {
    return {
      device: 'sim:0',
      reservedBytes: 400,
      peakActiveBytes: 500,
      deviceTotalBytes: 1000,
      deviceFreeBytes: 600,
      ooms: this.#refusals,
    };
  }
  finishUpdate(): void {}
}

const hyperparameters = { epochs: 3, minibatches: 4 };

/** Parts add up to the whole but for the rounding of float32. */
const TOLERANCE = 1e-3;

type Run = Awaited<ReturnType<typeof run>>;

function expectSameLosses(ours: Run, theirs: Run) {
  const updates = ours.of('PPO_UPDATE_COMPLETED');
  const wanted = theirs.of('PPO_UPDATE_COMPLETED');
  expect(updates).toHaveLength(wanted.length);
  for (const [i, { loss, gradient, rollout }] of updates.entries()) {
    const figures = { ...loss, norm: gradient!.norm };
    for (const [name, value] of Object.entries({ ...wanted[i]!.loss, norm: wanted[i]!.gradient!.norm }))
      if (typeof value === 'number') {
        const difference = Math.abs((figures[name as 'total'] as number) - value);
        expect(difference, `${name} ${i}`).toBeLessThan(TOLERANCE * Math.abs(value) + 1e-6);
      }
    expect(rollout!.totalEpisodes).toBe(wanted[i]!.rollout!.totalEpisodes);
  }
}

test('an update that is refused in its middle is repeated from its start, in smaller parts, with the same losses', async () => {
  const device = new Narrow(16);
  const refused = await run({ hyperparameters, device: () => device });
  expect(refused.sentence).toBeNull();
  expect(
    refused.of('INTERVENTION_APPLIED').map(({ id, batch, microbatches }) => [id, batch, microbatches]),
  ).toEqual([
    [1, 1, 2],
    [2, 1, 4],
  ]);
  expect(refused.of('INTERVENTION_ENDED')).toMatchObject([
    { id: 1, batch: 1, helped: false, reverted: false, reason: 'memory was refused again' },
    { id: 2, batch: 1, helped: true, reverted: null, reason: 'the update fitted in 4 parts' },
  ]);
  expect(device.emptied).toBe(2);
  expectSameLosses(refused, await run({ hyperparameters }));
});

test('an answered refusal is no pressure, and fewer parts are not tried again', () => {
  const events: TelemetryEvent[] = [];
  const sink = { append: (line: string) => void events.push(JSON.parse(line)) };
  const adjustable = { microbatches: 1, minibatchSize: 64, emptyCache: () => {} };
  const interventions = new Interventions(adjustable, new Emitter({ run: 'r', rank: 0, sink }));
  const reading = (ooms: number, peakActiveBytes: number): DeviceMemory[] => [
    {
      device: 'sim:0',
      reservedBytes: 400,
      deviceTotalBytes: 1000,
      deviceFreeBytes: 600,
      peakActiveBytes,
      ooms,
    },
  ];
  interventions.afterUpdate(1, reading(0, 500), 10);
  const learn = () => {
    if (adjustable.microbatches < 4) throw refusal();
  };
  interventions.within(2, learn, () => {});
  interventions.afterUpdate(2, reading(2, 990), 40);
  expect(adjustable.microbatches).toBe(4);
  // Pressure that eight parts do not ease: four stay.
  for (let batch = 3; batch < 12; batch++) interventions.afterUpdate(batch, reading(2, 950), 40);
  expect(actions(events)).toEqual([
    [1, 'APPLIED', 2],
    [1, 'ENDED', 'memory was refused again'],
    [2, 'APPLIED', 4],
    [2, 'ENDED', 'the update fitted in 4 parts'],
    [3, 'APPLIED', 8],
    [3, 'ENDED', 'neither pressure nor refusals fell'],
  ]);
  expect(adjustable.microbatches).toBe(4);
});

/** Number, end of its name, and parts or reason of each action. */
const actions = (events: TelemetryEvent[]) =>
  events.map(({ type, data }) => {
    const { id, microbatches, reason } = data as { id: number; microbatches?: number; reason: string };
    return [id, type.slice(13), microbatches ?? reason];
  });

test('an action whose effect is being measured ends where memory is refused within an update', () => {
  const events: TelemetryEvent[] = [];
  const sink = { append: (line: string) => void events.push(JSON.parse(line)) };
  const adjustable = { microbatches: 1, minibatchSize: 64, emptyCache: () => {} };
  const interventions = new Interventions(adjustable, new Emitter({ run: 'r', rank: 0, sink }));
  const room = { reservedBytes: 400, deviceTotalBytes: 1000, deviceFreeBytes: 600 };
  interventions.afterUpdate(1, [{ device: 'sim:0', ...room, peakActiveBytes: 950 }], 10);
  const learn = () => {
    if (adjustable.microbatches < 4) throw refusal();
  };
  interventions.within(2, learn, () => {});
  expect(actions(events)).toEqual([
    [1, 'APPLIED', 2],
    [1, 'ENDED', 'memory was refused within an update'],
    [2, 'APPLIED', 4],
    [2, 'ENDED', 'the update fitted in 4 parts'],
  ]);
  expect(events[1]!.data).toMatchObject({ helped: false, reverted: false, updates: 0, pressureBefore: 0.95 });
});

test('without --on-pressure a refusal is the end', async () => {
  const { sentence, of } = await run({ hyperparameters, device: () => new Narrow(16), onPressure: null });
  expect(sentence).toMatch(/^CUDA out of memory\./);
  expect(of('INTERVENTION_APPLIED')).toEqual([]);
});

test('where a sixteenth of a minibatch is refused it ends in one sentence', async () => {
  const { sentence, of } = await run({ hyperparameters, device: () => new Narrow(3) });
  expect(sentence).toMatch(
    /^sim:0 refused 20\.00 MiB with 18\.00 MiB free, with the work already in 16 parts: [^\n]*\.$/,
  );
  expect(of('INTERVENTION_APPLIED').map(({ microbatches }) => microbatches)).toEqual([2, 4, 8, 16]);
  expect(of('TRAINING_FAILED')).toMatchObject([
    { errorType: 'OutOfMemoryError', outOfMemory: { triedBytes: 20 * 2 ** 20 } },
  ]);
});

test('an error of another kind is not repeated', async () => {
  class Broken extends Narrow {
    override minibatch(): void {
      throw new Error('the cable is out');
    }
  }
  const { sentence, of } = await run({ hyperparameters, device: () => new Broken(1) });
  expect([sentence, of('INTERVENTION_APPLIED')]).toEqual(['the cable is out', []]);
});

test('beside a neighbour a training dies in its first update; in quarters of a minibatch it learns what it would on the CPU', async () => {
  const device: TrainOptions['device'] = job => {
    const gpu = new SimulatedGpu({ ...job, totalBytes: 2 ** 30, seed: 1 });
    gpu.allocator.device.setNeighbourBytes(0.32 * 2 ** 30);
    return gpu;
  };
  const left = await run({ hyperparameters, device, onPressure: null });
  expect([left.of('PPO_UPDATE_COMPLETED').length, left.of('TRAINING_FAILED').length]).toEqual([0, 1]);
  const shrunk = await run({ hyperparameters, device });
  expect(shrunk.of('INTERVENTION_ENDED')).toMatchObject([
    { helped: false, reason: 'memory was refused again' },
    { helped: true, reason: 'the update fitted in 4 parts' },
  ]);
  expectSameLosses(shrunk, await run({ hyperparameters }));
});

test.each([
  [0.36, 256],
  [0.4, 64],
  [0.4, 256],
  [0.41, 256],
])(
  'a rollout that a neighbour leaves no room for names the steps that fit: %f of the device, %i steps',
  async (share, steps) => {
    let taken = 0;
    /** What the training gives back, the neighbour takes. */
    class Shared extends SimulatedGpu {
      override collectRollout(sequences: readonly number[]): void {
        this.emptyCache();
        this.allocator.device.setNeighbourBytes(taken * 2 ** 33);
        super.collectRollout(sequences);
      }
    }
    const options: Partial<TrainOptions> = {
      hyperparameters: { epochs: 1, minibatches: 1 },
      device: job => new Shared({ ...job, totalBytes: 2 ** 33, seed: 1 }),
      onUpdate: () => {
        taken = share;
      },
    };
    const { sentence, of } = await run({ ...options, steps });
    const [, named] =
      /^The rollout of \d+ steps in 4 environments does not fit on the device, and cannot be collected in parts: --steps (\d+) would fit\.$/.exec(
        sentence!,
      )!;
    expect(of('TRAINING_FAILED')).toMatchObject([
      { errorType: 'OutOfMemoryError', outOfMemory: { device: 'sim:0' } },
    ]);
    expect(await run({ ...options, steps: Number(named) })).toMatchObject({ sentence: null });
  },
);

test('a device without room for one step has no steps to name', async () => {
  class Full extends Narrow {
    override collectRollout(): void {
      throw refusal();
    }
  }
  const { sentence } = await run({ device: () => new Full(1) });
  expect(sentence).toMatch(/ cannot be collected in parts: not even one step has room\.$/);
});

test('a network that has no room ends in one sentence, with or without --on-pressure', async () => {
  class Full extends Narrow {
    override loadModel(): void {
      throw refusal();
    }
  }
  for (const onPressure of [null, 'shrink'] as const) {
    const { sentence, of } = await run({ device: () => new Full(1), onPressure });
    expect(sentence).toBe('The network does not fit on sim:0: it needs a device with more free memory.');
    expect(of('TRAINING_FAILED')).toMatchObject([
      { errorType: 'OutOfMemoryError', outOfMemory: { device: 'sim:0', triedBytes: 20 * 2 ** 20 } },
    ]);
  }
});
