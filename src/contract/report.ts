/**
 * RunReport: what a whole run shows of its memory, made after it, or so far. Plain JSON. Null means "not
 * measured"; every estimate carries its interval and what it is made of.
 */
import { type Static, Type } from '@sinclair/typebox';
import { RankFinding } from './rank-finding.ts';
import { Literals, Nullable, NullableNumber, NullableText } from './schemas.ts';
import { PoolPeaks, RunState } from './snapshot.ts';
import { Ending, OutOfMemory } from './training.ts';
import type { NonFinite } from './units.ts';
import { verdictKinds } from './verdict.ts';

/** A range that holds the true value with the stated confidence, and the value thought most likely. */
export const Interval = Type.Object({ low: Type.Number(), mid: Type.Number(), high: Type.Number() });
export type Interval = Static<typeof Interval>;

/** When memory runs out if it goes on like this. Intervals hold the truth in nine of ten cases. */
export const Forecast = Type.Object({
  status: Type.Unsafe<'ahead' | 'far' | 'no trend' | 'too short' | 'unmeasured'>({
    ...Literals('ahead', 'far', 'no trend', 'too short', 'unmeasured'),
    description:
      'ahead: memory runs out within the interval. far: headroom shrinks, but would run out only beyond what the run so far ' +
      'can show. no trend: it does not shrink with certainty. too short: too few updates since the run began or changed. ' +
      'unmeasured: peak or budget are not reported',
  }),
  of: Type.Optional(
    Type.Literal('device', {
      description:
        'present where what is free beside the process was not measured: what is left is left of the device’s total. Memory that others ' +
        'hold brings the end nearer; where the peak is that of what was reserved, cache that can be released puts it off',
    }),
  ),
  basis: Nullable(Literals('peak', 'rest', 'peak of the run')),
  updates: Nullable(Interval),
  minutes: Nullable(Interval),
  batch: Nullable(Interval),
  slopeBytes: Nullable(Interval),
  since: NullableNumber('first batch of what was fitted, after the last change point'),
  until: NullableNumber('last batch of it'),
  points: Type.Number({ description: 'points that were fitted' }),
});
export type Forecast = Static<typeof Forecast>;

/** What the allocator's stalls cost. Intervals hold the truth in 95 of 100 cases. */
export const Attribution = Type.Object({
  status: Type.Unsafe<'evidence' | 'no evidence' | 'nothing to compare' | 'unmeasured'>({
    ...Literals('evidence', 'no evidence', 'nothing to compare', 'unmeasured'),
    description:
      'evidence: the interval of the lost time lies above zero. no evidence: it does not, or no update was busy with memory. ' +
      'nothing to compare: too few quiet updates did the same work near the busy ones. unmeasured: durations or counters are not reported',
  }),
  lostFraction: Nullable(Interval),
  lostMs: Nullable(Interval),
  updates: Type.Number({ description: 'updates looked at; the warm-up of each process is not' }),
  totalMs: Type.Number({ description: 'their time' }),
  busy: Type.Number({ description: 'of them, those in which the allocator was busier than usual' }),
  compared: Type.Number({ description: 'busy updates that found quiet ones to be compared with' }),
  quiet: Type.Number({ description: 'quiet updates that served' }),
  busyWith: Type.Object({
    retries: Type.Number(),
    ooms: Type.Number(),
    deviceAllocs: Type.Number(),
    deviceFrees: Type.Number(),
    streamSyncs: Type.Number(),
  }),
  costliest: Type.Array(Type.Object({ batch: Type.Number(), extraMs: Type.Number() })),
});
export type Attribution = Static<typeof Attribution>;

/** One thing that was seen, in a sentence, and where to look. */
export const Evidence = Type.Object({
  says: Type.String({ description: 'a sentence with its figures' }),
  fromBatch: NullableNumber('first batch that it is about'),
  toBatch: NullableNumber('last'),
  figures: Type.Array(Type.String(), { description: 'records of the figures it rests on, TELE-…' }),
});
export type Evidence = Static<typeof Evidence>;

