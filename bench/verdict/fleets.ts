/**
 * Findings across ranks, on simulated fleets whose truth is known: whether the right finding names the right rank, and how often
 * something is found where nothing is wrong. Peer on the same runs: what a person sees who draws the ranks' newest values and takes the
 * one furthest from their mean, by more than three standard deviations.
 */
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { RankFinding, RankFindingKind, RunReport, TelemetryEvent } from '../../src/contract/index.ts';
import {
  type FleetKind,
  type FleetScenario,
  type FleetTruth,
  fleetScenarios,
  oddFleets as oddScenarios,
  playFleet,
} from '../../src/workloads/simulate/index.ts';
import { ratio, share } from './play.ts';

const BEGAN_MS = 1_700_000_000_000;
const UPDATES = 200;
/** As alarms are looked for: so many times while a run goes on. */
const LOOKS = 10;

interface Seen {
  /** Newest durations and peaks by rank. */
  took: Map<number, number>;
  peak: Map<number, number>;
}

function judged(scenario: FleetScenario, options: { seed: number; ranks: number; updates: number }) {
  const steps = playFleet(scenario, options);
  const analyser = new RunAnalyser();
  const failed = new Set<number>();
  const between = Math.ceil((options.ranks * options.updates) / LOOKS);
  const looks: RankFinding[][] = [];
  let events = 0;
  const seqs = new Map<number, number>();
  const seen: Seen = { took: new Map(), peak: new Map() };
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return { truths: step.value, report: analyser.report(), looks, failed, seen };
    }
    const { rank, type, data, atMs } = step.value;
    const seq = seqs.get(rank) ?? 0;
    seqs.set(rank, seq + 1);
    if (type === 'TRAINING_FAILED') failed.add(rank);
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
    if (++events % between === 0) looks.push(analyser.acrossRanks());
  }
}

const findingOf: Record<FleetKind, RankFindingKind> = {
  leak: 'lone growth',
  creep: 'lone growth',
  slow: 'slow rank',
  silent: 'silent rank',
  skew: 'memory skew',
  'first failure': 'first failure',
  contexts: 'shared device',
  stages: 'uneven stages',
};

/** Whether the report has the finding, of all the right ranks. */
function isFound({ kind, ranks }: FleetTruth, { verdict, acrossRanks = [] }: RunReport): boolean {
  if (kind === 'leak') return verdict.kind === 'leak' && ranks.includes(verdict.rank ?? -1);
  const found = acrossRanks.find(finding => finding.kind === findingOf[kind]);
  if (found === undefined) return false;
  return (
    ranks.length === 0 || (ranks.includes(found.rank) && ranks.every(rank => found.ranks.includes(rank)))
  );
}

/** Findings that are of exactly the ranks that they name: of the others it lists those that it explains, too. */
const exact: readonly RankFindingKind[] = ['slow rank', 'silent rank', 'memory skew', 'lone growth'];

