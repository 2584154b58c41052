/**
 * Building blocks of every payload: a quantity's unit is part of its schema and of its field's name.
 * Every quantity may be absent or null, and both mean "not measured". A measured zero is 0.
 */
import { type TSchema, Type } from '@sinclair/typebox';

const nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** Counts and bytes beyond are no integers any more for a reader whose numbers are doubles. */
export const MAX_COUNT = Number.MAX_SAFE_INTEGER;
/** Times and durations, milliseconds: the end of the year 9999. Beyond it no date can be written. */
export const MAX_MS = 253_402_300_799_999;

/** Integer bytes. */
export const Bytes = (description: string) =>
  nullable(Type.Integer({ minimum: 0, maximum: MAX_COUNT, description, unit: 'bytes' }));
/** Integer count; cumulative counters may be reset by anyone, the reducer takes deltas. */
export const Count = (description: string) =>
  nullable(Type.Integer({ minimum: 0, maximum: MAX_COUNT, description, unit: 'count' }));
/** Milliseconds, fractional. */
export const Ms = (description: string) =>
  nullable(Type.Number({ minimum: 0, maximum: MAX_MS, description, unit: 'ms' }));
/** 0–1. Values outside are kept: the reducer flags them. */
export const Fraction = (description: string) => nullable(Type.Number({ description, unit: 'fraction' }));
/** 0–100. Values outside are kept: the reducer flags them. */
export const Percent = (description: string) => nullable(Type.Number({ description, unit: 'percent' }));
/** Any finite number whose unit the description gives. */
export const Quantity = (description: string) => nullable(Type.Number({ description }));
/** Free text. */
export const Text = (description: string) => nullable(Type.String({ description }));
/** True or false, where known. */
export const Flag = (description: string) => nullable(Type.Boolean({ description }));

/**
 * A learning figure, which may diverge. JSON has no NaN, and null would claim that nothing was measured,
 * so the three non-finite values travel by name.
 */
export const LearningFigure = (description: string) =>
  nullable(
    Type.Union([
      Type.Number({ description }),
      Type.Literal('NaN'),
      Type.Literal('Infinity'),
      Type.Literal('-Infinity'),
    ]),
  );

export type NonFinite = 'NaN' | 'Infinity' | '-Infinity';

/** A figure as the wire carries it: finite numbers as they are, the others by name. */
export function figure(value: number | null | undefined): number | NonFinite | null {
  if (value === null || value === undefined) return null;
  return Number.isFinite(value) ? value : (String(value) as NonFinite);
}
