import { expect, test } from 'vitest';
import { findTask } from './environments/index.ts';
import { initialParameters, orthogonal, parameterShapes } from './parameters.ts';
import { Random } from './random.ts';

test.each([
  [64, 4],
  [4, 64],
  [64, 64],
  [1, 64],
])('orthogonal [%i, %i] has orthogonal rows or columns of the gain’s length', (rows, columns) => {
  const gain = 1.5;
  const weight = orthogonal(rows, columns, gain, new Random(1));
  const wide = rows <= columns;
  const vectors = Array.from({ length: Math.min(rows, columns) }, (_, v) =>
    Array.from(
      { length: Math.max(rows, columns) },
      (_, i) => weight[wide ? v * columns + i : i * columns + v]!,
    ),
  );
  vectors.forEach((a, i) => {
    vectors.forEach((b, j) => {
      const product = a.reduce((sum, x, k) => sum + x * b[k]!, 0);
      expect(product).toBeCloseTo(i === j ? gain ** 2 : 0, 5);
    });
  });
});

test('names, shapes and starting scales', () => {
  const { observationSize, actionSpace } = findTask('Pendulum-v1');
  const shapes = parameterShapes(observationSize, actionSpace);
  expect(shapes).toMatchObject({
    'actor.0.weight': [64, 3],
    'actor.1.bias': [64],
    'actor.2.weight': [1, 64],
    'critic.2.weight': [1, 64],
    logStd: [1],
  });
  const { named, flat } = initialParameters(shapes, new Random(1));
  const norm = (name: string) => Math.hypot(...named[name]!);
  expect(norm('actor.2.weight')).toBeCloseTo(0.01, 6);
  expect(norm('critic.2.weight')).toBeCloseTo(1, 5);
  expect(norm('actor.1.weight')).toBeCloseTo(Math.sqrt(2 * 64), 4);
  expect(norm('critic.0.bias')).toBe(0);
  named.logStd![0] = 7;
  expect(flat.at(-1)).toBe(7);
});
