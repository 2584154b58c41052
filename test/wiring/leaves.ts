/** What a schema holds, for tests that ask whether all of it has its record. */
import type { TSchema } from '@sinclair/typebox';

/** Paths of all plain values and lists of plain values, and of the lists that count as one value each. */
export function* leaves(schema: TSchema, path = '', whole: readonly string[] = []): Generator<string> {
  const bare = schema.anyOf
    ? ((schema.anyOf as TSchema[]).find(({ type }) => type !== 'null') as TSchema)
    : schema;
  if (bare.properties)
    for (const [key, inner] of Object.entries(bare.properties as Record<string, TSchema>))
      yield* leaves(inner, path === '' ? key : `${path}.${key}`, whole);
  else if (bare.items && (bare.items as TSchema).properties && !whole.includes(path))
    yield* leaves(bare.items as TSchema, `${path}[]`, whole);
  else yield path;
}
