/** The ranks' own accounts → the report of the run. */
import type { OwnReport, RunReport } from '../contract/index.ts';
import { stepsPerEpochOf } from '../figures/index.ts';
import { runStateOf, totalOf } from '../reduce/index.ts';
import { besideText } from './beside-text.ts';
import { USE_OTHERS } from './beyond-neighbours.ts';
import { higher, lower } from './compact-series.ts';
import { explain } from './explanation.ts';
import { Learning } from './learning.ts';
import { withHeld } from './lines.ts';
import type { RankAnalyser } from './rank.ts';
import { failuresOf } from './ranks/first-failure.ts';
import { acrossRanks } from './ranks/index.ts';
import { sleepFinding } from './sleeping-engine.ts';
import { asEvidence } from './text-finding.ts';
import { hasReadings, isSilent, verdictOf } from './verdict.ts';

interface Options {
  /** What is made of a failure’s text. */
  explainFailure?: typeof explain;
  /** Devices as they were judged last; those that never were are left out. */
  asJudged?: boolean;
  /** Of a run with other ranks: nothing is held against them. */
  isPart?: boolean;
}

/** Of the first rank whose log has any. */
const hostEvidence = (ranks: readonly RankAnalyser[], own: readonly OwnReport[]): string[] =>
  ranks.map(({ host }, i) => host.evidence(i === 0 ? own : [])).find(({ length }) => length > 0) ?? [];

/** @param ranks in ascending order */
export function reportOf(
  ranks: readonly RankAnalyser[],
  { malformed, torn }: { malformed: number; torn: number },
  { explainFailure = explain, asJudged = false, isPart = false }: Options,
): RunReport {
  const lead = ranks[0];
  const fromStart = <K extends keyof RankAnalyser['started']>(key: K) =>
    ranks.map(rank => rank.started[key]).find(value => value != null) ?? null;
  const of = (figure: (rank: RankAnalyser) => number | null, join: typeof higher) =>
    ranks.map(figure).reduce(join, null);
  const sum = (figure: (rank: RankAnalyser) => number) => ranks.reduce((all, rank) => all + figure(rank), 0);
  const judged = ranks
    .flatMap(rank =>
      [...rank.devices.values()].map(({ analyser, between }) =>
        asJudged ? analyser.judged : analyser.report(rank.circumstances, between),
      ),
    )
    .filter(made => made !== null)
    .sort(
      (a, b) =>
        b.weight - a.weight ||
        (b.report.highestPressure?.pressureFraction ?? 0) -
          (a.report.highestPressure?.pressureFraction ?? 0) ||
        a.report.rank - b.report.rank ||
        (a.report.device < b.report.device ? -1 : 1),
    );
  const hosts = new Map(ranks.map(({ rank, started }) => [rank, started.hostname ?? null]));
  const [failed = null] = failuresOf(ranks);
  const across = isPart
    ? []
    : acrossRanks(
        ranks,
        judged.map(({ report }) => report),
      );
  const text =
    failed === null
      ? null
      : explainFailure(
          failed.failure,
          ranks.some(rank => rank.updates > 0),
        );
  const refusing = judged.find(
    ({ report }) => report.rank === failed?.rank && report.device === failed.failure.outOfMemory?.device,
  )?.report;
  const own = lead?.own?.report() ?? [];
  const known =
    text !== null && refusing !== undefined && isSilent(refusing) ? withHeld(text, refusing.held) : text;
  const ended =
    known?.kind === 'host memory'
      ? { ...known, evidence: [...known.evidence, ...hostEvidence(ranks, own).map(asEvidence)] }
      : known;
  // Where no allocator was read, the driver's samples are all there is.
  const [driver] = judged.length > 0 ? [] : ranks.flatMap(rank => rank.sampled.finding() ?? []);
  const asleep = failed === null ? sleepFinding(own, judged.length === 0) : null;
  const unworded =
    failed === null || ended === null || driver === undefined
      ? (ended ?? (failed === null ? (driver ?? asleep) : null))
      : {
          ...ended,
          evidence: [...ended.evidence, ...driver.evidence],
          next: [
            ...ended.next,
            ...(failed.failure.outOfMemory != null && driver.next.includes(USE_OTHERS) ? [USE_OTHERS] : []),
          ],
        };
  // An end that nothing explains is no word on the memory, which may have been read.
  const explanation =
    unworded?.kind === 'unmeasured' && judged.some(({ report }) => hasReadings(report))
      ? { ...unworded, isRead: true }
      : unworded;
  const stepsPerEpoch = stepsPerEpochOf(fromStart('config'));
  const counted =
    ranks.find(({ counted }) => counted === 'report' || counted === 'sample' || counted === 'epoch')
      ?.counted ??
    lead?.counted ??
    'batch';
  return {
    v: 1,
    run: {
      id: lead?.runId ?? '',
      name: fromStart('name'),
      algorithm: fromStart('algorithm'),
      task: fromStart('task'),
      state: runStateOf(ranks, fromStart('worldSize')),
      startedMs: of(rank => rank.startedMs, lower),
      lastEventMs: of(rank => rank.lastEventMs, higher),
      updates: of(rank => rank.updates, higher) ?? 0,
      firstBatch: of(rank => rank.firstBatch, lower),
      lastBatch: of(rank => rank.lastBatch, higher),
      ...(counted !== 'batch' && { numbered: `${counted}s` as const }),
      maxBatches: totalOf(
        of(rank => rank.lastBatch, higher),
        fromStart('maxBatches') ?? fromStart('maxSteps') ?? null,
      ),
      ...(stepsPerEpoch !== null && { stepsPerEpoch }),
      ranks: ranks.length,
      starts: lead === undefined ? 0 : Math.max(1, lead.starts),
      events: sum(rank => rank.events),
      lostEvents: sum(rank => rank.lostEvents),
      unreadableLines: malformed + torn,
    },
    failure:
      failed === null
        ? null
        : {
            errorType: failed.failure.errorType,
            message: failed.failure.message,
            rank: failed.rank,
            batch: failed.failure.batch,
            outOfMemory: failed.failure.outOfMemory,
            ending: failed.failure.ending,
          },
    explanation,
    verdict: verdictOf(
      judged.map(({ report }) => report),
      failed === null ? null : { ...failed.failure, rank: failed.rank },
      explanation,
      counted,
    ),
    devices: judged.map(({ report: own }) => {
      const report = ended === null ? own : besideText(own);
      return ranks.length > 1 ? { ...report, host: hosts.get(own.rank) ?? null } : report;
    }),
    learning: (lead?.learning ?? new Learning()).report(),
    own,
    ...((!isPart && ranks.length > 1) || across.length > 0 ? { acrossRanks: across } : {}),
  };
}
