import { expect, test } from 'vitest';
import { Trunk, tanh } from './forward.ts';
import { initialParameters, parameterShapes } from './parameters.ts';
import { Random } from './random.ts';

test('tanh is within 3e-7 of Math.tanh, and NaN stays NaN', () => {
  let worst = 0;
  for (let x = -12; x <= 12; x += 1e-3) worst = Math.max(worst, Math.abs(tanh(x) - Math.tanh(x)));
  expect(worst).toBeLessThan(3e-7);
  expect(tanh(Number.NaN)).toBeNaN();
});

test('a trunk computes its layers, for any number of outputs and rows', () => {
  const random = new Random(1);
  for (const n of [1, 2, 3, 4, 5, 9]) {
    const { named } = initialParameters(parameterShapes(3, { kind: 'discrete', n }), random);
    for (const bias of ['actor.0.bias', 'actor.2.bias'])
      named[bias]!.forEach((_, i, values) => {
        values[i] = random.normal();
      });
    const rows = 5;
    const input = Float32Array.from({ length: rows * 3 }, () => random.normal());
    const output = new Float32Array(rows * n);
    new Trunk('actor', named, rows).apply(input, output, rows);

    const layer = (k: number, x: number[]) =>
      Array.from(named[`actor.${k}.bias`]!, (bias, j) =>
        x.reduce((sum, value, i) => sum + value * named[`actor.${k}.weight`]![j * x.length + i]!, bias),
      );
    for (let row = 0; row < rows; row++) {
      const x = [...input.subarray(row * 3, row * 3 + 3)];
      layer(2, layer(1, layer(0, x).map(Math.tanh)).map(Math.tanh)).forEach((expected, j) => {
        expect(output[row * n + j]).toBeCloseTo(expected, 5);
      });
    }
  }
});
