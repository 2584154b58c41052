/**
 * The fields of an update, a step and a device's memory, read off the contract's own schemas: which there are, and
 * which values each takes. A figure that its field does not take stays with the others under `extra`.
 */
import type { TSchema } from '@sinclair/typebox';
import { DeviceMemory, type NonFinite, PPOUpdatePayload, StepPayload } from '../contract/index.ts';

export type Value = number | NonFinite;
type Accepts = (value: Value) => boolean;

const NON_FINITE: readonly NonFinite[] = ['NaN', 'Infinity', '-Infinity'];

interface Schema {
  type?: string;
  minimum?: number;
  maximum?: number;
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
}

function accepts({
  type,
  minimum = Number.NEGATIVE_INFINITY,
  maximum = Number.POSITIVE_INFINITY,
  const: literal,
  anyOf,
}: Schema): Accepts | null {
  const isWithin = (value: Value) => typeof value === 'number' && value >= minimum && value <= maximum;
  if (type === 'integer') return value => Number.isSafeInteger(value) && isWithin(value);
  if (type === 'number') return isWithin;
  if (literal !== undefined)
    return NON_FINITE.includes(literal as NonFinite) ? value => value === literal : null;
  const choices = (anyOf ?? []).map(accepts).filter(choice => choice !== null);
  return choices.length === 0 ? null : value => choices.some(choice => choice(value));
}

/** Path of every numeric field, groups joined by a point, with what it takes. */
function numericFields(schema: TSchema): ReadonlyMap<string, Accepts> {
  const fields = new Map<string, Accepts>();
  const visit = ({ properties = {} }: Schema, prefix: string) => {
    for (const [key, property] of Object.entries(properties)) {
      if (property.properties !== undefined) visit(property, `${prefix}${key}.`);
      const test = accepts(property);
      if (test !== null) fields.set(prefix + key, test);
    }
  };
  visit(schema as Schema, '');
  return fields;
}

export const updateFields = numericFields(PPOUpdatePayload);
export const stepFields = numericFields(StepPayload);
export const memoryFields = numericFields(DeviceMemory);

/** The parts of a path, by path. */
const parts = new Map<string, { group: string | null; name: string }>();

/** The group of a field, null where it has none, and its name in it. */
export function pathParts(path: string): { group: string | null; name: string } {
  let known = parts.get(path);
  if (known === undefined) {
    const point = path.indexOf('.');
    known = { group: point === -1 ? null : path.slice(0, point), name: path.slice(point + 1) };
    parts.set(path, known);
  }
  return known;
}

/** Sets `loss.policy` of an object to be sent, which is a field's path; the group is made where it is missing. */
export function setField(target: Record<string, unknown>, path: string, value: Value): void {
  const { group, name } = pathParts(path);
  if (group === null) target[name] = value;
  else {
    target[group] ??= {};
    (target[group] as Record<string, unknown>)[name] = value;
  }
}
