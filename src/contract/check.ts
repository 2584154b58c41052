/**
 * RunFigures: what a gate needs of one run, small enough to be committed beside the code. RunCheck: a run held against them.
 * Plain JSON. Null means "not measured".
 */
import { type Static, Type } from '@sinclair/typebox';
import { Literals, Nullable, NullableNumber, NullableText } from './schemas.ts';
import { RunState } from './snapshot.ts';
import { verdictKinds } from './verdict.ts';

/** What is checked, in the order in which it is shown. */
export const checkedFigures = [
  'highestPeakBytes',
  'usualPeakBytes',
  'highestReservedBytes',
  'tookMs',
  'lostFraction',
] as const;
export type CheckedName = (typeof checkedFigures)[number];

/** One figure of a run: `low` and `high` hold the true value in 99 of 100 cases; null where the run's scatter is unknown. */
export const GateFigure = Type.Object({
  value: Type.Number(),
  low: NullableNumber('lower end of its interval'),
  high: NullableNumber('upper end'),
});
export type GateFigure = Static<typeof GateFigure>;

export const RunFigures = Type.Object({
  v: Type.Literal(1),
  kind: Type.Literal('esper run figures'),
  run: Type.String({ description: 'id of the run' }),
  name: NullableText('name of the run'),
  state: RunState,
  updates: Type.Number({ description: 'updates and steps of the rank that made most' }),
  device: NullableText('the device with the highest peak, `cuda:0`; `sim:0` and `standin:0` are no GPUs'),
  deviceName: NullableText('its product name'),
  verdict: Literals(...verdictKinds),
  level: Literals('ok', 'warmup', 'warning', 'critical'),
  says: Type.String({ description: 'the verdict in one sentence' }),
  isGate: Type.Boolean({
    description:
      'the verdict is one of what the program itself does, and sure: leak, growth, spike, a failure',
  }),
  highestPeakBytes: Nullable(
    Type.Composite([GateFigure], { description: 'highest allocated peak of the run, on its largest device' }),
  ),
  usualPeakBytes: Nullable(
    Type.Composite([GateFigure], {
      description: 'usual allocated peak of an update; null where peaks are those of the whole run',
    }),
  ),
  highestReservedBytes: Nullable(
    Type.Composite([GateFigure], {
      description: 'highest that the allocator reserved at the end of an update',
    }),
  ),
  tookMs: Nullable(
    Type.Composite([GateFigure], { description: 'usual time of an update, after the warm-up' }),
  ),
  lostFraction: Nullable(
    Type.Composite([GateFigure], { description: 'share of the time that the allocator’s stalls took' }),
  ),
});
export type RunFigures = Static<typeof RunFigures>;

export const CheckedFigure = Type.Object({
  figure: Literals(...checkedFigures),
  baseline: NullableNumber('its value in the baseline'),
  value: NullableNumber('and in the run'),
  change: Nullable(
    Type.Object(
      { low: NullableNumber('lower end'), mid: Type.Number(), high: NullableNumber('upper end') },
      {
        description:
          'share of the baseline; of lostFraction the difference. 99% interval, null where unknown',
      },
    ),
  ),
  tolerance: NullableNumber('changes up to this pass; null: information only'),
  status: Type.Unsafe<'worse' | 'unclear' | 'same' | 'better' | 'information' | 'not compared'>({
    ...Literals('worse', 'unclear', 'same', 'better', 'information', 'not compared'),
    description:
      'worse: beyond the tolerance, and zero lies outside the interval: the check fails. unclear: beyond it, but the interval ' +
      'holds zero. same: within the tolerance. better: beyond it, downwards. information: never fails. not compared: one of the two has none',
  }),
});
export type CheckedFigure = Static<typeof CheckedFigure>;

export const RunCheck = Type.Object({
  v: Type.Literal(1),
  passed: Type.Boolean(),
  reasons: Type.Array(Type.String(), { description: 'why it did not pass, a sentence each' }),
  notes: Type.Array(Type.String(), { description: 'what makes the two less comparable' }),
  baseline: RunFigures,
  run: RunFigures,
  figures: Type.Array(CheckedFigure),
  verdictIsWorse: Type.Boolean(),
});
export type RunCheck = Static<typeof RunCheck>;
