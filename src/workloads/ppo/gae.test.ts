import { expect, test } from 'vitest';
import { generalisedAdvantages } from './gae.ts';

const rounded = (values: Float32Array) => Array.from(values, x => Math.round(x * 1e5) / 1e5);

test('one environment, worked by hand', () => {
  // γ = 0.9, λ = 0.5. The second step ends an episode by termination (next value 0), the fourth is cut off (3).
  // δ = 1 + 0.9·2 − 1 = 1.8 | 1 + 0 − 2 = −1 | 2 + 0.9·2 − 1 = 2.8 | 1 + 0.9·3 − 2 = 1.7 | 0.5 + 0.9·1 − 4 = −2.6
  // A₄ = −2.6 | A₃ = 1.7 (end) | A₂ = 2.8 + 0.45·1.7 = 3.565 | A₁ = −1 (end) | A₀ = 1.8 + 0.45·(−1) = 1.35
  const { advantages, returns } = generalisedAdvantages({
    rewards: Float32Array.of(1, 1, 2, 1, 0.5),
    values: Float32Array.of(1, 2, 1, 2, 4),
    nextValues: Float32Array.of(2, 0, 2, 3, 1),
    ends: Uint8Array.of(0, 1, 0, 1, 0),
    environments: 1,
    gamma: 0.9,
    gaeLambda: 0.5,
  });
  expect(rounded(advantages)).toEqual([1.35, -1, 3.565, 1.7, -2.6]);
  expect(rounded(returns)).toEqual([2.35, 1, 4.565, 3.7, 1.4]);
});

test('environments do not mix; λ = 1 without values is the discounted return', () => {
  const { advantages } = generalisedAdvantages({
    rewards: Float32Array.of(1, 10, 1, 20, 1, 30),
    values: new Float32Array(6),
    nextValues: new Float32Array(6),
    ends: Uint8Array.of(0, 0, 0, 1, 0, 0),
    environments: 2,
    gamma: 0.5,
    gaeLambda: 1,
  });
  expect(rounded(advantages)).toEqual([1.75, 20, 1.5, 20, 1, 30]);
});
