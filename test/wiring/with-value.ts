import { keysOf } from '../../src/figures/index.ts';

/** A deep copy with the value at the path; objects and lists on the way are made where they are absent. */
export function withValue<T>(root: T, path: string, value: unknown): T {
  const copy = structuredClone(root);
  const keys = keysOf(path);
  let at = copy as Record<string | number, unknown>;
  keys.forEach((key, i) => {
    if (i === keys.length - 1) {
      at[key] = value;
      return;
    }
    at[key] ??= keys[i + 1] === 0 ? [] : {};
    at = at[key] as typeof at;
  });
  return copy;
}
