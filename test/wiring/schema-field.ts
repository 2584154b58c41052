/** Whether a schema has a field, by its path: what the compiler knows of the types, read from the schema itself. */
import type { TSchema } from '@sinclair/typebox';

/** A nullable schema without its null. */
const bare = (schema: TSchema | undefined): TSchema | undefined =>
  schema?.anyOf ? (schema.anyOf as TSchema[]).find(({ type }) => type !== 'null') : schema;

/** `path` as in a.b[].c. */
export function hasField(schema: TSchema, path: string): boolean {
  let at: TSchema | undefined = schema;
  for (const key of path.replaceAll('[]', '.[]').split('.'))
    at = bare(key === '[]' ? (at?.items as TSchema) : at?.properties?.[key]);
  return at !== undefined;
}
