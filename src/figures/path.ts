/**
 * Paths into plain JSON, written as a.b[].c: `[]` stands for any entry of a list, and for the first where one
 * value is asked for. The type lists every path that exists, so a record that names another does not compile.
 */
type Inside<T> = T extends readonly (infer Entry)[]
  ? '[]' | (NonNullable<Entry> extends object ? `[].${PathOf<NonNullable<Entry>>}` : never)
  : T extends object
    ? `.${PathOf<T>}`
    : never;

export type PathOf<T> = {
  [K in keyof T & string]-?: K | `${K}${Inside<NonNullable<T[K]>>}`;
}[keyof T & string];

const keysOf = (path: string): (string | 0)[] =>
  path
    .replaceAll('[]', '.[]')
    .split('.')
    .filter(key => key !== '')
    .map(key => (key === '[]' ? 0 : key));

/** The value at the path: null where a part of it is null, undefined where one is absent. */
export function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const key of keysOf(path)) {
    if (value === null) return null;
    if (typeof value !== 'object') return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

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