/** What is found beside the truth: by the verdict, or across ranks, or of ranks that have nothing; in the end or while the run went on. */
function falselyFound(
  truths: readonly FleetTruth[],
  { verdict, acrossRanks = [] }: RunReport,
  looks: readonly RankFinding[][],
  { failed, hasSpikes }: { failed: ReadonlySet<number>; hasSpikes: boolean },
): string[] {
  const growing = truths
    .filter(({ kind }) => kind === 'leak' || kind === 'creep')
    .flatMap(({ ranks }) => ranks);
  const isRight =
    ['steady', 'unmeasured', ...(hasSpikes ? ['spike'] : [])].includes(verdict.kind) ||
    growing.includes(verdict.rank ?? -1);
  const wrong = [...looks, acrossRanks].flatMap((found, look) => {
    const when = look === looks.length ? '' : ` at look ${look + 1}`;
    return found.flatMap(({ kind, rank, ranks }) => {
      // Ranks whose memory ran out did fail.
      if (kind === 'first failure' && failed.has(rank)) return [];
      const own = truths.filter(truth => findingOf[truth.kind] === kind);
      if (own.length === 0) return [`${kind} of ${ranks.slice(0, 4)}${when}`];
      const others = ranks.filter(rank => !own.some(truth => truth.ranks.includes(rank)));
      return exact.includes(kind) && others.length > 0
        ? [`${kind} of ${others.slice(0, 4)} as well${when}`]
        : [];
    });
  });
  return [...(isRight ? [] : [`verdict ${verdict.kind} of ${verdict.rank}`]), ...wrong];
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

/** One line of a list: its variants at each size. */
function line(
  scenario: FleetScenario,
  variants: number,
  firstSeed: number,
  sizes: readonly number[],
  all: Tally,
): string {
  const cells = sizes.map(ranks => {
    // A play of 512 ranks takes a minute and a half.
    const plays = ranks === 512 ? Math.max(1, Math.round(variants / 10)) : variants;
    const missed: number[] = [];
    const wrong: string[] = [];
    for (let seed = firstSeed; seed < firstSeed + plays; seed++) {
      const { truths, report, looks, failed, seen } = judged(scenario, { seed, ranks, updates: UPDATES });
      const isRight = truths.every(truth => isFound(truth, report));
      if (!isRight) missed.push(seed);
      const extra = falselyFound(truths, report, looks, {
        failed,
        hasSpikes: scenario.name.includes('heavy-tails'),
      });
      if (extra.length > 0) wrong.push(`${extra[0]} (${seed})`);
      const tally = truths.length > 0 ? all.faulty : all.healthy;
      tally.runs++;
      if (isRight) tally.right++;
      if (extra.length > 0) tally.extra++;
      const [truth] = truths;
      const isPeers = truths.length === 1 && ['slow', 'skew', 'leak'].includes(truth!.kind);
      if (!isPeers && truths.length > 0) continue;
      const peer =
        truths.length === 0
          ? (outlier(seen.took) ?? outlier(seen.peak))
          : outlier(truth!.kind === 'slow' ? seen.took : seen.peak);
      tally.peerRuns++;
      if (truths.length === 0 ? peer !== null : peer === truth!.ranks[0]) tally.peer++;
    }
    const misses = missed.length > 0 ? `, not ${missed.join(', ')}` : '';
    return `${ranks}: ${plays - missed.length}/${plays}${misses}${wrong.length > 0 ? ` (+${wrong.join('; ')})` : ''}`;
  });
  return `${scenario.name.padEnd(26)} ${cells.join('   ')}`;
}

interface Tally {
  /** Runs in which something is wrong, and in which nothing is: right finding, something found that is not there, the peer's. */
  faulty: { runs: number; right: number; extra: number; peer: number; peerRuns: number };
  healthy: { runs: number; right: number; extra: number; peer: number; peerRuns: number };
}

const none = () => ({ runs: 0, right: 0, extra: 0, peer: 0, peerRuns: 0 });

const chosen = (list: readonly FleetScenario[], only?: readonly string[]): FleetScenario[] =>
  list.filter(({ name }) => only === undefined || only.includes(name.slice('fleet-'.length)));

function printTally({ faulty, healthy }: Tally): void {
  console.log(`right finding of the right ranks      ${share(faulty.right, faulty.runs)} of ${faulty.runs}`);
  console.log(`of them with another beside it        ${share(faulty.extra, faulty.runs)}`);
  console.log(
    `slow, skew and leak by three standard deviations of the newest values: ${share(faulty.peer, faulty.peerRuns)} of ${faulty.peerRuns}`,
  );
  console.log(
    `healthy runs with a false finding     ${healthy.extra} of ${healthy.runs}; three standard deviations: ${healthy.peer}, ${ratio(healthy.extra, healthy.peer)}`,
  );
}

/**
 * One fault each, and healthy runs, of 64 ranks where no sizes are given.
 * @param only of these names, without `fleet-`; all where it is not given
 */
export function fleets(
  variants: number,
  firstSeed: number,
  healthy: number,
  sizes?: readonly number[],
  only?: readonly string[],
): void {
  console.log(
    `Ranks: ${variants} variants of each fault, seeds from ${firstSeed}, ${UPDATES} updates, looked at ${LOOKS} times`,
  );
  const all: Tally = { faulty: none(), healthy: none() };
  for (const scenario of chosen(fleetScenarios, only)) {
    // One with several faults, which a test has.
    if (scenario.name === 'fleet') continue;
    const isSteady = scenario.name === 'fleet-steady';
    const played = sizes ?? (isSteady ? [64] : [8, 64, 512]);
    console.log(line(scenario, isSteady ? healthy : variants, firstSeed, played, all));
  }
  printTally(all);
}

/** Harder ones: two faults at once, late and early ranks, clocks that differ, and healthy variants of them. */
export function oddFleets(
  variants: number,
  firstSeed: number,
  sizes: readonly number[] = [8, 64],
  only?: readonly string[],
): void {
  console.log(
    `Odd fleets: ${variants} variants of each, seeds from ${firstSeed}, ${UPDATES} updates, looked at ${LOOKS} times`,
  );
  const all: Tally = { faulty: none(), healthy: none() };
  for (const scenario of chosen(oddScenarios, only))
    console.log(line(scenario, variants, firstSeed, sizes, all));
  printTally(all);
}
