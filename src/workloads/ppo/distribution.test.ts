import { expect, test } from 'vitest';
import { sampleCategorical, sampleGaussian } from './distribution.ts';
import { Random } from './random.ts';

test('categorical samples have the probabilities of the logits, and report them', () => {
  const rows = 20_000;
  const probabilities = [0.5, 0.2, 0.3];
  const logits = Float32Array.from({ length: rows * 3 }, (_, i) => Math.log(probabilities[i % 3]!) + 100);
  const actions = new Float32Array(rows);
  const logProbs = new Float32Array(rows);
  sampleCategorical(logits, 3, new Random(1), actions, logProbs);
  probabilities.forEach((p, action) => {
    expect(actions.filter(a => a === action).length / rows).toBeCloseTo(p, 1);
  });
  for (let row = 0; row < 50; row++)
    expect(Math.exp(logProbs[row]!)).toBeCloseTo(probabilities[actions[row]!]!, 4);
});

test('logits that are no numbers still give an action', () => {
  const actions = new Float32Array(1);
  const logProbs = new Float32Array(1);
  sampleCategorical(new Float32Array(3).fill(Number.NaN), 3, new Random(1), actions, logProbs);
  expect([0, 1, 2]).toContain(actions[0]);
  expect(logProbs[0]).toBeNaN();
});

test('Gaussian samples have the mean and deviation, and their density', () => {
  const rows = 20_000;
  const logStd = Float32Array.of(Math.log(0.5), Math.log(2));
  const means = Float32Array.from({ length: rows * 2 }, (_, i) => (i % 2 === 0 ? 3 : -1));
  const actions = new Float32Array(rows * 2);
  const logProbs = new Float32Array(rows);
  sampleGaussian(means, logStd, new Random(1), actions, logProbs);
  const column = (i: number) => actions.filter((_, at) => at % 2 === i);
  const mean = (values: Float32Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
  expect(mean(column(0))).toBeCloseTo(3, 1);
  expect(mean(column(1).map(x => (x + 1) ** 2))).toBeCloseTo(4, 0);
  const density = (x: number, mu: number, sigma: number) =>
    Math.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
  for (let row = 0; row < 20; row++)
    expect(Math.exp(logProbs[row]!)).toBeCloseTo(
      density(actions[row * 2]!, 3, 0.5) * density(actions[row * 2 + 1]!, -1, 2),
      4,
    );
});
