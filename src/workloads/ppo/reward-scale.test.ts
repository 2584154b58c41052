import { expect, test } from 'vitest';
import { RewardScale } from './reward-scale.ts';

test('divides by the deviation of all discounted returns so far, which restart with an episode', () => {
  const scale = new RewardScale(1, 0.5);
  const going = Uint8Array.of(0);
  expect(scale.apply(Float64Array.of(4), going)).toEqual(Float64Array.of(4)); // one return does not vary
  scale.apply(Float64Array.of(2), Uint8Array.of(1)); // 0.5·4 + 2 = 4
  const [scaled] = scale.apply(Float64Array.of(1), going); // returns 4, 4, 1
  expect(scaled).toBeCloseTo(1 / Math.sqrt((1 + 1 + 4) / 3), 12);
});

test('a saved state goes on as if it had never stopped', () => {
  const scale = new RewardScale(2, 0.9);
  const ends = Uint8Array.of(0, 0);
  scale.apply(Float64Array.of(1, -3), ends);
  const resumed = new RewardScale(2, 0.9);
  resumed.state = scale.state;
  for (const rewards of [Float64Array.of(5, 2), Float64Array.of(-1, 0)])
    expect(resumed.apply(rewards, ends)).toEqual(scale.apply(rewards, ends));
});
