/**
 * The reports that the golden texts are made of, kept as JSON so that they do not move with the analysis:
 *   npx tsx test/report/write-inputs.ts, then npx vitest run test/report -u, and look at what changed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { RunReport, TelemetryEvent } from '../../src/contract/index.ts';
import { eventsOf, played, reportOf } from './runs.ts';

export const INPUTS = 'test/golden/report';

/** A run that failed and was taken up again: updates of the first log, then those of the second from batch `from` on. */
function resumed(first: readonly TelemetryEvent[], second: readonly TelemetryEvent[]): TelemetryEvent[] {
  const last = first.at(-1)!;
  return [
    ...first,
    ...second.map(event => ({
      ...event,
      seq: last.seq + 1 + event.seq,
      timeMs: event.timeMs + (last.timeMs - second[0]!.timeMs) + 60_000,
    })),
  ];
}

/** Two ranks, of which the second is short of memory. */
const ranks = (): TelemetryEvent[] => [
  ...played('steady', 1).slice(0, 60),
  ...played('at-the-wall-slow', 2)
    .slice(0, 60)
    .map(event => ({ ...event, rank: 1 })),
];

const inputs: Record<string, () => RunReport> = {
  leak: () => reportOf(played('fast-leak', 2)),
  'at-the-wall': () => reportOf(played('at-the-wall-slow', 2).slice(0, 90)),
  spike: () =>
    reportOf(
      played('spike', 4)
        .slice(-90)
        .map((event, seq) => ({ ...event, seq })),
    ),
  unmeasured: () => reportOf(played('unmeasured', 1).slice(0, 40)),
  'two-ranks': () => reportOf(ranks()),
  resumed: () => reportOf(resumed(played('fast-leak', 2), played('steady', 1).slice(0, 40))),
  'one-update': () => reportOf(played('steady', 1).slice(0, 2)),
  empty: () => reportOf(eventsOf([])),
};

if (process.argv[1]?.endsWith('write-inputs.ts')) {
  mkdirSync(INPUTS, { recursive: true });
  for (const [name, make] of Object.entries(inputs))
    writeFileSync(`${INPUTS}/${name}.report.json`, `${JSON.stringify(make())}\n`);
}
