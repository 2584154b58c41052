/**
 * Lost time where every flush of the allocator costs a known share of its update. Peer on the same runs: all updates in which
 * memory was refused against the mean of all others, without regard to work or neighbours, with its 95% normal interval.
 * Both once more where the speed of the whole run changes on its way, as of a device that gets hot or a host that gets busy.
 */
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { median, type Played, play, scenarios } from './play.ts';

const SLOWDOWNS = [0, 0.05, 0.1, 0.3];
/** Updates in which a swaying speed goes down and comes back. */
const PERIOD = 200;

interface Estimate {
  isEvidence: boolean;
  low: number;
  high: number;
}

function esper(events: readonly TelemetryEvent[]): Estimate | null {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  const attribution = analyser.report().devices[0]?.attribution;
  if (attribution?.lostFraction == null) return null;
  return { isEvidence: attribution.status === 'evidence', ...attribution.lostFraction };
}

function means(events: readonly TelemetryEvent[]): Estimate | null {
  const busy: number[] = [];
  const quiet: number[] = [];
  let retries = 0;
  for (const event of events) {
    if (event.type !== 'PPO_UPDATE_COMPLETED') continue;
    const { timing, memory } = event.data;
    const now = memory?.[0]?.allocRetries ?? 0;
    (now > retries ? busy : quiet).push(timing!.rolloutMs! + timing!.updateMs!);
    retries = now;
  }
  if (busy.length < 2 || quiet.length < 2) return null;
  const mean = (v: number[]) => v.reduce((sum, x) => sum + x, 0) / v.length;
  const error = (v: number[]) =>
    v.reduce((sum, x) => sum + (x - mean(v)) ** 2, 0) / (v.length - 1) / v.length;
  const total = mean(busy) * busy.length + mean(quiet) * quiet.length;
  const lost = (mean(busy) - mean(quiet)) * busy.length;
  const reach = 1.96 * busy.length * Math.sqrt(error(busy) + error(quiet));
  return { isEvidence: lost - reach > 0, low: (lost - reach) / total, high: (lost + reach) / total };
}

/** The run on a device that slows down to a third of its speed and back, and the share of its time that flushes then took. */
function swaying({ events }: Played, slowdown: number): { events: TelemetryEvent[]; lostFraction: number } {
  let [updates, retries, lostMs, totalMs] = [0, 0, 0, 0];
  const slower = events.map((event): TelemetryEvent => {
    if (event.type !== 'PPO_UPDATE_COMPLETED') return event;
    const factor = 2 - Math.cos((2 * Math.PI * updates++) / PERIOD);
    const { rolloutMs, updateMs } = event.data.timing!;
    const timing = { rolloutMs: rolloutMs! * factor, updateMs: updateMs! * factor };
    const tookMs = timing.rolloutMs + timing.updateMs;
    const now = event.data.memory![0]!.allocRetries!;
    if (now > retries) lostMs += (tookMs * slowdown) / (1 + slowdown);
    retries = now;
    totalMs += tookMs;
    return { ...event, data: { ...event.data, timing } };
  });
  return { events: slower, lostFraction: lostMs / totalMs };
}

const contenders = [
  { name: 'Esper', estimate: esper },
  { name: 'means of refused and others', estimate: means },
];

export function attributions(variants: number, firstSeed: number): void {
  const scenario = scenarios.find(({ name }) => name === 'at-the-wall-slow')!;
  const seeds = Array.from({ length: variants }, (_, i) => firstSeed + i);
  console.log(
    `\nLost time: ${variants} runs of ${scenario.name} at each slowdown of a flush, seeds from ${firstSeed}`,
  );
  for (const isSwaying of [false, true]) {
    console.log(isSwaying ? 'speed that sways between all and a third:' : 'speed that stays:');
    for (const slowdown of SLOWDOWNS) {
      const runs = seeds.map(seed => {
        const played = play(scenario, seed, { slowdown });
        const { lostMs, totalMs } = played.truth;
        return isSwaying
          ? swaying(played, slowdown)
          : { events: played.events, lostFraction: lostMs / totalMs };
      });
      for (const { name, estimate } of contenders) {
        const found = runs.flatMap(({ events, lostFraction }) => {
          const answer = estimate(events);
          return answer === null ? [] : [{ ...answer, lostFraction }];
        });
        const covered = found.filter(f => f.low <= f.lostFraction && f.lostFraction <= f.high).length;
        const evidence = found.filter(f => f.isEvidence).length;
        const width = median(found.map(f => f.high - f.low));
        console.log(
          `${`${100 * slowdown}%`.padStart(4)}  ${name.padEnd(28)} interval holds ${covered} of ${found.length}, ` +
            `${(100 * width).toFixed(2)} points of all time wide (median)  evidence in ${evidence} of ${variants}, none in ${variants - evidence}`,
        );
      }
    }
  }
}