/** The line of the program that a finding is about. */
export const GuiltyLine = Type.Object({
  line: Type.String({ description: '`train.py:88 update`: the innermost frame of the program itself' }),
  bytesPerUpdate: NullableNumber(
    'a leak: what it keeps of each update; growth: what it needs more in each; null for a spike',
  ),
  bytesMore: NullableNumber('a spike: what it held more at the peak; null otherwise'),
  share: Type.Number({ description: 'of all that stays, or of all that is needed more, 0–1' }),
  stack: Type.Array(Type.String(), { description: 'frames, innermost first; empty where not recorded' }),
});
export type GuiltyLine = Static<typeof GuiltyLine>;

/** One thing that a device's memory was found to be; several may hold at once. */
export const Finding = Type.Object({
  kind: Literals(...verdictKinds),
  confidence: Literals('certain', 'likely', 'possible'),
  says: Type.String({ description: 'what it is, in one sentence' }),
  evidence: Type.Array(Evidence),
  next: Type.Array(Type.String(), { description: 'what to try, the first thing first' }),
  line: Type.Optional(GuiltyLine),
  isRead: Type.Optional(
    Type.Boolean({ description: 'of `unmeasured`: memory was read, and too little of it for a verdict' }),
  ),
});
export type Finding = Static<typeof Finding>;

/** Updates that lie side by side: highest and lowest where that is what matters, means and sums otherwise. */
export const Stretch = Type.Object({
  fromIndex: Type.Number({ description: 'updates of the run before it' }),
  fromBatch: Type.Number(),
  toBatch: Type.Number(),
  fromMs: Type.Number(),
  toMs: Type.Number(),
  updates: Type.Number(),
  peakBytes: NullableNumber('highest'),
  pressureFraction: NullableNumber('highest'),
  budgetBytes: NullableNumber('lowest'),
  restingBytes: NullableNumber('mean of what tensors held at the end of an update'),
  reservedBytes: NullableNumber('mean'),
  strandedBytes: NullableNumber('mean'),
  othersBytes: NullableNumber(
    'mean of what is used on the device and not reserved by this process’s allocator',
  ),
  freeBytes: NullableNumber('mean'),
  totalBytes: NullableNumber('mean'),
  memoryUsagePercent: NullableNumber('mean of allocated / reserved × 100'),
  retries: Type.Number({ description: 'sum' }),
  lostMs: Type.Number({ description: 'sum of what busy updates took beyond their neighbours' }),
  tookMs: Type.Number({ description: 'sum' }),
  isStart: Type.Boolean({ description: 'a new process began with its first update' }),
});
export type Stretch = Static<typeof Stretch>;

/** An update that needed far more than those around it. */
export const Spike = Type.Object({
  batch: Type.Number(),
  peakBytes: Type.Number(),
  heightBytes: Type.Number({ description: 'above what is usual around it' }),
  budgetBytes: Type.Number(),
});
export type Spike = Static<typeof Spike>;

/** Which lines held a device's memory when its stacks were read last. */
const HeldMemory = Type.Object({
  moment: Literals('end of update', 'peak', 'refused'),
  batch: NullableNumber('the update after which that was'),
  sinceBatch: NullableNumber('the update from which growth is counted'),
  totalBytes: NullableNumber('requested bytes of all that was held'),
  withoutLineBytes: NullableNumber(
    'of them without a line: allocated before recording, or by the backward pass',
  ),
  requestedBytes: NullableNumber('what was refused'),
  lines: Type.Array(
    Type.Object({
      line: Type.String(),
      bytes: NullableNumber('held'),
      blocks: NullableNumber('in so many allocations'),
      grewBytes: NullableNumber('more than at the earlier reading'),
      stack: Type.Array(Type.String()),
      within: Type.Optional(
        Type.Array(Type.Object({ line: Type.String(), bytes: NullableNumber('held') }), {
          description: 'lines of libraries that were called from there, the largest first',
        }),
      ),
    }),
  ),
  readings: Type.Array(
    Type.Object({
      moment: Literals('end of update', 'peak', 'refused'),
      batch: NullableNumber('the update that it is of'),
      totalBytes: NullableNumber('requested bytes of all that was held'),
      lines: Type.Array(Type.Object({ line: Type.String(), bytes: NullableNumber('held') })),
    }),
    { description: 'this one and the newest before it of the same process, oldest first' },
  ),
});
export type HeldMemory = Static<typeof HeldMemory>;

