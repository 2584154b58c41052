/**
 * The agent's weights: two multilayer perceptrons, `actor` and `critic`, and, for continuous actions, the
 * policy's log standard deviation. They lie in one flat array, which the optimiser and checkpoints use;
 * `named` holds views of it by the names and layouts of PyTorch's `nn.Linear`: weight [outputs, inputs]
 * row by row, bias [outputs].
 */
import { type ActionSpace, actionWidth } from './environments/index.ts';
import type { Random } from './random.ts';

export const HIDDEN_UNITS = 64;

export type Shapes = Readonly<Record<string, readonly number[]>>;
export type NamedArrays = Record<string, Float32Array>;

export interface Parameters {
  readonly shapes: Shapes;
  readonly flat: Float32Array;
  readonly named: NamedArrays;
}

export const policyOutputs = (space: ActionSpace): number =>
  space.kind === 'discrete' ? space.n : actionWidth(space);

/** Names and shapes in the order of the flat array: `actor.{0,1,2}.{weight,bias}`, `critic.…`, `logStd`. */
export function parameterShapes(observationSize: number, space: ActionSpace): Shapes {
  const trunk = (name: string, outputs: number) => {
    const sizes = [observationSize, HIDDEN_UNITS, HIDDEN_UNITS, outputs];
    return [0, 1, 2].flatMap((layer): [string, number[]][] => [
      [`${name}.${layer}.weight`, [sizes[layer + 1]!, sizes[layer]!]],
      [`${name}.${layer}.bias`, [sizes[layer + 1]!]],
    ]);
  };
  return Object.fromEntries([
    ...trunk('actor', policyOutputs(space)),
    ...trunk('critic', 1),
    ...(space.kind === 'continuous' ? [['logStd', [space.size]] as const] : []),
  ]);
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/** Views of a flat array, by name. */
export function viewsOf(flat: Float32Array, shapes: Shapes): NamedArrays {
  let offset = 0;
  const views: NamedArrays = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const end = offset + sizeOf(shape);
    views[name] = flat.subarray(offset, end);
    offset = end;
  }
  return views;
}

/** All zeros. */
export function newParameters(shapes: Shapes): Parameters {
  const size = Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0);
  const flat = new Float32Array(size);
  return { shapes, flat, named: viewsOf(flat, shapes) };
}

/** Orthogonal weights (gain √2; 0.01 for the actor's head, 1 for the critic's), biases and log-std 0. */
export function initialParameters(shapes: Shapes, random: Random): Parameters {
  const parameters = newParameters(shapes);
  const gains: Record<string, number> = { 'actor.2.weight': 0.01, 'critic.2.weight': 1 };
  for (const [name, [rows, columns]] of Object.entries(shapes))
    if (columns !== undefined)
      parameters.named[name]!.set(orthogonal(rows!, columns, gains[name] ?? Math.SQRT2, random));
  return parameters;
}

/** [rows, columns] times the gain, its rows (or its columns, where they are fewer) orthonormal. */
export function orthogonal(rows: number, columns: number, gain: number, random: Random): Float32Array {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    // Twice is enough: the second pass removes what rounding left of the earlier directions.
    for (const other of [...basis, ...basis]) {
      const overlap = dot(vector, other);
      for (let i = 0; i < length; i++) vector[i]! -= overlap * other[i]!;
    }
    const norm = Math.sqrt(dot(vector, vector));
    basis.push(vector.map(x => x / norm));
  }
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    const column = i % columns;
    return gain * (rows <= columns ? basis[row]![column]! : basis[column]![row]!);
  });
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
