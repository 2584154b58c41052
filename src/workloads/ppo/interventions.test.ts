import { expect, test } from 'vitest';
import type { DeviceMemory, TelemetryEvent } from '../../contract/index.ts';
import { Emitter } from '../../emit/index.ts';
import { SimulatedGpu } from '../simulate/index.ts';
import { evaluate } from './evaluate.ts';
import { type Adjustable, Interventions } from './interventions.ts';
import { compileLoss, type Minibatch } from './loss.ts';
import { initialParameters, newParameters, parameterShapes, policyOutputs } from './parameters.ts';
import { Random } from './random.ts';
import { train } from './train.ts';
import type { DeviceJob } from './training-device.ts';

/** An emitter whose events are kept. */
function recorder() {
  const events: TelemetryEvent[] = [];
  const sink = { append: (line: string) => void events.push(JSON.parse(line)) };
  const actions = () => events.filter(event => event.type.startsWith('INTERVENTION'));
  return { events, actions, emitter: new Emitter({ run: 'r', rank: 0, sink }) };
}

const reading = (pressure: number): DeviceMemory[] => [
  {
    device: 'sim:0',
    reservedBytes: 400,
    deviceTotalBytes: 1000,
    deviceFreeBytes: 600,
    peakActiveBytes: 1000 * pressure,
  },
];

/** A job whose pressure follows from its microbatches. */
function job(pressureOf: (microbatches: number) => number, updates: number, minibatchSize = 64) {
  const { emitter, actions } = recorder();
  let emptied = 0;
  const adjustable: Adjustable = { microbatches: 1, minibatchSize, emptyCache: () => emptied++ };
  const interventions = new Interventions(adjustable, emitter);
  const used: number[] = [];
  for (let batch = 1; batch <= updates; batch++) {
    used.push(adjustable.microbatches);
    interventions.afterUpdate(
      batch,
      reading(pressureOf(adjustable.microbatches)),
      10 * adjustable.microbatches,
    );
  }
  return { used, actions: actions(), emptied: () => emptied };
}

test('nothing is done without pressure', () => {
  const { used, actions } = job(() => 0.89, 50);
  expect(new Set(used)).toEqual(new Set([1]));
  expect(actions).toEqual([]);
});

test('halves until the pressure is gone, keeps what helped, and reports what it came to', () => {
  const { used, actions } = job(parts => 0.5 + 0.48 / parts, 40);
  expect(used.slice(0, 3)).toEqual([1, 2, 2]);
  expect(used.at(-1)).toBe(2);
  expect(actions.map(({ type, data }) => [type, data])).toEqual([
    [
      'INTERVENTION_APPLIED',
      {
        id: 1,
        kind: 'shrink',
        device: 'sim:0',
        batch: 1,
        reason: 'the peak nears what there is to have',
        pressureFraction: 0.98,
        microbatches: 2,
      },
    ],
    [
      'INTERVENTION_ENDED',
      {
        id: 1,
        kind: 'shrink',
        device: 'sim:0',
        batch: 7,
        reason: 'pressure fell',
        helped: true,
        reverted: false,
        updates: 5,
        pressureBefore: 0.98,
        pressureAfter: 0.74,
        updateMsBefore: 10,
        updateMsAfter: 20,
      },
    ],
  ]);
});

test('goes on while it helps and is not enough, up to one sample a part', () => {
  const { used } = job(parts => 1.3 - 0.05 * Math.log2(parts), 60, 8);
  expect(used.at(-1)).toBe(8);
});

test('what did not help is undone, and not tried again for a while, then longer', () => {
  const { used, actions, emptied } = job(() => 0.95, 100);
  expect(actions.filter(a => a.type === 'INTERVENTION_ENDED').map(a => a.data)).toMatchObject(
    Array.from({ length: 3 }, () => ({ helped: false, reverted: true })),
  );
  expect(used.at(-1)).toBe(1);
  const begun = actions.filter(a => a.type === 'INTERVENTION_APPLIED').map(a => a.data.batch);
  expect(begun).toEqual([1, 27, 73]);
  expect(emptied()).toBe(6);
});

