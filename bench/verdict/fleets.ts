/**
 * Findings across ranks, on simulated fleets whose truth is known: whether the right finding names the right rank, and how often
 * something is found where nothing is wrong. Peer on the same runs: what a person sees who draws the ranks' newest values and takes the
 * one furthest from their mean, by more than three standard deviations.
 */
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { RankFindingKind, RunReport, TelemetryEvent } from '../../src/contract/index.ts';
import {
  type FleetKind,
  type FleetScenario,
  type FleetTruth,
  fleetScenarios,
  playFleet,
} from '../../src/workloads/simulate/index.ts';
import { median, ratio, share } from './play.ts';

const BEGAN_MS = 1_700_000_000_000;
const UPDATES = 200;

interface Seen {
  /** Newest durations and peaks by rank. */
  took: Map<number, number>;
  peak: Map<number, number>;
}

function judged(scenario: FleetScenario, options: { seed: number; ranks: number; updates?: number }) {
  const steps = playFleet(scenario, options);
  const analyser = new RunAnalyser();
  const seqs = new Map<number, number>();
  const seen: Seen = { took: new Map(), peak: new Map() };
  for (;;) {
    const step = steps.next();
    if (step.done) {
      const began = performance.now();
      const report = analyser.report();
      const acrossBegan = performance.now();
      analyser.acrossRanks();
      const acrossMs = performance.now() - acrossBegan;
      return { truths: step.value, report, seen, reportMs: acrossBegan - began, acrossMs };
    }
    const { rank, type, data, atMs } = step.value;
    const seq = seqs.get(rank) ?? 0;
    seqs.set(rank, seq + 1);
    if (type === 'PPO_UPDATE_COMPLETED') {
      seen.took.set(rank, (data.timing?.updateMs ?? 0) as number);
      seen.peak.set(rank, data.memory?.[0]?.peakActiveBytes ?? 0);
    }
    analyser.take({
      v: '1.0',
      seq,
      timeMs: BEGAN_MS + atMs,
      run: 'bench',
      rank,
      type,
      data,
    } as TelemetryEvent);
  }
}

const findingOf: Record<Exclude<FleetKind, 'leak' | 'creep'>, RankFindingKind> = {
  slow: 'slow rank',
  silent: 'silent rank',
  skew: 'memory skew',
  'first failure': 'first failure',
  contexts: 'shared device',
  stages: 'uneven stages',
};

/** Whether the report has the finding, of the right rank. */
function isFound({ kind, ranks: [rank] }: FleetTruth, { verdict, acrossRanks = [] }: RunReport): boolean {
  if (kind === 'leak') return verdict.kind === 'leak' && verdict.rank === rank;
  if (kind === 'creep')
    return acrossRanks.some(finding => finding.kind === 'lone growth' && finding.rank === rank);
  return acrossRanks.some(
    finding => finding.kind === findingOf[kind] && (rank === undefined || finding.rank === rank),
  );
}

/** What is found beside the truth: by the verdict, or across ranks. */
function falselyFound(truths: readonly FleetTruth[], { verdict, acrossRanks = [] }: RunReport): string[] {
  const kinds = new Set<string>(
    truths.map(({ kind }) => (kind === 'leak' || kind === 'creep' ? 'lone growth' : findingOf[kind])),
  );
  const grows = truths.some(({ kind }) => kind === 'leak' || kind === 'creep');
  const isFalse = !['steady', 'unmeasured'].includes(verdict.kind) && !grows;
  return [
    ...(isFalse ? [`verdict ${verdict.kind}`] : []),
    ...acrossRanks.map(({ kind }) => kind).filter(kind => !kinds.has(kind)),
  ];
}

/** The rank furthest from the mean, where it is more than three standard deviations. */
function outlier(values: ReadonlyMap<number, number>): number | null {
  const all = [...values.values()];
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
  const far = [...values].filter(([, value]) => Math.abs(value - mean) > 3 * deviation);
  far.sort(([, a], [, b]) => Math.abs(b - mean) - Math.abs(a - mean));
  return far[0]?.[0] ?? null;
}

function healthyFleets(healthy: number, firstSeed: number): void {
  const steady = fleetScenarios.find(({ name }) => name === 'fleet-steady')!;
  const falsely: string[] = [];
  let peer = 0;
  const across: number[] = [];
  const reports: number[] = [];
  for (let seed = firstSeed; seed < firstSeed + healthy; seed++) {
    const { report, seen, acrossMs, reportMs } = judged(steady, { seed, ranks: 64, updates: UPDATES });
    const found = falselyFound([], report);
    if (found.length > 0) falsely.push(`${seed}: ${found.join(', ')}`);
    if (outlier(seen.took) !== null || outlier(seen.peak) !== null) peer++;
    across.push(acrossMs);
    reports.push(reportMs);
  }
  console.log(
    `healthy runs of 64 ranks with a false finding: ${falsely.length} of ${healthy}; three standard deviations: ${peer}, ${ratio(falsely.length, peer)}`,
  );
  for (const text of falsely) console.log(`  ${text}`);
  console.log(
    `a whole report of 64 ranks ${median(reports).toFixed(0)} ms, of them the ranks beside each other ${median(across).toFixed(1)} ms`,
  );
}

export function fleets(
  variants: number,
  firstSeed: number,
  healthy: number,
  sizes: readonly number[] = [8, 64, 512],
): void {
  healthyFleets(healthy, firstSeed);
  console.log(
    `\nRanks: ${variants} variants of each fault at each size, seeds from ${firstSeed}, ${UPDATES} updates`,
  );
  const all = { runs: 0, right: 0, peer: 0, peerRuns: 0, extra: 0 };
  for (const scenario of fleetScenarios.filter(({ name }) => name !== 'fleet-steady' && name !== 'fleet')) {
    const cells: string[] = [];
    for (const ranks of sizes) {
      // A play of 512 ranks takes a minute and a half.
      const plays = ranks === 512 ? Math.max(1, Math.round(variants / 10)) : variants;
      let right = 0;
      const wrong: string[] = [];
      for (let seed = firstSeed; seed < firstSeed + plays; seed++) {
        const { truths, report, seen } = judged(scenario, { seed, ranks, updates: UPDATES });
        const isRight = truths.every(truth => isFound(truth, report));
        if (isRight) right++;
        const extra = falselyFound(truths, report);
        wrong.push(...extra);
        all.runs++;
        if (isRight) all.right++;
        if (extra.length > 0) all.extra++;
        const [truth] = truths;
        if (truth?.kind !== 'slow' && truth?.kind !== 'skew' && truth?.kind !== 'leak') continue;
        all.peerRuns++;
        if (outlier(truth.kind === 'slow' ? seen.took : seen.peak) === truth.ranks[0]) all.peer++;
      }
      cells.push(`${right}/${plays}${wrong.length > 0 ? ` (+${[...new Set(wrong)].join(', ')})` : ''}`);
    }
    console.log(`${scenario.name.padEnd(22)} ${sizes.map((n, i) => `${n}: ${cells[i]}`).join('   ')}`);
  }
  console.log(`right finding of the right rank       ${share(all.right, all.runs)} of ${all.runs}`);
  console.log(`runs with another finding beside it   ${share(all.extra, all.runs)}`);
  console.log(
    `slow, skew and leak by three standard deviations of the newest values: ${share(all.peer, all.peerRuns)} of ${all.peerRuns}`,
  );
}
