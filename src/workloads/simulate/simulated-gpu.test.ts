import { Value } from '@sinclair/typebox/value';
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { DeviceMemory } from '../../contract/index.ts';
import { OutOfMemoryError } from '../allocator/index.ts';
import { sequenceLengths } from './sequences.ts';
import { SimulatedGpu, type SimulatedGpuOptions } from './simulated-gpu.ts';

const GIB = 2 ** 30;
/** Two perceptrons, 4 → 64 → 64 → 2 and 4 → 64 → 64 → 1. */
const parameterSizes = [256, 64, 4096, 64, 128, 2, 256, 64, 4096, 64, 64, 1];
const ENVIRONMENTS = 8;

const gpuOf = (options: Partial<SimulatedGpuOptions> = {}) => {
  const gpu = new SimulatedGpu({
    totalBytes: 8 * GIB,
    seed: 1,
    parameterSizes,
    rolloutSteps: 1024,
    minibatchSize: 256,
    ...options,
  });
  gpu.loadModel();
  return gpu;
};

/** Rollouts of a policy that learns: episodes end ever more rarely, at 500 steps at the latest. */
function* rollouts(count: number, seed: number, steps = 128): Generator<number[]> {
  const random = seededRandom(seed);
  const ages = new Array<number>(ENVIRONMENTS).fill(0);
  for (let update = 0; update < count; update++) {
    const meanLength = 22 * 30 ** (update / count);
    const ended = Array.from({ length: steps * ENVIRONMENTS }, (_, i) => {
      const environment = i % ENVIRONMENTS;
      const age = ++ages[environment]!;
      const ends = age >= 500 || (age > 8 && random() < 1 / (meanLength - 8));
      if (ends) ages[environment] = 0;
      return ends;
    });
    yield sequenceLengths(ended, ENVIRONMENTS);
  }
}

function update(gpu: SimulatedGpu, sequences: number[], minibatches = 16, samples = 256): DeviceMemory {
  gpu.collectRollout(sequences);
  for (let i = 0; i < minibatches; i++) {
    gpu.minibatch(samples);
    gpu.optimizerStep();
  }
  const memory = gpu.read();
  gpu.finishUpdate();
  return memory;
}

const train = (gpu: SimulatedGpu, count: number, seed = 1) =>
  Array.from(rollouts(count, seed), sequences => update(gpu, sequences));
const percent = ({ allocatedBytes, reservedBytes }: DeviceMemory) => (allocatedBytes! / reservedBytes!) * 100;

test('a reading is a DeviceMemory of the contract that adds up', () => {
  for (const memory of train(gpuOf(), 5)) {
    expect([...Value.Errors(DeviceMemory, memory)]).toEqual([]);
    expect(memory).toMatchObject({ device: 'sim:0', peakScope: 'update', deviceTotalBytes: 8 * GIB });
    expect(memory.deviceFreeBytes! + memory.reservedBytes! + 450 * 2 ** 20).toBe(8 * GIB);
    expect(memory.peakAllocatedBytes).toBeGreaterThan(memory.allocatedBytes!);
    expect(memory.requestedBytes).toBeLessThanOrEqual(memory.allocatedBytes!);
    expect(memory.inactiveSplitBytes).toBeGreaterThan(0);
  }
});

test.each([
  ['8 GiB', {}],
  ['24 GiB', { totalBytes: 24 * GIB }],
  ['512 MiB', { totalBytes: GIB / 2 }],
])('on %s a whole training looks like a real job: it moves, it fits, it is seldom critical', (_, options) => {
  for (const seed of [1, 2]) {
    const memories = train(gpuOf({ ...options, seed }), 200, seed);
    const percents = memories.map(percent);
    expect(Math.max(...percents) - Math.min(...percents)).toBeGreaterThan(10);
    expect(new Set(percents.map(Math.round)).size).toBeGreaterThan(8);
    expect(Math.min(...percents)).toBeGreaterThan(50);
    expect(Math.max(...percents)).toBeLessThan(95);
    expect(percents.filter(value => value > 90).length).toBeLessThan(0.2 * percents.length);
    const last = memories.at(-1)!;
    expect(last).toMatchObject({ ooms: 0, allocRetries: 0 });
    for (const { peakAllocatedBytes, deviceTotalBytes } of memories) {
      expect(peakAllocatedBytes! / deviceTotalBytes!).toBeGreaterThan(0.5);
      expect(peakAllocatedBytes! / deviceTotalBytes!).toBeLessThan(0.85);
    }
  }
});

test('the first ten updates already show all but critical', () => {
  const percents = train(gpuOf(), 10).map(percent);
  expect(percents.some(value => value < 75)).toBe(true);
  expect(percents.some(value => value >= 75)).toBe(true);
});

test('longer and more uneven sequences need more memory', () => {
  const peak = (sequences: number[]) => {
    const gpu = gpuOf();
    update(gpu, sequences);
    return update(gpu, sequences).peakAllocatedBytes!;
  };
  const even = peak(new Array(8).fill(128));
  const uneven = peak([...new Array(4).fill(128), ...new Array(32).fill(16)]);
  expect(uneven).toBeGreaterThan(1.1 * even);
});

test('a larger minibatch needs more memory', () => {
  const peak = (samples: number) => update(gpuOf(), new Array(8).fill(128), 4, samples).peakAllocatedBytes!;
  expect(peak(1024)).toBeGreaterThan(1.1 * peak(256));
});

test('equal seeds give equal figures, other seeds others', () => {
  const figures = (seed: number) => train(gpuOf({ seed }), 20).map(memory => ({ ...memory, readMs: 0 }));
  expect(figures(1)).toEqual(figures(1));
  expect(figures(1)).not.toEqual(figures(2));
});

test('gradients appear in the first backward pass, Adam’s moments at the first step, and both stay', () => {
  const gpu = gpuOf();
  const parameters = gpu.read().requestedBytes!;
  gpu.collectRollout(new Array(8).fill(128));
  const rollout = gpu.read().requestedBytes! - parameters;
  gpu.minibatch(256);
  expect(gpu.read().requestedBytes).toBe(rollout + 2 * parameters);
  gpu.optimizerStep();
  expect(gpu.read().requestedBytes).toBe(rollout + 4 * parameters);
  gpu.minibatch(256);
  gpu.optimizerStep();
  expect(gpu.read().requestedBytes).toBe(rollout + 4 * parameters);
  gpu.finishUpdate();
  expect(gpu.read().requestedBytes).toBe(4 * parameters);
  expect(gpu.read().peakAllocatedBytes).toBe(gpu.read().allocatedBytes);
});

test('a minibatch that a neighbour leaves too little for fails, and nothing of it stays', () => {
  const gpu = gpuOf();
  update(gpu, new Array(8).fill(128));
  gpu.collectRollout(new Array(8).fill(128));
  const before = gpu.read();
  gpu.allocator.device.setNeighbourBytes(before.deviceFreeBytes! - 100 * 2 ** 20);
  expect(() => gpu.minibatch(256)).toThrow(OutOfMemoryError);
  const after = gpu.read();
  expect(after).toMatchObject({ ooms: 1, allocatedBytes: before.allocatedBytes });
  expect(after.peakAllocatedBytes).toBeGreaterThan(before.allocatedBytes!);
  gpu.allocator.device.setNeighbourBytes(0);
  gpu.minibatch(256);
});

test('calls out of order are refused with the reason', () => {
  expect(() => gpuOf().minibatch(256)).toThrow('needs a rollout');
  expect(() => gpuOf().collectRollout([])).toThrow('at least one sequence');
});
