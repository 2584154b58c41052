/**
 * How right `esper check` is: pairs of runs of one job with other noise and 8% more or less reserved, without and with a peak
 * that grew by 3%; beside it the same bound on what is reserved, and on the highest allocated peak alone. Simulated runs; seeds are
 * others than those that its tolerances were set with.
 *   npx tsx bench/check.ts [pairs]
 */
import { checkRun, GateReader, usualTolerances } from '../src/analysis/index.ts';
import type { RunCheck, RunFigures, TelemetryEvent } from '../src/contract/index.ts';
import { eventsOfVariant, reservedOtherwise, type Variant } from '../test/report/variants.ts';

const pairs = Number(process.argv[2] ?? 100);
const FIRST_SEED = Number(process.argv[3] ?? 50_000);
const GROWTH = 0.03;
const NOISE = 0.08;

/** As a figure file holds them: through JSON. */
function figuresOf(events: readonly TelemetryEvent[]): RunFigures {
  const reader = new GateReader();
  for (const event of events) reader.take(event);
  return JSON.parse(JSON.stringify(reader.figures()));
}

const jobs: [string, Partial<Variant>][] = [
  ['equal work, equal order', { spread: 0 }],
  ['lengths scatter', {}],
  ['lengths wander (0.9)', { wander: 0.08, inertia: 0.9 }],
  ['lengths wander (0.97)', { wander: 0.05, inertia: 0.97 }],
  ['80 updates', { updates: 80 }],
  ['24 updates', { updates: 24 }],
  ['peaks of the whole run', { peaksOfRun: true }],
];

const beyond = (check: RunCheck, figure: 'highestPeakBytes' | 'highestReservedBytes') =>
  check.figures.find(found => found.figure === figure)!.change!.mid > usualTolerances.peak!;

console.log(
  `${pairs} pairs each, simulated: checks that are right, of those without and with ${100 * GROWTH}% of growth\n`,
);
console.log(`${''.padEnd(26)}      esper check       reserved alone    highest peak alone`);
const sum = { pairs: 0, esper: [0, 0], reserved: [0, 0], highest: [0, 0] };
for (const [name, over] of jobs) {
  const right = { esper: [0, 0], reserved: [0, 0], highest: [0, 0] };
  for (let i = 0; i < pairs; i++) {
    const job = FIRST_SEED + i;
    const noise = (of: number) => (i % 2 === of ? 1 + NOISE : 1);
    const plain = eventsOfVariant({ job, noise: 2 * job, ...over });
    const baseline = figuresOf(reservedOtherwise(plain, noise(0)));
    const holds = Math.round(GROWTH * (baseline.usualPeakBytes ?? baseline.highestPeakBytes)!.value);
    for (const grown of [0, 1]) {
      const other = eventsOfVariant({ job, noise: 2 * job + 1, ...over, holds: grown * holds });
      const check = checkRun(baseline, figuresOf(reservedOtherwise(other, noise(1))));
      if (check.passed !== (grown === 1)) right.esper[grown]!++;
      else if (process.env.WHY) console.log(check.reasons, check.figures);
      if (beyond(check, 'highestReservedBytes') === (grown === 1)) right.reserved[grown]!++;
      if (beyond(check, 'highestPeakBytes') === (grown === 1)) right.highest[grown]!++;
    }
  }
  const cells = Object.values(right).map(([without, with3]) =>
    `${((100 * without!) / pairs).toFixed(1)}% ${((100 * with3!) / pairs).toFixed(1)}%`.padStart(18),
  );
  console.log(`${name.padEnd(26)}${cells.join('')}`);
  for (const key of ['esper', 'reserved', 'highest'] as const)
    for (const grown of [0, 1]) sum[key][grown]! += right[key][grown]!;
  sum.pairs += 2 * pairs;
}
const percent = ([a, b]: number[]) => `${((100 * (a! + b!)) / sum.pairs).toFixed(2)}%`;
console.log(
  `\nright in all: esper check ${percent(sum.esper)}, reserved alone ${percent(sum.reserved)}, highest peak alone ${percent(sum.highest)}`,
);
