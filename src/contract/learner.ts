/**
 * The learner's figures by their flat names: the one map between the fields of an update, or of a step, and the names that the
 * snapshot, series, trainers and the Python client (in snake case) give them.
 */
import { type TSchema, type TUnsafe, Type } from '@sinclair/typebox';
import { PPOUpdatePayload, StepPayload } from './ppo-update.ts';
import { figure, type NonFinite } from './units.ts';

type FieldsOf<T> = {
  [K in keyof T & string]: NonNullable<T[K]> extends readonly unknown[]
    ? never
    : NonNullable<T[K]> extends object
      ? `${K}.${keyof NonNullable<T[K]> & string}`
      : K;
}[keyof T & string];

interface LearnerField {
  /** Field of an update. */
  update: FieldsOf<PPOUpdatePayload>;
  /** Field of a step of a loop that is not PPO. */
  step?: FieldsOf<StepPayload>;
  /** Whether it has a series, for charts; and whether the snapshot keeps the newest part of it. */
  history?: 'series' | 'snapshot';
}

export const learnerFields = {
  totalLoss: { update: 'loss.total', step: 'loss', history: 'snapshot' },
  policyLoss: { update: 'loss.policy', history: 'snapshot' },
  valueLoss: { update: 'loss.value', history: 'snapshot' },
  entropy: { update: 'policy.entropy', history: 'snapshot' },
  approxKl: { update: 'policy.approxKl', history: 'snapshot' },
  clipFraction: { update: 'policy.clipFraction', history: 'snapshot' },
  clipRange: { update: 'policy.clipRange' },
  learningRate: { update: 'policy.learningRate', step: 'learningRate', history: 'series' },
  epochs: { update: 'policy.epochs' },
  earlyStopped: { update: 'policy.earlyStopped' },
  explainedVariance: { update: 'value.explainedVariance', history: 'snapshot' },
  meanValue: { update: 'value.meanValue' },
  meanReturn: { update: 'value.meanReturn' },
  gradNorm: { update: 'gradient.norm', step: 'gradNorm', history: 'snapshot' },
  maxGradNorm: { update: 'gradient.maxNorm' },
  steps: { update: 'rollout.steps', step: 'rollout.steps' },
  totalSteps: { update: 'rollout.totalSteps', step: 'rollout.totalSteps' },
  episodes: { update: 'rollout.episodes', step: 'rollout.episodes' },
  totalEpisodes: { update: 'rollout.totalEpisodes', step: 'rollout.totalEpisodes' },
  episodicReturn: { update: 'rollout.episodicReturn', step: 'rollout.episodicReturn', history: 'snapshot' },
  episodicLength: { update: 'rollout.episodicLength', step: 'rollout.episodicLength', history: 'series' },
  rolloutMs: { update: 'timing.rolloutMs', history: 'series' },
  updateMs: { update: 'timing.updateMs', step: 'stepMs', history: 'snapshot' },
  stepsPerSecond: { update: 'timing.stepsPerSecond', step: 'samplesPerSecond', history: 'snapshot' },
} as const satisfies Record<string, LearnerField>;

type Fields = typeof learnerFields;
export type LearnerName = keyof Fields;
export const learnerNames = Object.keys(learnerFields) as LearnerName[];

/** Names of the figures whose history the snapshot keeps. */
export type LearnerHistoryName = {
  [F in LearnerName]: Fields[F] extends { history: 'snapshot' } ? F : never;
}[LearnerName];
export const learnerHistoryNames = learnerNames.filter(
  name => (learnerFields[name] as LearnerField).history === 'snapshot',
) as LearnerHistoryName[];

/** Null: not measured. */
export type LearnerFigures = {
  [F in LearnerName]: F extends 'earlyStopped' ? boolean | null : number | null;
};
export type LearnerNumber = Exclude<LearnerName, 'earlyStopped'>;

/** A value as the wire carries it; absent or null: not measured. */
export type WireValue = number | string | boolean | null | undefined;

type Source = 'update' | 'step';
interface Reader {
  name: LearnerName;
  group: string;
  /** Null where the field stands beside the groups. */
  key: string | null;
}

function readersOf(source: Source): readonly Reader[] {
  return learnerNames.flatMap(name => {
    const path = (learnerFields[name] as LearnerField)[source];
    if (path === undefined) return [];
    const [group, key = null] = path.split('.') as [string, string?];
    return [{ name, group, key }];
  });
}
const readers: Readonly<Record<Source, readonly Reader[]>> = {
  update: readersOf('update'),
  step: readersOf('step'),
};

type Json = Record<string, unknown>;
const series: Readonly<Record<Source, readonly Reader[]>> = {
  update: readers.update.filter(hasSeries),
  step: readers.step.filter(hasSeries),
};
function hasSeries({ name }: Reader): boolean {
  return (learnerFields[name] as LearnerField).history !== undefined;
}

type TakeFigure = (name: LearnerName, value: WireValue) => void;

/** A log has a million updates: a group is looked up once for the figures of it that follow each other. */
function each(readers: readonly Reader[], data: Json, take: TakeFigure): void {
  let group: string | null = null;
  let at: unknown;
  for (const reader of readers) {
    if (reader.group !== group) {
      group = reader.group;
      at = data[group];
    }
    take(reader.name, (reader.key === null ? at : (at as Json | undefined)?.[reader.key]) as WireValue);
  }
}

