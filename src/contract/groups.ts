/**
 * GroupComparison: groups of runs, each run one sample. Plain JSON. Null means "not measured", or too few runs for an interval;
 * intervals hold the true value in 99 of 100 cases.
 */
import { type Static, Type } from '@sinclair/typebox';
import { Literals, Nullable, NullableNumber } from './schemas.ts';
import { RunState } from './snapshot.ts';
import { verdictKinds } from './verdict.ts';

/** What groups are compared by, in the order in which it is shown: one number of each run. */
export const groupFigures = [
  'episodicReturn',
  'loss',
  'peakBytes',
  'tookMs',
  'stepsPerSecond',
  'lostFraction',
] as const;
export type GroupFigureName = (typeof groupFigures)[number];

/** One run of a group. */
export const GroupedRun = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: RunState,
  updates: Type.Number(),
  verdict: Literals(...verdictKinds),
  config: Type.Record(Type.String(), Type.String(), { description: 'JSON of each value, by its flat key' }),
  figures: Type.Record(Type.String(), Nullable(Type.Number()), {
    description:
      'usual in the newest quarter: return, loss, time, steps per second; of the whole run: highest peak, lost time',
  }),
});
export type GroupedRun = Static<typeof GroupedRun>;

const estimate = {
  runs: Type.Number({ description: 'runs that report it' }),
  low: NullableNumber('lower end of the interval; null of fewer than two runs'),
  high: NullableNumber('upper end'),
};

export const RunGroup = Type.Object({
  label: Type.String({ description: 'the pattern, or what its runs have in common' }),
  runs: Type.Array(GroupedRun),
  config: Type.Record(Type.String(), Type.String(), {
    description: 'JSON of what its runs have in common and other groups do not',
  }),
  figures: Type.Record(
    Type.String(),
    Nullable(
      Type.Object({
        ...estimate,
        mean: Type.Number(),
        deviation: NullableNumber('standard deviation of its runs'),
      }),
    ),
  ),
});
export type RunGroup = Static<typeof RunGroup>;

export const GroupDifference = Type.Object({
  figure: Literals(...groupFigures),
  group: Type.Number({ description: 'index of the group' }),
  mid: Type.Number({ description: 'its mean less that of the reference' }),
  low: NullableNumber('lower end of the interval; null where one of the two has fewer than two runs'),
  high: NullableNumber('upper end'),
  status: Type.Unsafe<'differs' | 'no evidence' | 'too few runs'>({
    ...Literals('differs', 'no evidence', 'too few runs'),
    description: 'differs: zero lies outside the interval',
  }),
});
export type GroupDifference = Static<typeof GroupDifference>;

export const GroupComparison = Type.Object({
  v: Type.Literal(1),
  groups: Type.Array(RunGroup),
  varies: Type.Array(Type.String(), { description: 'configuration that differs within groups, as seeds do' }),
  by: Nullable(Literals(...groupFigures)),
  best: NullableNumber('index of the best group by that figure; null where no group reports it'),
  differences: Type.Array(GroupDifference, {
    description: 'of every other group to the best, by figure; where there is no best, to the first',
  }),
});
export type GroupComparison = Static<typeof GroupComparison>;