/** One device of one rank. */
export const DeviceReport = Type.Object({
  rank: Type.Number(),
  device: Type.String(),
  /** Absent of a run of one rank. */
  host: Type.Optional(NullableText('host of the rank')),
  name: NullableText('product name'),
  totalBytes: NullableNumber('memory of the device'),
  findings: Type.Array(Finding, {
    description: 'what its memory was, the most important first; never empty',
  }),
  highestPressure: Nullable(
    Type.Object({
      pressureFraction: Type.Number(),
      batch: Type.Number(),
      peakBytes: Type.Number(),
      budgetBytes: Type.Number(),
    }),
  ),
  /** Absent in reports made before it was there. */
  largestPeakBytes: Type.Optional(
    NullableNumber('the largest peak of an update, however much it could have had'),
  ),
  headroomBytes: NullableNumber('of the newest update: budget − peak − stranded'),
  headroomAtBestBytes: NullableNumber('of the newest update: budget − peak'),
  isUpperBound: Type.Boolean({
    description: 'peaks are those of the whole run: pressure is an upper bound',
  }),
  /** These three are absent in reports made before they were there. */
  poolPeaks: Type.Optional(Nullable(PoolPeaks)),
  fragmentation: Type.Optional(NullableNumber('1 − peak active / peak reserved, over the run')),
  cudaMemoryFragmentation: Type.Optional(
    NullableNumber('of the newest update: 1 − allocated / reserved, at rest: cache, no fragmentation'),
  ),
  retries: NullableNumber('requests that the device refused at first'),
  ooms: NullableNumber('requests that were refused for good'),
  updatesAtTheWall: NullableNumber('updates with one of either'),
  contradiction: Type.Optional(
    Nullable(
      Type.Object({
        says: Type.String({ description: 'what the newest of them is' }),
        updates: Type.Number({ description: 'with figures that cannot all be true' }),
        fromBatch: Type.Number({ description: 'first of them' }),
        toBatch: Type.Number({ description: 'newest of them' }),
      }),
    ),
  ),
  forecast: Forecast,
  attribution: Attribution,
  spikes: Type.Object({ count: Type.Number(), highest: Type.Array(Spike) }),
  timeline: Type.Array(Stretch, { description: 'oldest first, at most 512' }),
  held: Type.Optional(HeldMemory),
});
export type DeviceReport = Static<typeof DeviceReport>;

const inARow = {
  fromBatch: Type.Number({ description: 'first of them' }),
  toBatch: Type.Number({ description: 'last of them' }),
  updates: Type.Number({ description: 'how many in a row' }),
};

/** Updates in a row in which a figure was NaN or infinite. */
const notFinite = (figure: string) => ({
  ...inARow,
  value: Type.Unsafe<NonFinite>({ ...Literals('NaN', 'Infinity', '-Infinity'), description: 'the first' }),
  isNewest: Type.Boolean({ description: `whether no finite ${figure} came after them` }),
});

/** Updates or steps in a row whose loss was NaN or infinite. What was not finite is not averaged anywhere. */
export const BrokenLoss = Type.Object({
  ...notFinite('loss'),
  of: Type.Optional(
    Type.Unsafe<'policy' | 'value'>({
      ...Literals('policy', 'value'),
      description: 'which loss it was, where the total was finite or not reported',
    }),
  ),
  isLeftOut: Type.Optional(
    Type.Boolean({
      description:
        'whether it was reported as 0 beside a gradient’s norm that was not finite: the Hugging Face Trainer leaves such losses out of its mean',
    }),
  ),
  lastFinite: Nullable(
    Type.Object(
      { batch: Type.Number(), loss: Type.Number() },
      { description: 'the newest loss before them' },
    ),
  ),
  gradNormFromBatch: NullableNumber(
    'since when the gradient’s norm was not finite, without a finite one until the loss broke; null where it was finite, or not measured',
  ),
  isGradNormMeasured: Type.Boolean({ description: 'whether the log has norms of the gradient until then' }),
  lossScale: Nullable(
    Type.Object(
      { before: Type.Number(), highest: Type.Number() },
      {
        description:
          'of training in float16: with the last finite loss, and the highest until then. It falls with each update that is not finite: what it was afterwards explains nothing',
      },
    ),
  ),
});
export type BrokenLoss = Static<typeof BrokenLoss>;

