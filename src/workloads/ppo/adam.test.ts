import { expect, test } from 'vitest';
import { adamStep, clipByGlobalNorm, globalNorm, initialAdam } from './adam.ts';

const config = { learningRate: 0.1, epsilon: 1e-5 };

test('the first step moves each parameter by the learning rate, against its gradient', () => {
  const parameters = Float32Array.of(1, 2, 3);
  adamStep(initialAdam(3), parameters, Float32Array.of(5, -0.001, 0), config);
  expect(parameters[0]).toBeCloseTo(1 - (0.1 * 5) / (5 + 1e-5), 6);
  expect(parameters[1]).toBeCloseTo(2 + (0.1 * 0.001) / (0.001 + 1e-5), 6);
  expect(parameters[2]).toBe(3);
});

test('later steps follow the closed form of the moments', () => {
  const gradients = [0.3, -0.2, 0.5, 0.1];
  const parameters = Float32Array.of(0);
  const state = initialAdam(1);
  let expected = 0;
  gradients.forEach((gradient, i) => {
    adamStep(state, parameters, Float32Array.of(gradient), config);
    // m_t = (1 − β) Σ β^(t−s) g_s, corrected by 1 − β^t
    const moment = (beta: number, power: number) =>
      gradients.slice(0, i + 1).reduce((sum, g, s) => sum + (1 - beta) * beta ** (i - s) * g ** power, 0) /
      (1 - beta ** (i + 1));
    expected -= (config.learningRate * moment(0.9, 1)) / (Math.sqrt(moment(0.999, 2)) + config.epsilon);
    expect(parameters[0]).toBeCloseTo(expected, 5);
  });
  expect(state.steps).toBe(4);
});

test('clipping scales a long gradient to the norm and leaves a short one', () => {
  const gradient = Float32Array.of(3, 4);
  clipByGlobalNorm(gradient, 10);
  expect(gradient).toEqual(Float32Array.of(3, 4));
  clipByGlobalNorm(gradient, 0.5);
  expect(globalNorm(gradient)).toBeCloseTo(0.5, 6);
  expect(gradient[0]! / gradient[1]!).toBeCloseTo(0.75, 6);
});
