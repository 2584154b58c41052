import { expect, test } from 'vitest';
import { hyperparametersFor } from './hyperparameters.ts';

test('a task’s defaults, then the overrides', () => {
  expect(hyperparametersFor('CartPole-v1').gamma).toBe(0.98);
  expect(hyperparametersFor('Pendulum-v1')).toMatchObject({ epochs: 10, minibatches: 8 });
  expect(hyperparametersFor('CartPole-v1', { gamma: 0.5, targetKl: 0.01 })).toMatchObject({
    gamma: 0.5,
    targetKl: 0.01,
    epochs: 2,
  });
});

test('what cannot work is refused in one sentence', () => {
  const refuse = (overrides: object) => expect(() => hyperparametersFor('CartPole-v1', overrides));
  refuse({ gama: 0.9 }).toThrow(/^There is no hyperparameter "gama": choose learningRate, .*\.$/);
  refuse({ epochs: 2.5 }).toThrow('epochs must be a whole number from 1, not 2.5.');
  refuse({ minibatches: 0 }).toThrow('minibatches must be a whole number from 1, not 0.');
  refuse({ gamma: null }).toThrow('gamma must be a number from 0, not null.');
  refuse({ scaleRewards: 1 }).toThrow('scaleRewards must be true or false, not 1.');
  refuse({ learningRate: Number.NaN }).toThrow('learningRate must be a number from 0, not NaN.');
});