/** Hands on each figure that has a series. */
export function eachLearnerSeries(
  source: Source,
  data: PPOUpdatePayload | StepPayload,
  take: TakeFigure,
): void {
  each(series[source], data as Json, take);
}

/** Hands on each figure of an update's payload, or of a step's, in the order of the map. */
export function eachLearnerFigure(
  source: Source,
  data: PPOUpdatePayload | StepPayload,
  take: TakeFigure,
): void {
  each(readers[source], data as Json, take);
}

/** Fields that carry NaN and infinities by name. */
const mayDiverge = (schema: TSchema | undefined): boolean => JSON.stringify(schema ?? null).includes('"NaN"');
const schemaAt = (payload: TSchema, { group, key }: Reader): TSchema | undefined =>
  key === null ? payload.properties?.[group] : payload.properties?.[group]?.properties?.[key];
const diverging = new Set(
  readers.update.filter(reader => mayDiverge(schemaAt(PPOUpdatePayload, reader))).map(({ name }) => name),
);

/** An update's payload of these figures. */
export function updatePayload(
  batch: number,
  figures: LearnerFigures,
  memory: NonNullable<PPOUpdatePayload['memory']>,
): PPOUpdatePayload {
  const payload: Json = { batch };
  for (const { name, group, key } of readers.update) {
    const value = figures[name];
    payload[group] ??= {};
    (payload[group] as Json)[key!] = diverging.has(name) ? figure(value as number | null) : value;
  }
  payload.memory = memory;
  return payload as PPOUpdatePayload;
}

const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

/** The figures' fields of the snapshot. */
export const learnerSchemas = Object.fromEntries(
  learnerNames.map(name => {
    const { update, step } = learnerFields[name] as LearnerField;
    const description =
      step === undefined || step === update ? update : `${update}, or ${step} of a loop that is not PPO`;
    const isFlag = JSON.stringify(
      schemaAt(PPOUpdatePayload, readers.update.find(r => r.name === name)!),
    ).includes('"boolean"');
    return [name, nullable(isFlag ? Type.Boolean({ description }) : Type.Number({ description }))];
  }),
) as unknown as { [F in LearnerName]: TUnsafe<LearnerFigures[F]> };

/** None of them measured. */
export const unmeasuredLearner = (): LearnerFigures =>
  Object.fromEntries(learnerNames.map(name => [name, null])) as LearnerFigures;

/** A figure that is not finite, and what it was. */
export type BrokenFigure = readonly [name: LearnerName, value: NonFinite];

type ReadLearner = (data: PPOUpdatePayload | StepPayload, nonFinite: BrokenFigure[]) => LearnerFigures;
const learnerReaders: Partial<Record<Source, ReadLearner>> = {};

/**
 * All of the learner's figures of a payload. A log has a million updates: the map is made into a function, which takes a tenth of what a
 * walk over it does.
 * @param nonFinite gains those that are not finite, which are null
 */
export function learnerOf(
  source: Source,
  data: PPOUpdatePayload | StepPayload,
  nonFinite: BrokenFigure[],
): LearnerFigures {
  learnerReaders[source] ??= learnerReader(source);
  return learnerReaders[source](data, nonFinite);
}

function learnerReader(source: Source): ReadLearner {
  const byName = new Map(readers[source].map(reader => [reader.name, reader]));
  const groups = [...new Set(readers[source].map(({ group }) => group))];
  const value = (name: LearnerName): string => {
    const reader = byName.get(name);
    if (reader === undefined) return 'null';
    const at = `g${groups.indexOf(reader.group)}`;
    return `finite(${reader.key === null ? at : `${at}?.${reader.key}`}, ${JSON.stringify(name)}, nonFinite)`;
  };
  const body = [
    ...groups.map((group, i) => `const g${i} = data.${group};`),
    `return { ${learnerNames.map(name => `${name}: ${value(name)}`).join()} };`,
  ].join('\n');
  const finite = (value: WireValue, name: LearnerName, nonFinite: BrokenFigure[]) => {
    if (typeof value !== 'string') return value ?? null;
    nonFinite.push([name, value as NonFinite]);
    return null;
  };
  return new Function('finite', `return (data, nonFinite) => { ${body} }`)(finite) as ReadLearner;
}

/** How the Python client and the data file for it describe the fields: group, key, and kind of value. */
export function learnerTable(source: Source): { name: LearnerName; path: string; kind: string }[] {
  const payload = source === 'update' ? PPOUpdatePayload : StepPayload;
  return readers[source].map(reader => {
    const { name, group, key } = reader;
    const schema = JSON.stringify(schemaAt(payload, reader));
    const kind = schema.includes('"NaN"')
      ? 'figure'
      : schema.includes('"boolean"')
        ? 'flag'
        : schema.includes('"integer"')
          ? 'count'
          : schema.includes('"ms"')
            ? 'duration'
            : 'quantity';
    return { name, path: key === null ? group : `${group}.${key}`, kind };
  });
}
