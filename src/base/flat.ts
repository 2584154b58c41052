/** Values of nested objects by keys such as `optimizer.lr`; lists stay what they are, and what is null is left out. */
export function flat(value: unknown): Map<string, unknown> {
  const all = new Map<string, unknown>();
  const add = (path: string, inner: unknown) => {
    if (inner === null || inner === undefined) return;
    if (typeof inner === 'object' && !Array.isArray(inner))
      for (const [key, one] of Object.entries(inner)) add(path === '' ? key : `${path}.${key}`, one);
    else all.set(path, inner);
  };
  add('', value);
  return all;
}