test.each([
  ['discrete', { kind: 'discrete', n: 3 }],
  ['continuous', { kind: 'continuous', size: 2 }],
] as const)(
  'a minibatch learned in parts has the same gradient and figures, %s actions',
  async (_, space) => {
    const size = 37;
    const width = space.kind === 'discrete' ? 1 : 2;
    const shapes = parameterShapes(4, space as never);
    const parameters = initialParameters(shapes, new Random(3));
    const random = new Random(5);
    const values = (n: number) => Float32Array.from({ length: n }, () => random.normal());
    const minibatch: Minibatch = {
      observations: values(4 * size),
      actions:
        space.kind === 'discrete'
          ? values(size).map(x => Math.abs(Math.round(x)) % policyOutputs(space))
          : values(width * size),
      oldLogProbs: values(size).map(x => -1 + 0.1 * x),
      advantages: values(size),
      returns: values(size),
      oldValues: values(size),
    };
    const config = {
      clipRange: 0.2,
      valueClipRange: 0.3,
      valueCoefficient: 0.5,
      entropyCoefficient: 0.01,
      normalizeAdvantages: true,
    };
    const loss = await compileLoss(shapes, 4, space as never, config);
    const [whole, inFour] = [newParameters(shapes), newParameters(shapes)];
    const one = evaluate(loss, parameters, minibatch, whole, config);
    const four = evaluate(loss, parameters, minibatch, inFour, config, 4);
    for (const name of Object.keys(one) as (keyof typeof one)[])
      expect(four[name], name).toBeCloseTo(one[name], 5);
    expect(one.gradNorm).toBeGreaterThan(0.01);
    whole.flat.forEach((g, i) => {
      expect(Math.abs(inFour.flat[i]! - g)).toBeLessThan(1e-6);
    });
  },
);

test('beside a neighbour a training runs out of memory; shrinking it goes on, and learns what it would have on the CPU', async () => {
  const run = async (onPressure: 'shrink' | null, isOnGpu: boolean) => {
    const { emitter, events, actions } = recorder();
    const device = (of: DeviceJob) => {
      const gpu = new SimulatedGpu({ ...of, totalBytes: 2 ** 30, seed: 1 });
      gpu.allocator.device.setNeighbourBytes(Math.floor(0.27 * 2 ** 30));
      return gpu;
    };
    const failure = await train({
      emitter,
      env: 'CartPole-v1',
      episodes: 14,
      envs: 4,
      steps: 64,
      seed: 1,
      // Minibatches of a size at which the neighbour leaves too little.
      hyperparameters: { epochs: 4, minibatches: 4 },
      onPressure,
      ...(isOnGpu && { device }),
    }).then(
      () => null,
      (error: Error) => error.name,
    );
    const updates = events.filter(event => event.type === 'PPO_UPDATE_COMPLETED').map(event => event.data);
    return { failure, updates, actions: actions() };
  };
  const left = await run(null, true);
  expect(left).toMatchObject({ failure: 'OutOfMemoryError', actions: [] });
  const shrunk = await run('shrink', true);
  expect(shrunk.failure).toBeNull();
  expect(shrunk.actions.slice(0, 2).map(({ type, data }) => [type, data])).toMatchObject([
    ['INTERVENTION_APPLIED', { microbatches: 2, device: 'sim:0' }],
    ['INTERVENTION_ENDED', { helped: true, reverted: false, updates: 5 }],
  ]);
  const { updates } = await run('shrink', false);
  expect(shrunk.updates).toHaveLength(14);
  shrunk.updates.forEach((update, i) => {
    const whole = updates[i]!;
    expect(update.loss!.value as number).toBeCloseTo(whole.loss!.value as number, 3);
    expect(update.gradient!.norm as number).toBeCloseTo(whole.gradient!.norm as number, 3);
    expect(update.rollout!.totalEpisodes).toBe(whole.rollout!.totalEpisodes);
  });
});
