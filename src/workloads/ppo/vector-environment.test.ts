import { expect, test } from 'vitest';
import { findTask } from './environments/index.ts';
import { VectorEnvironment } from './vector-environment.ts';

const cartPole = findTask('CartPole-v1');
const pendulum = findTask('Pendulum-v1');

test('an environment that ends is counted and starts again at once', () => {
  const environments = new VectorEnvironment(cartPole, 3, 1);
  const pushRight = new Float32Array(3).fill(1);
  let steps = 0;
  while (environments.episodes.total === 0) {
    environments.step(pushRight);
    steps++;
  }
  const ended = environments.terminated.indexOf(1);
  expect(environments.truncated).toEqual(new Uint8Array(3));
  expect(environments.episodes.meanLength).toBe(steps);
  expect(environments.episodes.meanReturn).toBe(steps);
  for (const x of environments.observations.subarray(ended * 4, ended * 4 + 4))
    expect(Math.abs(x)).toBeLessThanOrEqual(0.05);
});

test('truncation keeps the observation that was cut off', () => {
  const environments = new VectorEnvironment(pendulum, 2, 1);
  const twin = new VectorEnvironment(pendulum, 2, 1);
  const rest = new Float32Array(2);
  for (let step = 0; step < 199; step++) environments.step(rest);
  expect(environments.truncated).toEqual(Uint8Array.of(0, 0));
  const { states } = environments.state;
  environments.step(rest);
  expect(environments.truncated).toEqual(Uint8Array.of(1, 1));
  expect(environments.episodes.meanLength).toBe(200);

  const cutOff = new Float32Array(3);
  pendulum.observe(pendulum.advance(Array.from(states[1]!), [0]).state, cutOff);
  expect(environments.finalObservations.subarray(3)).toEqual(cutOff);
  expect(environments.observations.subarray(3)).not.toEqual(cutOff);
  expect(twin.observations).not.toEqual(environments.observations);
});

test('means are over the last 100 episodes only', () => {
  const { episodes } = new VectorEnvironment(cartPole, 1, 1);
  expect(episodes.meanReturn).toBeNull();
  for (let i = 0; i < 150; i++) episodes.add(i < 50 ? 1000 : 7, 5);
  expect(episodes.total).toBe(150);
  expect(episodes.meanReturn).toBe(7);
});

test('a saved state goes on as if it had never stopped', () => {
  const environments = new VectorEnvironment(cartPole, 4, 3);
  const actions = Float32Array.of(0, 1, 0, 1);
  for (let step = 0; step < 30; step++) environments.step(actions);
  const resumed = new VectorEnvironment(cartPole, 4, 99);
  resumed.state = environments.state;
  for (let step = 0; step < 100; step++) {
    expect(resumed.observations).toEqual(environments.observations);
    environments.step(actions);
    resumed.step(actions);
  }
  expect(resumed.state).toEqual(environments.state);
  expect(() => {
    new VectorEnvironment(cartPole, 3, 1).state = environments.state;
  }).toThrow('Saved were 4 environments of CartPole-v1, not 3 of CartPole-v1.');
});
