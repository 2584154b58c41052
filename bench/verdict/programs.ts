/**
 * The verdict on real programs: those of examples/faults, recorded by the Python client on the stand-in device. Tuned programs were looked
 * at while rules were made; the figures that count are those of the programs held out. Peer on the same runs, as in verdicts.ts.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { Forecast, RunReport, TelemetryEvent, VerdictKind } from '../../src/contract/index.ts';
import { median, share } from './play.ts';

const examples = join(import.meta.dirname, '../../examples');

export interface FaultProgram {
  name: string;
  set: 'tuned' | 'held out';
  kind: VerdictKind;
  file: string;
  arguments: string;
  memory: string;
}

const listed = (file: string): readonly FaultProgram[] =>
  JSON.parse(readFileSync(join(examples, 'faults', file), 'utf8')).programs;

export const faultPrograms = listed('programs.json');
/** Programs that run until memory is out. */
export const lives = listed('lives.json');

type Named = Pick<FaultProgram, 'name'>;

const pathOf = ({ name }: Named, folder: string = join(examples, 'recordings')): string =>
  join(folder, `${name}.jsonl.gz`);

/** The recorded log of a program. @param folder of recordings; those that are committed where it is left out */
export const recordingOf = (program: Named, folder?: string): TelemetryEvent[] =>
  gunzipSync(readFileSync(pathOf(program, folder)))
    .toString()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

export function reportOf(events: readonly TelemetryEvent[]): RunReport {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  return analyser.report();
}

/** Shares of a life at which the forecast is asked for. */
const ASKED = [0.3, 0.5, 0.7, 0.85, 0.95];

export interface Asked {
  name: string;
  /** Updates made, and those until the one that was refused. */
  update: number;
  left: number;
  /** A leak was found, and called certain. */
  isCertainLeak: boolean;
  forecast: Forecast | null;
}

/** The forecast at several points of a recorded life. */
export function askedOf(life: FaultProgram, folder?: string): Asked[] {
  const events = recordingOf(life, folder);
  const all = events.filter(({ type }) => type === 'STEP_COMPLETED').length;
  const after = new Set(ASKED.map(share => Math.floor(share * all)));
  const analyser = new RunAnalyser();
  const asked: Asked[] = [];
  let update = 0;
  for (const event of events) {
    analyser.take(event);
    if (event.type !== 'STEP_COMPLETED' || !after.has(++update)) continue;
    const [device] = analyser.report().devices;
    const first = device?.findings[0];
    asked.push({
      name: life.name,
      update,
      left: all + 1 - update,
      isCertainLeak: first?.kind === 'leak' && first.confidence === 'certain',
      forecast: device?.forecast ?? null,
    });
  }
  return asked;
}

export interface LivesScore {
  asked: number;
  made: number;
  held: number;
  /** Of the remaining updates, median over the forecasts. */
  medianError: number;
  /** Certain leaks without a forecast. */
  without: number;
}

export function scoreOf(asked: readonly Asked[]): LivesScore {
  const made = asked.flatMap(({ forecast, left }) =>
    forecast?.status === 'ahead' && forecast.updates !== null ? [{ ...forecast.updates, left }] : [],
  );
  return {
    asked: asked.length,
    made: made.length,
    held: made.filter(({ low, high, left }) => low <= left && left <= high).length,
    medianError: median(made.map(({ mid, left }) => Math.abs(mid - left) / left)),
    without: asked.filter(({ isCertainLeak, forecast }) => isCertainLeak && forecast?.status !== 'ahead')
      .length,
  };
}

/**
 * Prints both sets; exit status 1 where a verdict is not the label.
 * @param folder as of {@link recordingOf}; forecasts are left out where it has no life until memory is out
 */
export function programs(folder?: string): void {
  for (const set of ['tuned', 'held out'] as const) {
    const of = faultPrograms.filter(program => program.set === set);
    const judged = of.map(program => ({
      program,
      kind: reportOf(recordingOf(program, folder)).verdict.kind,
    }));
    const wrong = judged.filter(({ program, kind }) => program.kind !== kind);
    const faulty = judged.filter(({ program }) => program.kind !== 'steady');
    const right = (some: typeof judged) => some.filter(({ program, kind }) => program.kind === kind).length;
    console.log(
      `\nReal programs, ${set}: the verdict is the label in ${judged.length - wrong.length} of ${judged.length} (${share(judged.length - wrong.length, judged.length)}); ` +
        `${right(faulty)} of ${faulty.length} with a fault, ${right(judged) - right(faulty)} of ${judged.length - faulty.length} healthy`,
    );
    if (wrong.length > 0) process.exitCode = 1;
    for (const { program, kind } of wrong) console.log(`  ${program.name}: ${kind}, not ${program.kind}`);
  }
  if (!lives.some(life => existsSync(pathOf(life, folder)))) return;
  for (const set of ['tuned', 'held out'] as const) {
    const of = lives.filter(life => life.set === set);
    const { asked, made, held, medianError, without } = scoreOf(of.flatMap(life => askedOf(life, folder)));
    console.log(
      `\nForecast on real programs, ${set}: ${of.length} lives until memory is out, asked at ${asked} points: made ${made}, ` +
        `90% interval holds ${held} (${share(held, made)}), median error ${(100 * medianError).toFixed(1)}%, certain leaks without one ${without}`,
    );
  }
}
