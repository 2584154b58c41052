/**
 * Lost time where every flush of the allocator costs a known share of its update. Peer on the same runs: all updates in which
 * memory was refused against the mean of all others, without regard to work or neighbours, with its 95% normal interval.
 */
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { median, play, scenarios, share } from './play.ts';

const SLOWDOWNS = [0, 0.05, 0.1, 0.3];

interface Told {
  isEvidence: boolean;
  low: number;
  high: number;
}

function esper(events: readonly TelemetryEvent[]): Told | null {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  const attribution = analyser.report().devices[0]?.attribution;
  if (attribution?.lostFraction == null) return null;
  return { isEvidence: attribution.status === 'evidence', ...attribution.lostFraction };
}

function means(events: readonly TelemetryEvent[]): Told | null {
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

const contenders = [
  { name: 'Esper', told: esper },
  { name: 'means of refused and others', told: means },
];

export function attributions(variants: number, firstSeed: number): void {
  const scenario = scenarios.find(({ name }) => name === 'at-the-wall-slow')!;
  console.log(
    `\nLost time: ${variants} runs of ${scenario.name} at each slowdown of a flush, seeds from ${firstSeed}`,
  );
  for (const slowdown of SLOWDOWNS) {
    const runs = Array.from({ length: variants }, (_, i) => play(scenario, firstSeed + i, slowdown));
    const flushed = runs.filter(({ truth }) => truth.updatesAtTheWall > 0);
    for (const { name, told } of contenders) {
      let covered = 0;
      let evidence = 0;
      let without = 0;
      const widths: number[] = [];
      for (const { events, truth } of runs) {
        const found = told(events);
        const isTrue = truth.lostMs / truth.totalMs;
        if (found === null) {
          without++;
          continue;
        }
        if (found.isEvidence) evidence++;
        if (found.low <= isTrue && isTrue <= found.high) covered++;
        widths.push(found.high - found.low);
      }
      console.log(
        `${`${100 * slowdown}%`.padStart(4)}  ${name.padEnd(28)} interval holds ${share(covered, variants - without)} of ${variants - without}` +
          `  median width ${(100 * median(widths)).toFixed(2)} points of all time  says evidence ${share(evidence, variants)}, no evidence ${share(variants - evidence, variants)}` +
          `  (${flushed.length} runs with a flush)`,
      );
    }
  }
}
