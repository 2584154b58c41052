/** Expected states were computed with Gymnasium 1.3.0's own classes from the same states and actions. */
import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { Environment } from './environment.ts';
import { findTask, taskNames } from './index.ts';

type Expected = { state: number[]; reward: number; terminated?: boolean };

function follow(name: string, start: number[], steps: [action: number, expected: Expected][]): void {
  let state: readonly number[] = start;
  for (const [action, expected] of steps) {
    const transition = findTask(name).advance(state, [action]);
    state = transition.state;
    expect(state.length).toBe(expected.state.length);
    state.forEach((x, i) => {
      expect(x).toBeCloseTo(expected.state[i]!, 12);
    });
    expect(transition.reward).toBeCloseTo(expected.reward, 12);
    expect(transition.terminated).toBe(expected.terminated ?? false);
  }
}

describe('CartPole-v1', () => {
  test('moves as published', () => {
    follow(
      'CartPole-v1',
      [0.1, -0.2, 0.03, 0.4],
      [
        [1, { state: [0.096, -0.005316169155413664, 0.038, 0.11692433252290102], reward: 1 }],
        [
          0,
          {
            state: [0.09589367661689173, -0.2009614031487648, 0.04033848665045802, 0.42134963668608777],
            reward: 1,
          },
        ],
        [
          0,
          {
            state: [0.09187444855391644, -0.39663097062598757, 0.04876547938417978, 0.7264715251427475],
            reward: 1,
          },
        ],
      ],
    );
  });

  test('ends past 2.4 m and past 12 degrees, on either side', () => {
    const ends = (state: number[], action: number) =>
      findTask('CartPole-v1').advance(state, [action]).terminated;
    expect(ends([2.39, 0.4, 0, 0], 1)).toBe(false);
    expect(ends([2.39, 1, 0, 0], 1)).toBe(true);
    expect(ends([-2.39, -1, 0, 0], 1)).toBe(true);
    const limit = (12 * Math.PI) / 180;
    expect(ends([0, 0, limit - 0.03, 1], 0)).toBe(false);
    expect(ends([0, 0, limit - 0.01, 1], 0)).toBe(true);
    expect(ends([0, 0, -limit + 0.01, -1], 0)).toBe(true);
  });
});

describe('Acrobot-v1', () => {
  test('moves as published', () => {
    follow(
      'Acrobot-v1',
      [0.5, -0.3, 1.0, -2.0],
      [
        [
          2,
          {
            state: [0.6134441496667413, -0.5751941484064912, 0.11325914308703577, -0.7128766956616048],
            reward: -1,
          },
        ],
        [
          0,
          {
            state: [0.5681366177042941, -0.6432845540740758, -0.5598399873748925, 0.0385995564820103],
            reward: -1,
          },
        ],
        [
          1,
          {
            state: [0.38484346822010845, -0.529761967239547, -1.2388858561121732, 1.0701317688775056],
            reward: -1,
          },
        ],
      ],
    );
  });

  test('wraps angles, bounds speeds, ends above the line with reward 0', () => {
    follow(
      'Acrobot-v1',
      [2.8, 0.4, 3.0, 2.0],
      [
        [
          2,
          {
            state: [-2.8536990641337616, 0.7677228381167472, 3.4871497336533097, 1.4693508650355307],
            reward: 0,
            terminated: true,
          },
        ],
      ],
    );
    follow(
      'Acrobot-v1',
      [3.1, -3.1, 12.0, -28.0],
      [[0, { state: [-0.24349788023558006, 2.77907500339146, 4 * Math.PI, -9 * Math.PI], reward: -1 }]],
    );
  });
});

describe('Pendulum-v1', () => {
  test('moves as published; torque and speed are bounded, the angle of the cost is wrapped', () => {
    follow(
      'Pendulum-v1',
      [2.5, 1.0],
      [
        [1.5, { state: [2.5836927054038985, 1.6738541080779674], reward: -6.35225 }],
        [-3, { state: [2.6722381263680304, 1.7709084192826348], reward: -6.959646753470262 }],
      ],
    );
    follow(
      'Pendulum-v1',
      [4.0, 7.9],
      [[2, { state: [4.381619906425953, 7.632398128519054], reward: -11.457935146920741 }]],
    );
    expect(findTask('Pendulum-v1').advance([1.5, 8], [2]).state[1]).toBe(8);
  });
});

test('observations', () => {
  const observe = (name: string, state: number[]) => {
    const observation = new Float32Array(findTask(name).observationSize);
    findTask(name).observe(state, observation);
    return observation;
  };
  expect(observe('CartPole-v1', [1, 2, 3, 4])).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(observe('Acrobot-v1', [0.5, -0.3, 1, -2])).toEqual(
    Float32Array.of(Math.cos(0.5), Math.sin(0.5), Math.cos(-0.3), Math.sin(-0.3), 1, -2),
  );
  expect(observe('Pendulum-v1', [2.5, 1])).toEqual(Float32Array.of(Math.cos(2.5), Math.sin(2.5), 1));
});

test.each([
  ['CartPole-v1', 500, 0.05],
  ['Acrobot-v1', 500, 0.1],
  ['Pendulum-v1', 200, Math.PI],
])('%s is cut off after %i steps and starts within its bounds', (name, limit, bound) => {
  const environment = new Environment(findTask(name));
  environment.reset(new Random(1));
  for (const x of environment.state) expect(Math.abs(x)).toBeLessThanOrEqual(bound);
  environment.elapsed = limit - 2;
  expect(environment.step([0])).toMatchObject({ terminated: false, truncated: false });
  expect(environment.step([0])).toMatchObject({ terminated: false, truncated: true });
});

test('an episode that ends by itself at its time limit was not cut off', () => {
  const environment = new Environment(findTask('CartPole-v1'));
  environment.state = [0, 0, 0.2, 2];
  environment.elapsed = 499;
  expect(environment.step([0])).toEqual({ reward: 1, terminated: true, truncated: false });
});

test('an unknown name is refused with the known ones', () => {
  expect(() => findTask('Foo-v1')).toThrow(
    'There is no environment "Foo-v1": choose CartPole-v1, Acrobot-v1, Pendulum-v1.',
  );
  expect(taskNames.length).toBe(3);
});
