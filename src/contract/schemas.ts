/** Parts that schemas are made of: what may be null where it was not measured, and texts of a few. */
import { type TSchema, Type } from '@sinclair/typebox';

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const NullableNumber = (description: string) => Nullable(Type.Number({ description }));
export const NullableText = (description: string) => Nullable(Type.String({ description }));
export const Literals = <const T extends readonly string[]>(...names: T) =>
  Type.Unsafe<T[number]>(Type.Union(names.map(name => Type.Literal(name))));