/** Updates or steps in a row whose gradient's norm was NaN or infinite, while the loss was finite or not reported. */
export const BrokenGradient = Type.Object({
  ...notFinite('norm'),
  losses: Type.Number({ description: 'how many of them have a loss, which was finite' }),
});
export type BrokenGradient = Static<typeof BrokenGradient>;

/** Updates or steps in a row whose gradient's norm was orders of magnitude above what had been usual, and finite. */
export const HugeGradient = Type.Object({
  ...inARow,
  isNewest: Type.Boolean({ description: 'whether no usual norm came after them' }),
  usual: Type.Number({ description: 'median of the norms before' }),
  lowest: Type.Number({ description: 'lowest of them' }),
  highest: Type.Number({ description: 'highest of them' }),
});
export type HugeGradient = Static<typeof HugeGradient>;

/** Learning and speed over time, as far as a report needs it. */
export const LearningReport = Type.Object({
  episodicReturn: Nullable(Interval),
  highestReturn: NullableNumber('highest episodicReturn of an update'),
  loss: Nullable(Interval),
  updateMs: Nullable(Interval),
  stepsPerSecond: Nullable(Interval),
  totalSteps: NullableNumber('environment steps'),
  /** Null where the loss was finite, or was not for one update or two alone. */
  broken: Nullable(BrokenLoss),
  /** Null where the norm was finite, not reported, or broke with the loss. */
  brokenGradient: Type.Optional(Nullable(BrokenGradient)),
  /** Null where no norm was far above what had been usual in the run. */
  hugeGradient: Type.Optional(Nullable(HugeGradient)),
  /** Updates whose figure was NaN or infinite, however few; absent where there is none. */
  notFinite: Type.Optional(
    Type.Object({
      loss: Type.Number({ description: 'updates with a loss that was not finite' }),
      gradNorm: Type.Number({ description: 'updates with a gradient’s norm that was not finite' }),
    }),
  ),
  newest: Type.Optional(
    Type.Record(Type.String(), Nullable(Type.Number()), {
      description:
        'the learner’s figures as last reported, by their names in the snapshot; null: not measured',
    }),
  ),
  newestAt: Type.Optional(
    Type.Record(Type.String(), Type.Number(), {
      description: 'update, or step, of those that the newest one did not report',
    }),
  ),
  timeline: Type.Array(
    Type.Object({
      fromBatch: Type.Number(),
      toBatch: Type.Number(),
      toMs: Type.Number(),
      episodicReturn: NullableNumber('mean'),
      loss: NullableNumber('mean'),
      tookMs: NullableNumber('mean'),
    }),
    { description: 'rank 0, oldest first, at most 512' },
  ),
});
export type LearningReport = Static<typeof LearningReport>;

/** A figure of the trainer's own over the run. */
export const OwnReport = Type.Object({
  name: Type.String(),
  newest: NullableNumber('newest finite value'),
  batch: NullableNumber('update or step of it'),
  usual: Nullable(Interval),
  lowest: NullableNumber('lowest finite value'),
  highest: NullableNumber('highest finite value'),
  values: Type.Number({ description: 'finite values' }),
  nonFinite: Type.Number({ description: 'values that were NaN or infinite' }),
  timeline: Type.Array(
    Type.Object({
      fromBatch: Type.Number(),
      toBatch: Type.Number(),
      toMs: Type.Number(),
      value: NullableNumber('mean'),
    }),
    { description: 'oldest first, at most 512' },
  ),
});
export type OwnReport = Static<typeof OwnReport>;

