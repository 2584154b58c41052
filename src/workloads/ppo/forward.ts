/**
 * The networks' forward pass in plain typed arrays, for the rollout. A rollout asks for a few rows a step,
 * thousands of times: there, the dispatch of some twenty WebAssembly kernels (about 20 µs each) costs
 * several times what the arithmetic does. Learning, on whole minibatches, goes through jax: see loss.ts.
 */
import { HIDDEN_UNITS, type NamedArrays } from './parameters.ts';

const TANH_LIMIT = 7.905311107635498;

/**
 * tanh as XLA and Eigen approximate it in single precision, within 3e-7. With Math.tanh the forward pass takes
 * twice as long.
 */
export function tanh(input: number): number {
  const x = input > TANH_LIMIT ? TANH_LIMIT : input < -TANH_LIMIT ? -TANH_LIMIT : input;
  const y = x * x;
  const p =
    4.89352455891786e-3 +
    y *
      (6.37261928875436e-4 +
        y *
          (1.48572235717979e-5 +
            y *
              (5.12229709037114e-8 +
                y * (-8.60467152213735e-11 + y * (2.00018790482477e-13 + y * -2.76076847742355e-16)))));
  const q =
    4.89352518554385e-3 + y * (2.268434632439e-3 + y * (1.18534705686654e-4 + y * 1.19825839466702e-6));
  return (x * p) / q;
}

/** output[rows, outputs] = input[rows, inputs] · weightᵀ + bias, four outputs at a time. */
function linear(
  weight: Float32Array,
  bias: Float32Array,
  input: Float32Array,
  output: Float32Array,
  rows: number,
): void {
  const outputs = bias.length;
  const inputs = weight.length / outputs;
  for (let row = 0; row < rows; row++) {
    const from = row * inputs;
    const to = row * outputs;
    let j = 0;
    for (; j + 4 <= outputs; j += 4) {
      const w0 = j * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let a = bias[j]!;
      let b = bias[j + 1]!;
      let c = bias[j + 2]!;
      let d = bias[j + 3]!;
      for (let i = 0; i < inputs; i++) {
        const x = input[from + i]!;
        a += x * weight[w0 + i]!;
        b += x * weight[w1 + i]!;
        c += x * weight[w2 + i]!;
        d += x * weight[w3 + i]!;
      }
      output[to + j] = a;
      output[to + j + 1] = b;
      output[to + j + 2] = c;
      output[to + j + 3] = d;
    }
    for (; j < outputs; j++) {
      let a = bias[j]!;
      for (let i = 0; i < inputs; i++) a += input[from + i]! * weight[j * inputs + i]!;
      output[to + j] = a;
    }
  }
}

function activate(values: Float32Array, count: number): void {
  for (let i = 0; i < count; i++) values[i] = tanh(values[i]!);
}

/** One trunk of the parameters, `actor` or `critic`, applied to up to `maxRows` rows at a time. */
export class Trunk {
  readonly #layers: { weight: Float32Array; bias: Float32Array }[];
  readonly #first: Float32Array;
  readonly #second: Float32Array;

  constructor(name: 'actor' | 'critic', named: NamedArrays, maxRows: number) {
    this.#layers = [0, 1, 2].map(layer => ({
      weight: named[`${name}.${layer}.weight`]!,
      bias: named[`${name}.${layer}.bias`]!,
    }));
    this.#first = new Float32Array(maxRows * HIDDEN_UNITS);
    this.#second = new Float32Array(maxRows * HIDDEN_UNITS);
  }

  /** input [rows, inputs] → output [rows, outputs] */
  apply(input: Float32Array, output: Float32Array, rows: number): void {
    const [first, second, head] = this.#layers as [Layer, Layer, Layer];
    linear(first.weight, first.bias, input, this.#first, rows);
    activate(this.#first, rows * HIDDEN_UNITS);
    linear(second.weight, second.bias, this.#first, this.#second, rows);
    activate(this.#second, rows * HIDDEN_UNITS);
    linear(head.weight, head.bias, this.#second, output, rows);
  }
}

type Layer = { weight: Float32Array; bias: Float32Array };
