/**
 * RunComparison: what changed from one run to another, at equal numbers of updates. Plain JSON. Null means "not
 * measured"; every change carries the interval that holds the true one in 99 of 100 cases.
 */
import { type Static, Type } from '@sinclair/typebox';
import { Interval } from './report.ts';
import { Literals, Nullable, NullableNumber, NullableText } from './schemas.ts';
import { RunState } from './snapshot.ts';
import { verdictKinds } from './verdict.ts';

/** What is compared, in the order in which it is reported. */
export const comparedFigures = [
  'peakBytes',
  'restingBytes',
  'reservedBytes',
  'pressureFraction',
  'headroomBytes',
  'strandedBytes',
  'fragmentation',
  'cudaMemoryFragmentation',
  'growthBytes',
  'wallFraction',
  'tookMs',
  'stepsPerSecond',
  'lostFraction',
  'episodicReturn',
  'loss',
] as const;

const compared = {
  unit: Literals('bytes', 'bytes per update', 'fraction', 'ms', 'per second', 'number'),
  better: Nullable(Literals('lower', 'higher')),
  a: NullableNumber('what is usual in the one run'),
  b: NullableNumber('and in the other'),
  change: Nullable(
    Type.Composite([Interval], { description: 'b − a, update by update where both report it; 99% interval' }),
  ),
  relative: Nullable(Type.Composite([Interval], { description: 'the same as a share of |a|' })),
  status: Type.Unsafe<'changed' | 'no evidence' | 'too few' | 'unmeasured'>({
    ...Literals('changed', 'no evidence', 'too few', 'unmeasured'),
    description:
      'changed: zero lies outside the interval, and the change is more than a trifle. no evidence: it does not, or is one. ' +
      'too few: too few updates beyond the warm-up are independent of each other. unmeasured: one of the runs does not report it',
  }),
  trifle: NullableNumber(
    'changes up to this are no evidence: two runs of the same job differ by as much, by the order of their first requests',
  ),
  pairs: Type.Number({ description: 'updates, or short stretches of them, that were compared' }),
  independent: NullableNumber('independent ones that they are worth: neighbours are alike'),
};
export const ComparedFigure = Type.Object({
  figure: Literals(...comparedFigures),
  part: Literals('memory', 'time', 'learning'),
  ...compared,
});
/** A figure of the trainers' own that both runs have, under its name. */
export const ComparedOwn = Type.Object({ figure: Type.String(), part: Literals('own'), ...compared });
export type ComparedOwn = Static<typeof ComparedOwn>;
export type ComparedFigure = Static<typeof ComparedFigure>;

export const ComparedRun = Type.Object({
  /** Absent of a run of one rank. */
  acrossRanks: Type.Optional(
    Type.Array(Type.String(), { description: 'what its ranks show beside each other, in a few words each' }),
  ),
  id: Type.String(),
  name: NullableText('name'),
  task: NullableText('what it is about; of a rehearsed run, that it was rehearsed'),
  state: RunState,
  updates: Type.Number(),
  rank: NullableNumber('rank whose device is compared'),
  device: NullableText('the device that is compared'),
  verdict: Literals(...verdictKinds),
  says: Type.String({ description: 'its verdict in one sentence' }),
  forecast: NullableText('status of the device’s forecast'),
  highestPressure: NullableNumber('highest pressure of an update'),
  isUpperBound: Type.Boolean({ description: 'peaks are those of the whole run' }),
  retries: NullableNumber('requests that the device refused at first'),
  ooms: NullableNumber('requests that were refused for good'),
  spikes: NullableNumber('updates that needed far more than those around them'),
});
export type ComparedRun = Static<typeof ComparedRun>;

export const RunComparison = Type.Object({
  v: Type.Literal(1),
  a: ComparedRun,
  b: ComparedRun,
  updates: Type.Number({ description: 'updates that both made: what goes beyond is not compared' }),
  config: Type.Array(
    Type.Object({
      key: Type.String(),
      a: NullableText('JSON of the value'),
      b: NullableText('JSON of the value'),
    }),
    { description: 'configuration that differs, by key; null: not reported' },
  ),
  figures: Type.Array(ComparedFigure),
  own: Type.Array(ComparedOwn, {
    description: 'figures of the trainers’ own, over the newest part of the updates',
  }),
});
export type RunComparison = Static<typeof RunComparison>;