/** One raise of an alarm, and its clearing. */
export const AlarmSpan = Type.Object({
  rank: Type.Number(),
  device: NullableText('null for an alarm of a whole rank, such as its host’s'),
  rule: Type.String({ description: 'name of the rule' }),
  level: Literals('warning', 'critical'),
  reason: Type.String({
    description:
      'one sentence without its full stop, as it was when it was raised; what it counts, until it was cleared',
  }),
  figure: Type.String({ description: 'the record’s figure that the rule watches' }),
  fromMs: Type.Number({ description: 'raised; milliseconds since the epoch' }),
  fromBatch: NullableNumber('newest batch, or step, then'),
  toMs: NullableNumber('cleared, by its figure or by the end of the run; null while it stands'),
  toBatch: NullableNumber('newest batch, or step, then'),
});
export type AlarmSpan = Static<typeof AlarmSpan>;

export const RunReport = Type.Object({
  v: Type.Literal(1),
  run: Type.Object({
    id: Type.String(),
    name: NullableText('name'),
    algorithm: NullableText('PPO, …'),
    task: NullableText('environment, data set'),
    state: RunState,
    startedMs: NullableNumber('time of its first event'),
    lastEventMs: NullableNumber('time of its newest event'),
    updates: Type.Number({ description: 'updates and steps of the rank that made most' }),
    firstBatch: NullableNumber('number that the trainer gave the first'),
    lastBatch: NullableNumber('and the newest'),
    numbered: Type.Optional(
      Type.Unsafe<'steps' | 'samples' | 'epochs' | 'reports'>({
        ...Literals('steps', 'samples', 'epochs', 'reports'),
        description:
          'what the numbers count where that is not batches of PPO. steps: those of a loop that is no PPO. samples: those that it has seen. epochs: the log has a row of each. reports: the log shows no ' +
          'numbers, and its reports are counted, from 1',
      }),
    ),
    maxBatches: NullableNumber('that were planned'),
    stepsPerEpoch: Type.Optional(
      Type.Number({
        description:
          'steps of an epoch; absent where the log does not show them, or was made before they were kept',
      }),
    ),
    ranks: Type.Number(),
    starts: Type.Number({ description: 'processes that wrote rank 0: 1 and resumptions' }),
    events: Type.Number(),
    lostEvents: Type.Number(),
    unreadableLines: Type.Number(),
  }),
  failure: Nullable(
    Type.Object({
      errorType: Type.String(),
      message: Type.String(),
      rank: Type.Number(),
      batch: NullableNumber('newest batch before it'),
      outOfMemory: Nullable(OutOfMemory),
      ending: Type.Optional(Nullable(Ending)),
    }),
  ),
  /** Absent in reports made before it was there. */
  explanation: Type.Optional(Nullable(Finding)),
  verdict: Type.Object({
    kind: Literals(...verdictKinds),
    says: Type.String({ description: 'the answer in one sentence: what it was, and whether it hurt' }),
    isRead: Type.Optional(
      Type.Boolean({ description: 'of `unmeasured`: memory was read, and too little of it for a verdict' }),
    ),
    rank: NullableNumber('of the device whose first finding it is'),
    device: NullableText('that device'),
  }),
  devices: Type.Array(DeviceReport, { description: 'one a device of a rank; the worst first' }),
  /** Absent in reports made before it was there, and of a run of one rank. */
  acrossRanks: Type.Optional(
    Type.Array(RankFinding, {
      description: 'what its ranks show beside each other, the worst first; at most one of a kind',
    }),
  ),
  /** Absent in reports made before it was there, and in those of the analysis alone. */
  alarms: Type.Optional(
    Type.Array(AlarmSpan, {
      description: 'what the default rules raised and announced, oldest first, at most the newest 500',
    }),
  ),
  learning: LearningReport,
  /** Absent in reports made before it was there. */
  own: Type.Optional(
    Type.Array(OwnReport, {
      description: 'figures of the trainer’s own, of rank 0, in the order in which they came',
    }),
  ),
});
export type RunReport = Static<typeof RunReport>;
