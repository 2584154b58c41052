/** What the ranks of a run show beside each other, and none shows alone. */
import { type Static, Type } from '@sinclair/typebox';
import { Literals, Nullable, NullableNumber, NullableText } from './schemas.ts';

/** The worst first, where several of one level stand together. */
export const rankFindingKinds = [
  'first failure',
  'silent rank',
  'lone growth',
  'slow rank',
  'memory skew',
  'shared device',
  'uneven stages',
] as const;
export type RankFindingKind = (typeof rankFindingKinds)[number];

/** One thing that was found of some ranks, held against the others. */
export const RankFinding = Type.Object({
  kind: Literals(...rankFindingKinds),
  level: Literals('info', 'warning', 'critical'),
  rank: Type.Number({ description: 'the rank that it is worst of' }),
  ranks: Type.Array(Type.Number(), { description: 'all that it is found of, the worst first' }),
  host: NullableText('host of that rank'),
  device: NullableText('device of that rank; null where it is no device’s'),
  short: Type.String({ description: 'in a few words: "rank 12 slow 1.42×"' }),
  says: Type.String({ description: 'one sentence or two' }),
  value: Nullable(
    Type.Object(
      { low: Type.Number(), mid: Type.Number(), high: Type.Number() },
      { description: 'of the worst rank, its 95% interval where it is an estimate' },
    ),
  ),
  unit: Nullable(Literals('times', 'bytes', 'bytes per update', 'ms')),
  sinceBatch: NullableNumber('first batch that it is found in; null: since the beginning, or not of batches'),
  next: Type.Array(Type.String(), { description: 'what to try, the first thing first' }),
});
export type RankFinding = Static<typeof RankFinding>;
