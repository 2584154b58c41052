import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Checkpoint, CheckpointError, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { findTask } from './environments/index.ts';
import { VectorEnvironment } from './vector-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'checkpoint-'));
const path = join(folder, 'checkpoint.txt');
afterAll(() => rmSync(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  task: 'Pendulum-v1',
  batch: 5,
  totalSteps: 640,
  environments: new VectorEnvironment(findTask('Pendulum-v1'), 2, 1).state,
  agent: {
    parameters: Float32Array.of(0.1, Number.NaN, -0, Number.POSITIVE_INFINITY, 1e-40),
    adam: { mean: Float32Array.of(1 / 3), square: Float32Array.of(2 / 3), steps: 80 },
    random: Uint32Array.of(1, 2, 3, 0xffffffff),
    rewardScale: { returns: Float64Array.of(Math.PI), moments: Float64Array.of(Number.NaN, 1, 2) },
  },
};

const refusal = (task = 'Pendulum-v1') => {
  try {
    loadCheckpoint(path, task);
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError);
    return (error as Error).message;
  }
  return null;
};

test('what is read is what was written, bit for bit, in one file', () => {
  saveCheckpoint(path, checkpoint);
  saveCheckpoint(path, checkpoint);
  expect(loadCheckpoint(path, 'Pendulum-v1')).toEqual(checkpoint);
  expect(readdirSync(folder)).toEqual(['checkpoint.txt']);
});

test('a missing, damaged, newer or foreign checkpoint is refused in one sentence', () => {
  rmSync(path);
  expect(refusal()).toBe(`Cannot resume from ${path}: there is none yet; start a new run.`);

  saveCheckpoint(path, checkpoint);
  const whole = readFileSync(path, 'utf8');
  expect(refusal('CartPole-v1')).toBe(
    `Cannot resume from ${path}: it is of Pendulum-v1, not of CartPole-v1.`,
  );

  const damaged = `Cannot resume from ${path}: the file is damaged; start a new run.`;
  for (const length of [0, 10, 150, whole.length - 30]) {
    writeFileSync(path, whole.slice(0, length));
    expect(refusal()).toBe(damaged);
  }
  const digit = whole.lastIndexOf('"totalSteps":640') + '"totalSteps":'.length;
  writeFileSync(path, `${whole.slice(0, digit)}7${whole.slice(digit + 1)}`);
  expect(refusal()).toBe(damaged);

  writeFileSync(path, whole.replace('"version":1', '"version":2'));
  expect(refusal()).toBe(`Cannot resume from ${path}: its version is 2, this program reads 1.`);
});
