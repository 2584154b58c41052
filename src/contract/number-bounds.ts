/** Which numbers the field at a path of an event may hold, by its schema. */
import type { TSchema } from '@sinclair/typebox';
import { eventSchemas } from './event.ts';

export interface NumberBounds {
  least: number;
  most: number;
  isWhole: boolean;
}

/** Any number: of fields that no schema names, which are kept as they came. */
const any: NumberBounds = {
  least: Number.NEGATIVE_INFINITY,
  most: Number.POSITIVE_INFINITY,
  isWhole: false,
};

const branches = (schema: TSchema): TSchema[] =>
  Array.isArray(schema.anyOf) ? (schema.anyOf as TSchema[]).flatMap(branches) : [schema];

/**
 * @param path names and list places, from the event's root
 * @returns null where the schema does not settle it: of several kinds of number, or none
 */
export function numberBounds(type: string, path: readonly string[]): NumberBounds | null {
  let schema: TSchema | undefined = (eventSchemas as Readonly<Record<string, TSchema>>)[type];
  for (const key of path) {
    if (schema === undefined) return any;
    const holders: TSchema[] = branches(schema).filter(({ type }) => type === 'object' || type === 'array');
    const [holder, ...others] = holders;
    if (holder === undefined) return isUnchecked(schema) ? any : null;
    if (others.length > 0) return null;
    schema = holder.type === 'array' ? (holder.items as TSchema) : memberOf(holder, key);
  }
  if (schema === undefined || isUnchecked(schema)) return any;
  const numbers = branches(schema).filter(({ type }) => type === 'number' || type === 'integer');
  const [one] = numbers;
  if (one === undefined || numbers.length > 1 || 'const' in one) return null;
  return {
    least: one.minimum ?? any.least,
    most: one.maximum ?? any.most,
    isWhole: one.type === 'integer',
  };
}

const isUnchecked = (schema: TSchema): boolean => schema.type === undefined && schema.anyOf === undefined;

/** Undefined: the schema names no such field. */
function memberOf({ properties, patternProperties }: TSchema, key: string): TSchema | undefined {
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return patternProperties === undefined ? undefined : (Object.values(patternProperties)[0] as TSchema);
}
