/**
 * What `esper compare` finds where nothing changed and where one thing did, beside Welch's t-test on the same updates as if
 * each with something changed. Simulated jobs; seeds are others than those that its thresholds were set with.
 *   npx tsx bench/compare.ts [pairs]
 *   npx tsx bench/compare.ts [pairs] layout    the thresholds: what layout alone changes, on the seeds that they are set with
 */
import { compareRuns } from '../src/analysis/index.ts';
import { comparedFigures } from '../src/contract/index.ts';
import { comparand, type Variant } from '../test/report/variants.ts';

const pairs = Number(process.argv[2] ?? 100);
const FIRST_SEED = 10_000;
const isLayout = process.argv[3] === 'layout';
/** Normal quantile of 99%: Student's t with as many degrees of freedom. */
const NINETY_NINE = 2.576;
const NEWEST = 0.8;

type Compared = ReturnType<typeof comparand>;
type Figure = (typeof comparedFigures)[number];

/** The figure's updates, as the comparison takes them; empty where it is made in another way. */
function updatesOf({ run }: Compared, figure: Figure): number[] {
  const device = [...(run.lead?.devices.values() ?? [])][0]?.blocks;
  const known = (values: (number | null)[]) => values.filter(value => value !== null);
  switch (figure) {
    case 'growthBytes':
    case 'lostFraction':
      return [];
    case 'tookMs':
    case 'stepsPerSecond':
      return known(run.lead!.blocks.means(figure, 1));
    case 'episodicReturn':
    case 'loss': {
      const values = known(run.lead!.blocks.means(figure, 1));
      return values.slice(Math.floor(NEWEST * values.length));
    }
    default:
      return known(device?.means(figure, 1) ?? []);
  }
}

/** Whether Welch's t-test at 99% finds that the means differ. */
function welch(a: number[], b: number[]): boolean {
  const moments = (values: number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, error: variance / values.length };
  };
  const [one, other] = [moments(a), moments(b)];
  const error = Math.sqrt(one.error + other.error);
  const difference = Math.abs(one.mean - other.mean);
  return error === 0 ? difference > 0 : difference / error > NINETY_NINE;
}

interface Tally {
  decided: number;
  changed: number;
  welchDecided: number;
  welch: number;
}

/** Over so many jobs: how often each figure is decided, and how often as changed. */
function tally(over: Partial<Variant>, change: Partial<Variant>): Map<Figure, Tally> {
  const tallies = new Map(
    comparedFigures.map(figure => [figure, { decided: 0, changed: 0, welchDecided: 0, welch: 0 }]),
  );
  for (let i = 0; i < pairs; i++) {
    const job = FIRST_SEED + i;
    const a = comparand({ job, noise: 2 * job, ...over });
    const b = comparand({ job, noise: 2 * job + 1, ...over, ...change });
    for (const { figure, status } of compareRuns(a, b).figures) {
      const own = tallies.get(figure)!;
      if (status === 'changed' || status === 'no evidence') own.decided++;
      if (status === 'changed') own.changed++;
      const [one, other] = [updatesOf(a, figure), updatesOf(b, figure)];
      if (one.length < 2 || other.length < 2) continue;
      own.welchDecided++;
      if (welch(one, other)) own.welch++;
    }
  }
  return tallies;
}

const percent = (part: number, whole: number) =>
  (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)}%`).padStart(7);

const jobs: [string, Partial<Variant>][] = [
  ['scatter alone', {}],
  ['lengths that wander (0.9)', { wander: 0.08, inertia: 0.9 }],
  ['lengths that wander (0.97)', { wander: 0.05, inertia: 0.97 }],
  ['80 updates', { updates: 80 }],
  ['peaks of the whole run', { peaksOfRun: true }],
];

/** Of pairs of equal runs: what half, 95 and 99 of 100 changes of each figure stay below. */
function layout(): void {
  const changes = new Map<Figure, number[]>();
  for (const [, over] of jobs)
    for (let job = 1; job <= pairs; job++) {
      const [a, b] = [0, 1].map(i => comparand({ job, noise: 2 * job + i, ...over })) as [Compared, Compared];
      const total = a.report.devices[0]!.totalBytes!;
      for (const { figure, change, unit } of compareRuns(a, b).figures) {
        if (change === null || (unit !== 'fraction' && unit !== 'bytes')) continue;
        const share = Math.abs(change.mid) / (unit === 'fraction' ? 1 : total);
        changes.set(figure, [...(changes.get(figure) ?? []), share]);
      }
    }
  console.log(`Nothing changed but the noise: changes, as shares of the device or of 1\n`);
  console.log(`${''.padEnd(28)}  pairs      50%      95%      99%`);
  for (const [figure, all] of changes) {
    all.sort((one, other) => one - other);
    const at = (share: number) =>
      all[Math.min(all.length - 1, Math.floor(share * all.length))]!.toFixed(4).padStart(9);
    console.log(`${figure.padEnd(28)} ${String(all.length).padStart(6)}${at(0.5)}${at(0.95)}${at(0.99)}`);
  }
}

/** How often each figure is found changed where nothing was, and where one thing was. */
function found(): void {
  console.log(`Nothing changed but the noise, ${pairs} pairs of runs each: figures reported as changed\n`);
  console.log(`${''.padEnd(28)}   esper  Welch's t`);
  const all = { decided: 0, changed: 0, welchDecided: 0, welch: 0 };
  const byFigure = new Map<Figure, Tally>();
  for (const [name, over] of jobs) {
    const sum = { decided: 0, changed: 0, welchDecided: 0, welch: 0 };
    for (const [figure, own] of tally(over, {})) {
      const figureSum = byFigure.get(figure) ?? { decided: 0, changed: 0, welchDecided: 0, welch: 0 };
      for (const key of ['decided', 'changed', 'welchDecided', 'welch'] as const) {
        sum[key] += own[key];
        all[key] += own[key];
        figureSum[key] += own[key];
      }
      byFigure.set(figure, figureSum);
    }
    console.log(
      `${name.padEnd(28)} ${percent(sum.changed, sum.decided)}   ${percent(sum.welch, sum.welchDecided)}`,
    );
  }
  console.log(
    `${'all'.padEnd(28)} ${percent(all.changed, all.decided)}   ${percent(all.welch, all.welchDecided)}`,
  );
  const worst = [...byFigure].sort(([, a], [, b]) => b.changed / b.decided - a.changed / a.decided)[0]!;
  console.log(`the worst figure: ${worst[0]}${percent(worst[1].changed, worst[1].decided)}`);

  const changes: [string, Partial<Variant>, Figure][] = [
    ['2% slower', { slower: 1.02 }, 'tookMs'],
    ['5% slower', { slower: 1.05 }, 'tookMs'],
    ['10% slower', { slower: 1.1 }, 'tookMs'],
    ['batch × 1.1', { batch: 1.1 }, 'peakBytes'],
    ['batch × 1.3', { batch: 1.3 }, 'peakBytes'],
    ['1 MiB kept by each update', { leaks: 2 ** 20 }, 'growthBytes'],
    ['4 MiB kept by each update', { leaks: 2 ** 22 }, 'growthBytes'],
  ];
  console.log(`\nOne thing changed, ${pairs} pairs each: how often it is found\n`);
  for (const [name, change, figure] of changes) {
    const own = tally({}, change).get(figure)!;
    console.log(`${name.padEnd(28)} ${percent(own.changed, pairs)}   ${figure}`);
  }
}

if (isLayout) layout();
else found();
