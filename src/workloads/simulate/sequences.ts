/**
 * A rollout as sequences. Each environment's row is cut where episodes end; the pieces are what a sequence
 * model is trained on. Sequences that are processed together are padded to the longest of them: that is why
 * the same number of samples needs a different amount of memory each time.
 */

/**
 * Cuts a rollout into its sequences.
 * @param ended one flag per environment step, all environments of a step together (step × environments)
 * @param environments environments that are stepped together
 * @returns lengths in steps; they sum up to `ended.length`
 */
export function sequenceLengths(ended: ArrayLike<number | boolean>, environments: number): number[] {
  const lengths: number[] = [];
  const steps = ended.length / environments;
  for (let environment = 0; environment < environments; environment++) {
    let began = 0;
    for (let step = 0; step < steps; step++) {
      if (!ended[step * environments + environment] && step < steps - 1) continue;
      lengths.push(step + 1 - began);
      began = step + 1;
    }
  }
  return lengths;
}

/** Cuts every sequence into pieces of at most `window` steps, as truncated backpropagation does. */
export const truncate = (lengths: readonly number[], window: number): number[] =>
  lengths.flatMap(length =>
    Array.from({ length: Math.ceil(length / window) }, (_, i) => Math.min(window, length - i * window)),
  );

/**
 * Packs sequences, in order, into batches that take at most `budget` steps when padded; a single longer
 * sequence is a batch of its own.
 * @returns padded steps of each batch
 */
export function paddedBatches(lengths: readonly number[], budget: number): number[] {
  const batches: number[] = [];
  let count = 0;
  let longest = 0;
  for (const length of lengths) {
    const grown = Math.max(longest, length);
    if (count > 0 && (count + 1) * grown > budget) {
      batches.push(count * longest);
      count = 1;
      longest = length;
    } else {
      count++;
      longest = grown;
    }
  }
  if (count > 0) batches.push(count * longest);
  return batches;
}
