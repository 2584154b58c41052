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

/** The keys of a path, 0 for `[]`. */
export const keysOf = (path: string): (string | 0)[] =>
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
