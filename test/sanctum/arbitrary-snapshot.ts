/** Any value that a schema allows, as a fast-check arbitrary: views must survive whatever the contract permits. */
import { Kind, type TSchema } from '@sinclair/typebox';
import fc from 'fast-check';
import { type SanctumSnapshot, SanctumSnapshot as SnapshotSchema } from '../../src/contract/index.ts';

const nasty = fc.constantFrom(
  '',
  'x'.repeat(400),
  'シミュレーション実験',
  '👩‍👩‍👧‍👦🇩🇪❤️',
  '\x1b[31mred\x1b[0m\x1b]0;title\x07',
  'line\nbreak\ttab\x00\x9b2J',
  '\u202Eright to left',
  'e\u0301\u0301\u0301\u0301',
  '\ud800 alone',
);
const text = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 30 }));
const number = fc.oneof(
  fc.integer({ min: -10, max: 300 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: 0, max: 2 ** 40, noNaN: true }),
);

export function arbitraryOf(schema: TSchema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  switch (schema[Kind]) {
    case 'Object': {
      const required = new Set<string>(schema.required ?? []);
      const properties = Object.entries(schema.properties as Record<string, TSchema>);
      return fc.record(Object.fromEntries(properties.map(([key, value]) => [key, arbitraryOf(value)])), {
        requiredKeys: [...required],
      });
    }
    case 'Array':
      return fc.array(arbitraryOf(schema.items), { maxLength: 4 });
    case 'Union':
      return fc.oneof(...(schema.anyOf as TSchema[]).map(arbitraryOf));
    case 'Record':
      return fc.dictionary(fc.string(), fc.constant(null), { maxKeys: 2 });
    case 'Number':
      return number;
    case 'Integer':
      return fc.integer({ min: schema.minimum ?? -1000 });
    case 'String':
      return text;
    case 'Boolean':
      return fc.boolean();
    case 'Literal':
      return fc.constant(schema.const);
    case 'Null':
      return fc.constant(null);
    default:
      return fc.constant({});
  }
}

export const arbitrarySnapshot = arbitraryOf(SnapshotSchema) as fc.Arbitrary<SanctumSnapshot>;
