/**
 * Three runs under way whose metrics are all that there are: one that nears its end for lack of memory, a healthy one, and one of 64 ranks.
 * Simulated, but for what the drivers and the trainer add.
 */
import type { PPOUpdatePayload, TelemetryEvent } from '../../src/contract/index.ts';
import { writeRun } from '../log-files.ts';
import { playedFleet } from '../ranks/fleet.ts';
import { played } from '../report/runs.ts';
import { hold } from './fixture.ts';

export const [FAILING, HEALTHY, MANY] = [
  '20260101-000000-failing-aaaa',
  '20260101-000001-healthy-bbbb',
  'cluster-a/20260101-000002-many-cccc',
];

/** A figure of the failing run's own. */
export const ACCURACY = 0.123456789012345;

const isGoing = ({ type }: TelemetryEvent): boolean => !/^TRAINING_(COMPLETED|FAILED)$/.test(type);

/** The events, whose device has a UUID, and after them what a driver, a host and a trainer of its own figures record. */
function withSamples(played: readonly TelemetryEvent[]): TelemetryEvent[] {
  const events = played.map(event =>
    event.type === 'PPO_UPDATE_COMPLETED'
      ? {
          ...event,
          data: { ...event.data, memory: event.data.memory?.map(of => ({ ...of, uuid: 'GPU-0' })) },
        }
      : event,
  );
  const { seq, ...last } = events.at(-1)!;
  const device = {
    index: 0,
    uuid: 'GPU-0',
    pciBusId: '0000:01:00.0',
    name: 'a card',
    usedBytes: 7_654_321_098,
    totalBytes: 8_589_934_592,
    utilizationPercent: 87,
    temperatureCelsius: 61,
    powerWatts: 289.75,
  };
  const more = [
    { type: 'DEVICE_SAMPLED', data: { devices: [device] } },
    {
      type: 'HOST_SAMPLED',
      data: {
        ramUsedBytes: 12_345_678_901,
        ramTotalBytes: 64_424_509_440,
        cpuPercent: 12.5,
        processRssBytes: 1,
      },
    },
    { type: 'FIGURES_LOGGED', data: { figures: { accuracy: ACCURACY } } },
  ];
  return [...events, ...more.map((event, i) => ({ ...last, ...event, seq: seq + 1 + i }) as TelemetryEvent)];
}

/** Writes them into a folder of runs; this process keeps them under way. @returns the newest memory of the failing one's device */
export function writeMetricRuns(runs: string) {
  const failing = played('fast-leak', 1).filter(isGoing);
  hold(writeRun(runs, FAILING, withSamples(failing)));
  hold(writeRun(runs, HEALTHY, played('steady', 1).filter(isGoing).slice(0, 60)));
  const { events } = playedFleet('fleet', { seed: 1, ranks: 64, updates: 40 });
  hold(writeRun(runs, MANY, events.filter(isGoing)));
  const newest = failing.findLast(event => event.type === 'PPO_UPDATE_COMPLETED')!;
  return (newest.data as PPOUpdatePayload).memory![0]!;
}
