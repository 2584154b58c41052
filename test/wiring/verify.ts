/** Verification: every stage of a record's path is run, and what it shows is compared with what the record claims. */
import type { TelemetryEvent } from '../../src/contract/index.ts';
import type { Source, TelemetryRecord } from '../../src/figures/index.ts';
import { type Check, type Outcome, type Stage, stages, statusOf, type Verification } from './checklist.ts';
import { everything, type Fixture, moved, nothing } from './fixture.ts';
import { once, type Passage, type Path, pass } from './path.ts';
import type { SourceTree } from './source-tree.ts';
import { statementChecks } from './statement-checks.ts';
import { wiringChecks } from './wiring-checks.ts';

/** What a source emitted when it really ran. */
export interface Measurement {
  /** Null where it cannot run on this machine. */
  events: TelemetryEvent[] | null;
  /** What it was given to find; null where only it can know. */
  given: Fixture | null;
}
export type Measured = (source: Source) => Measurement;

export interface Premises {
  records: readonly TelemetryRecord[];
  path: Path;
  measured: Measured;
  tree: SourceTree;
}

/** What the checks of one record look at. Each passage is made when it is first asked for. */
export interface Evidence extends Premises {
  record: TelemetryRecord;
  /** The path before any event. */
  empty(): Passage;
  /** The path with sources that measure nothing. */
  bare(): Passage;
  /** The path with the figure moved to a value; null for that of the healthy run. */
  at(value: unknown): Passage;
}

export type Finding = readonly [outcome: Outcome, found: string];
export type StageCheck = (evidence: Evidence) => Finding;
export const ok = (found: string): Finding => ['pass', found];
export const wrong = (found: string): Finding => ['fail', found];
export const notRun = (found: string): Finding => ['not run', found];

const checks: Record<Stage, StageCheck> = { ...wiringChecks, ...statementChecks };

/** Verifies records one after the other: of all in the premises, or of those given. */
export function* verify(
  premises: Premises,
  only: readonly TelemetryRecord[] = premises.records,
): Generator<Verification> {
  const evidenceOf = investigate(premises);
  for (const record of only) {
    const evidence = evidenceOf(record);
    const found = (Object.keys(stages) as Stage[]).map(stage => checkStage(stage, evidence));
    yield { id: record.id, name: record.name, ...statusOf(found), checks: found };
  }
}

/** The evidence of each record; what all share is made once. */
export function investigate(premises: Premises): (record: TelemetryRecord) => Evidence {
  const { path } = premises;
  const empty = once(() => pass({ ...path, emit: () => {} }, everything));
  const bare = once(() => pass(path, nothing));
  return record => {
    const passages = new Map<unknown, Passage>();
    const at = (value: unknown): Passage => {
      const passage = passages.get(value) ?? pass(path, value === null ? everything : moved(record, value));
      passages.set(value, passage);
      return passage;
    };
    return { ...premises, record, empty, bare, at };
  };
}

/** One stage of one record. A stage that throws is a stage that is wrong. */
export function checkStage(stage: Stage, evidence: Evidence): Check {
  try {
    const [outcome, found] = checks[stage](evidence);
    return { stage, outcome, found };
  } catch (error) {
    return { stage, outcome: 'fail', found: String(error) };
  }
}
