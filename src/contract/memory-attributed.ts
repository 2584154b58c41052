/** Which lines of the program hold a device's memory, read from the stacks that the allocator recorded. */
import { type Static, Type } from '@sinclair/typebox';
import { Bytes, Count, MAX_COUNT, Ms, Text } from './units.ts';

/** More or less bytes than before. */
const Change = (description: string) =>
  Type.Optional(
    Type.Union([
      Type.Integer({ minimum: -MAX_COUNT, maximum: MAX_COUNT, description, unit: 'bytes' }),
      Type.Null(),
    ]),
  );

const HeldWithin = Type.Object({
  line: Type.String({ description: '`transformers/activations.py:66 forward`' }),
  bytes: Bytes('requested bytes of what was allocated there and is still held'),
});

const HeldLine = Type.Object({
  line: Type.String({ description: 'the innermost frame of the program itself: `train.py:88 update`' }),
  bytes: Bytes('requested bytes of what was allocated there and is still held'),
  blocks: Count('how many allocations that is'),
  grewBytes: Change('more than at the reading before; null without one'),
  stack: Type.Optional(
    Type.Array(Type.String(), { description: 'frames of the stack that holds most, innermost first' }),
  ),
  within: Type.Optional(
    Type.Array(HeldWithin, {
      description:
        'lines of libraries other than torch that were called from there and allocated it; at most 6',
    }),
  ),
});
export type HeldLine = Static<typeof HeldLine>;

/** The lines that hold most first. */
export const byHeld = <Line extends { bytes?: number | null }>(lines: readonly Line[]): Line[] =>
  [...lines].sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));

export const MemoryAttributed = Type.Object({
  device: Type.String({ description: 'the device that it is of' }),
  moment: Type.Union([Type.Literal('end of update'), Type.Literal('peak'), Type.Literal('refused')], {
    description:
      'what it is of: the end of an update, the moment within an update in which most was held, or that of a refused request',
  }),
  why: Text('why stacks were recorded then: warm-up, trend, pressure, spike, refused'),
  fromBatch: Count('the update of the earlier reading; null without one'),
  toBatch: Count('the update of this reading'),
  totalBytes: Bytes('requested bytes of all that is held'),
  grewBytes: Change('more than at the earlier reading'),
  lines: Type.Array(HeldLine, { description: 'those that grew most, then those that hold most; at most 16' }),
  otherLines: Type.Optional(
    Type.Union([
      Type.Object({
        count: Count('lines that are not listed'),
        bytes: Bytes('what they hold'),
        grewBytes: Change('more than at the earlier reading'),
      }),
      Type.Null(),
    ]),
  ),
  withoutLineBytes: Bytes('held without a Python frame: allocated before recording, or by the backward pass'),
  withoutLineGrewBytes: Change('more of it than at the earlier reading: of the backward pass'),
  requestedBytes: Bytes('what was asked for and refused; null at the end of an update'),
  recordingMs: Ms('what recording took of the training so far: stacks by their number, readings as measured'),
});
export type MemoryAttributed = Static<typeof MemoryAttributed>;
