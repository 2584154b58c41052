/**
 * The verdict where a log holds less than the client records, as many loggers' do, or the device is another: its accuracy on the
 * same runs, held against that on all figures.
 */
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { DeviceMemory, TelemetryEvent } from '../../src/contract/index.ts';
import { play, ratio, scenarios } from './play.ts';

type Change = (event: TelemetryEvent, at: number) => TelemetryEvent | null;

const without =
  (...fields: (keyof DeviceMemory)[]): Change =>
  event => {
    if (event.type !== 'PPO_UPDATE_COMPLETED') return event;
    const gone = Object.fromEntries(fields.map(field => [field, null]));
    return {
      ...event,
      data: { ...event.data, memory: event.data.memory?.map(m => ({ ...m, ...gone })) ?? [] },
    };
  };

const GIB = 2 ** 30;

const cases: { name: string; change?: Change; totalBytes?: number }[] = [
  { name: 'all figures' },
  { name: 'a device of 80 GiB', totalBytes: 80 * GIB },
  { name: 'a device of 2 GiB', totalBytes: 2 * GIB },
  {
    name: 'every third update only',
    change: (event, at) => (event.type === 'PPO_UPDATE_COMPLETED' && at % 3 > 0 ? null : event),
  },
  { name: 'killed without a last word', change: event => (event.type === 'TRAINING_FAILED' ? null : event) },
  {
    name: 'a last word without figures',
    change: event =>
      event.type === 'TRAINING_FAILED' ? { ...event, data: { ...event.data, outOfMemory: null } } : event,
  },
  { name: 'no stranded pieces', change: without('inactiveSplitBytes') },
  {
    name: 'no counters',
    change: without('allocRetries', 'ooms', 'deviceAllocs', 'deviceFrees', 'syncAllStreams'),
  },
  {
    name: 'no durations, no work',
    change: event =>
      event.type === 'PPO_UPDATE_COMPLETED'
        ? { ...event, data: { ...event.data, timing: {}, rollout: {} } }
        : event,
  },
  { name: 'no peaks', change: without('peakActiveBytes', 'peakAllocatedBytes') },
  { name: 'peaks only', change: without('allocatedBytes', 'activeBytes', 'requestedBytes') },
  { name: 'nothing of the device', change: without('deviceFreeBytes', 'deviceTotalBytes') },
];

export function fewerFigures(variants: number, firstSeed: number): void {
  console.log(`\nVerdict with fewer figures: ${variants} runs of each scenario, seeds from ${firstSeed}`);
  let all = 0;
  for (const { name, change, totalBytes } of cases) {
    let right = 0;
    const taken = new Map<string, number>();
    for (const scenario of scenarios)
      for (let seed = firstSeed; seed < firstSeed + variants; seed++) {
        const analyser = new RunAnalyser();
        for (const [at, event] of play(scenario, seed, { totalBytes }).events.entries()) {
          const left = change === undefined ? event : change(event, at);
          if (left !== null) analyser.take(left);
        }
        const { kind } = analyser.report().verdict;
        if (kind === scenario.kind) right++;
        else {
          const mistake = `${scenario.name} → ${kind}`;
          taken.set(mistake, (taken.get(mistake) ?? 0) + 1);
        }
      }
    all ||= right;
    const accuracy = (right / variants / scenarios.length).toFixed(3);
    const most = [...taken].sort((a, b) => b[1] - a[1]).slice(0, 4);
    console.log(
      `${name.padEnd(28)} ${accuracy}  ${ratio(right, all)}  ${most.map(([mistake, n]) => `${mistake} ${n}`).join(', ')}`,
    );
  }
}
