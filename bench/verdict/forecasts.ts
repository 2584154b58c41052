/**
 * Forecasts of runs that leak or grow until memory is out, made at several points of each, and of runs that are steady, made
 * all along. Peers on the same points: the straight line through the last two updates, and the least-squares line through
 * all of them with its 90% interval; both foretell what lies within the same horizon.
 */
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { DeviceMemory, Interval, TelemetryEvent } from '../../src/contract/index.ts';
import { pressureOf } from '../../src/reduce/index.ts';
import { median, play, scenarios, scenariosOf, share } from './play.ts';

/** Shares of the way to out of memory at which the forecast is asked for. */
const ASKED = [0.3, 0.45, 0.6, 0.75, 0.9];
/** Updates between two questions to a steady run. */
const EVERY = 20;
/** As far as a peer looks, in updates seen so far: Esper's own horizon. */
const HORIZON = 10;
const WARMUP = 5;

type Forecaster = (analyser: RunAnalyser, memory: readonly DeviceMemory[]) => Interval | null;

const headrooms = (memory: readonly DeviceMemory[]) =>
  memory.map(pressureOf).map(({ headroomAtBestBytes }) => headroomAtBestBytes!);

const within = (updates: number, seen: number) => updates > 0 && updates < HORIZON * seen;

function lastTwo(_: RunAnalyser, memory: readonly DeviceMemory[]): Interval | null {
  const [before, last] = headrooms(memory).slice(-2);
  if (memory.length < 2) return null;
  const mid = last! / (before! - last!);
  return within(mid, memory.length) ? { low: mid, mid, high: mid } : null;
}

function leastSquares(_: RunAnalyser, memory: readonly DeviceMemory[]): Interval | null {
  const y = headrooms(memory).slice(WARMUP);
  const n = y.length;
  if (n < 8) return null;
  const xm = (n - 1) / 2;
  const ym = y.reduce((sum, v) => sum + v, 0) / n;
  const sxx = (n * (n * n - 1)) / 12;
  const slope = y.reduce((sum, v, x) => sum + (x - xm) * (v - ym), 0) / sxx;
  const errors = y.reduce((sum, v, x) => sum + (v - ym - slope * (x - xm)) ** 2, 0);
  const error = Math.sqrt(errors / (n - 2) / sxx);
  const left = ym + slope * xm;
  const until = (by: number) => (by < 0 ? left / -by : HORIZON * n);
  if (slope + 1.645 * error >= 0 || !within(until(slope), n)) return null;
  return { low: until(slope - 1.645 * error), mid: until(slope), high: until(slope + 1.645 * error) };
}

function esper(analyser: RunAnalyser): Interval | null {
  const forecast = analyser.report().devices[0]?.forecast;
  return forecast?.status === 'ahead' ? forecast.updates : null;
}

const contenders: { name: string; forecast: Forecaster }[] = [
  { name: 'Esper', forecast: esper },
  { name: 'least squares, all points', forecast: leastSquares },
  { name: 'last two points', forecast: lastTwo },
];

const memoryOf = (event: TelemetryEvent): DeviceMemory | null =>
  event.type === 'PPO_UPDATE_COMPLETED' ? (event.data.memory?.[0] ?? null) : null;

/** Asks every contender after each of these updates. */
function* asked(
  events: readonly TelemetryEvent[],
  after: ReadonlySet<number>,
): Generator<{ update: number; made: (Interval | null)[] }> {
  const analyser = new RunAnalyser();
  const memory: DeviceMemory[] = [];
  for (const event of events) {
    analyser.take(event);
    const reading = memoryOf(event);
    if (reading === null) continue;
    memory.push(reading);
    if (!after.has(memory.length)) continue;
    yield { update: memory.length, made: contenders.map(({ forecast }) => forecast(analyser, memory)) };
  }
}

interface Score {
  made: number;
  covered: number;
  errors: number[];
  runs: number;
  leads: number[];
  falseRuns: Map<string, number>;
  falseMade: number;
}

export function forecasts(variants: number, firstSeed: number, steadyVariants: number): void {
  const scores = contenders.map(
    (): Score => ({
      made: 0,
      covered: 0,
      errors: [],
      runs: 0,
      leads: [],
      falseRuns: new Map(),
      falseMade: 0,
    }),
  );
  let ended = 0;
  let points = 0;
  for (const scenario of scenariosOf('leak', 'growth'))
    for (let seed = firstSeed; seed < firstSeed + variants; seed++) {
      const { events, truth } = play(scenario, seed);
      if (truth.outOfMemoryAt === null) continue;
      ended++;
      const after = new Set(ASKED.map(share => Math.round(share * truth.outOfMemoryAt!)));
      const first = contenders.map(() => null as number | null);
      for (const { update, made } of asked(events, after)) {
        points++;
        const left = truth.outOfMemoryAt - update;
        for (const [i, interval] of made.entries()) {
          if (interval === null) continue;
          const score = scores[i]!;
          score.made++;
          first[i] ??= left;
          if (interval.low <= left && left <= interval.high) score.covered++;
          score.errors.push(Math.abs(interval.mid - left) / left);
        }
      }
      for (const [i, lead] of first.entries()) {
        if (lead === null) continue;
        scores[i]!.runs++;
        scores[i]!.leads.push(lead);
      }
    }

  const steady = scenarios.filter(({ kind }) => kind === 'steady');
  let questions = 0;
  for (const scenario of steady)
    for (let seed = firstSeed; seed < firstSeed + steadyVariants; seed++) {
      const { events } = play(scenario, seed);
      const after = new Set(
        Array.from({ length: Math.ceil(events.length / EVERY) }, (_, i) => (i + 1) * EVERY),
      );
      const isFalse = contenders.map(() => false);
      for (const { made } of asked(events, after)) {
        questions++;
        for (const [i, interval] of made.entries()) {
          if (interval === null) continue;
          scores[i]!.falseMade++;
          isFalse[i] = true;
        }
      }
      for (const [i, is] of isFalse.entries())
        if (is) scores[i]!.falseRuns.set(scenario.name, (scores[i]!.falseRuns.get(scenario.name) ?? 0) + 1);
    }

  console.log(
    `\nForecast: ${ended} runs that leak or grow until out of memory, asked at ${points} points; ` +
      `${steadyVariants} runs of each steady scenario, asked ${questions} times; seeds from ${firstSeed}`,
  );
  for (const [i, { name }] of contenders.entries()) {
    const { made, covered, errors, runs, leads, falseRuns, falseMade } = scores[i]!;
    console.log(
      `${name.padEnd(27)} runs forecast ${share(runs, ended)}  points ${share(made, points)}  ` +
        `first made ${median(leads)} updates before (median)  90% interval holds ${share(covered, made)}  ` +
        `median error ${(100 * median(errors)).toFixed(0)}%`,
    );
    console.log(
      `${''.padEnd(27)} false forecasts: in ${[...steady].map(({ name: s }) => `${s} ${falseRuns.get(s) ?? 0}`).join(', ')} runs of ${steadyVariants} each; ${share(falseMade, questions)} of the answers`,
    );
  }
}
