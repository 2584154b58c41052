/** What a format is: how one trainer's lines are read. Adding one is a file, a line in `formats/index.ts` and a golden pair. */
import type { Payload } from '../contract/index.ts';
import type { LogLine } from './log-line.ts';

/** Where the log numbers neither updates nor steps: its reports are counted. */
export const COUNTED = { config: { numbered: 'reports' } };
/** Where the log numbers its reports by the samples that were seen. */
export const IN_SAMPLES = { config: { numbered: 'samples' } };

/** Where an epoch has so many steps, and nothing shows how many epochs there will be. */
export const inEpochsOf = (steps: number) => ({ config: { stepsPerEpoch: steps } });

/** Where it has a row of each epoch, and no number of a step. */
export const IN_EPOCHS = { config: { numbered: 'epochs' } };

/** Where a parser puts what it reads. */
export interface Outlet {
  /** What is known of the run before its first figures; ignored after them. */
  facts(facts: Partial<Payload<'TRAINING_STARTED'>>): void;
  update(data: Payload<'PPO_UPDATE_COMPLETED'>, rank?: number): void;
  step(data: Payload<'STEP_COMPLETED'>, rank?: number): void;
  memory(data: Payload<'MEMORY_SAMPLED'>, rank?: number): void;
  /**
   * What the driver reports of the devices, for all processes.
   * @param since the first of its lines, by which its time is known
   */
  devices(data: Payload<'DEVICE_SAMPLED'>, since: LogLine): void;
  /** The host's memory, of all processes. */
  host(data: Payload<'HOST_SAMPLED'>): void;
  /** Figures that are of no step: of the whole training, at its end. */
  figures(data: Payload<'FIGURES_LOGGED'>): void;
  /** Number of the last report that there will be, where the log counts from 0 or reports now and then; infinite where the total that it had was an epoch's. */
  last(number: number): void;
  /**
   * Number of the newest update or step that was made, where nothing is reported of those behind the newest report.
   * @param isDone whether a training of as many is done
   */
  reached(number: number, isDone: boolean): void;
  /**
   * Another training begins in the log: the next report is its first, whatever its number. Where it is not sure, as by the head of a
   * table that stood there before, only where the number is not beyond the newest.
   */
  begins(isSure: boolean): void;
  /** The trainer reports that it is done, in words that any log may have, or that are this trainer's alone. */
  finished(isOwn?: boolean): void;
  /** The line is of the format and cannot be read whole; `why` is one of few, and reported once each. */
  almost(why: string): void;
}

/** Reads the lines of one log in order; may keep what several lines make together. */
export interface LineParser {
  /** Whether the line, which has one of the marks, is of the format, figures or not. */
  read(line: LogLine, out: Outlet): boolean;
  /**
   * The sample of a line that is as lines that `read` was given, but for its amounts, and of which no other reader reads anything; null
   * for any other line, which `read` gets.
   */
  sampleIn?(bytes: Uint8Array, from: number, to: number): Payload<'MEMORY_SAMPLED'> | null;
  /** What it holds of lines before is emitted: another program's words follow, or silence, or the end. */
  flush?(): void;
  /** Silence, or a sample beside the log: what waits for a later line to show its step does so no longer. */
  release?(): void;
  /** The log has ended. */
  end?(): void;
  /** The program was started again: its numbers begin again. */
  startAgain?(): void;
  /** Number of the line that began what it emits, where that is not the line that it reads; null otherwise. */
  readonly since?: number | null;
  /** Whether any line may be of what has begun, marked or not. */
  readonly isOpen?: boolean;
}

export interface FormatOptions {
  /** Fields by key, for formats without names of their own. */
  map: ReadonlyMap<string, MappedField>;
}

/** A field that the user named, and the factor between the log's unit and the contract's. */
export interface MappedField {
  /** Of an update, a step, or `memory.…`. */
  field: string;
  factor: number;
}

export interface LogFormat {
  /** As `--format` takes it. */
  name: string;
  /** What it reads, in a few words. */
  about: string;
  /**
   * Every line that it reads has one of these texts, of two bytes or more: any other is passed over at the price
   * of looking for them. Case is no matter.
   */
  marks: readonly string[];
  /**
   * `beside`: what it reads stands beside the log of any trainer (memory that a library or a tool prints), and never makes
   * the log its own. `weak`: other programs print the like as well; the log is its only where no other format reads a figure
   * before it has read a few.
   */
  claim?: 'beside' | 'weak';
  /** Whether it parses a line as one document, in linear time, so that long ones are no matter. */
  readsLongLines?: true;
  open(options: FormatOptions): LineParser;
}
