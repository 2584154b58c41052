/** A log → what `watch` makes of it and what the report finds, without a process or a file between. */
import { readFileSync } from 'node:fs';
import { RunAnalyser } from '../../src/analysis/index.ts';
import {
  CONTRACT_VERSION,
  checkEvent,
  type RunReport,
  type SanctumSnapshot,
  type TelemetryEvent,
} from '../../src/contract/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { type ReadLog, type ReadLogOptions, readLog } from './read-log.ts';

export interface WatchedLog extends ReadLog {
  report: RunReport;
  snapshot: SanctumSnapshot;
  /** Numbers of the updates or steps of rank 0. */
  numbers: number[];
}

export function reportOfLog(log: string | Uint8Array, options: ReadLogOptions = {}): WatchedLog {
  const read = readLog(log, options);
  const seq = new Map<number, number>();
  const events = read.events.map(({ rank, type, data, timeMs }) => {
    seq.set(rank, (seq.get(rank) ?? -1) + 1);
    const event = checkEvent({
      v: CONTRACT_VERSION,
      seq: seq.get(rank),
      timeMs,
      run: 'watched',
      rank,
      type,
      data,
    });
    if ('malformed' in event) throw new Error(`${type}: ${event.malformed}`);
    return event as TelemetryEvent;
  });
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  return {
    ...read,
    report: analyser.report({ malformed: 0, torn: 0 }),
    snapshot: reduceAll(emptySnapshot(), events),
    numbers: read.events.flatMap(({ rank, type, data }) => {
      const { batch, step } = data as { batch?: number; step?: number };
      const isReport = (batch ?? step) !== undefined && !('path' in data) && !isEvaluation(type, data);
      return rank === 0 && isReport ? [(batch ?? step)!] : [];
    }),
  };
}

/** Figures of an evaluation stand beside a report, at its number. */
const isEvaluation = (type: string, data: object): boolean =>
  type === 'FIGURES_LOGGED' &&
  Object.keys((data as { figures: object }).figures).every(key => /val|test|dev/i.test(key));

export const reportOfFile = (path: string, options: ReadLogOptions = {}): WatchedLog =>
  reportOfLog(readFileSync(path), options);

/** The same of lines that a newline ends. */
export const watched = (...lines: string[]) => reportOfLog(`${lines.join('\n')}\n`);

/** The steps and updates of a log. */
export const figuresOf = ({ events }: Pick<WatchedLog, 'events'>): Record<string, unknown>[] =>
  events.flatMap(({ type, data }) =>
    type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED' ? [data as Record<string, unknown>] : [],
  );

/** The steps and updates of lines, each with its rank. */
export const reportsOf = (...lines: string[]): Record<string, unknown>[] =>
  watched(...lines).events.flatMap(({ type, data, rank }) =>
    type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED'
      ? [{ ...(data as Record<string, unknown>), rank }]
      : [],
  );

export const numbersOf = (...lines: string[]) => watched(...lines).numbers;
