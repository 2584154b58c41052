/** Groups of runs → what distinguishes them, the mean of each with its interval, the best and how sure that is. */
import {
  type GroupComparison,
  type GroupDifference,
  type GroupedRun,
  type GroupFigureName,
  groupFigures,
  type RunGroup,
  type RunReport,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import { higher } from './compact-series.ts';
import { flatConfig, lostOf } from './compare.ts';
import { differenceOfMeans, meanOf } from './group-statistics.ts';
import { RunAnalyser, type Unreadable } from './run-analyser.ts';

/** Which way is better. */
const betterWay: Record<GroupFigureName, 'higher' | 'lower'> = {
  episodicReturn: 'higher',
  loss: 'lower',
  peakBytes: 'lower',
  tookMs: 'lower',
  stepsPerSecond: 'higher',
  lostFraction: 'lower',
};

/** Keys that differ from run to run of the same thing. */
const SEED = /(?:^|[._-])seeds?$/i;

/** One run, read for a group in bounded memory. */
export class GroupMember {
  readonly #analyser = new RunAnalyser();
  #started: Record<string, unknown> | null = null;

  take(event: TelemetryEvent | UnknownEvent): void {
    this.#analyser.take(event);
    if (event.type === 'TRAINING_STARTED') this.#started ??= event.data as Record<string, unknown>;
  }

  /** @param config what is known beside the events */
  run(id: string, name: string, config: Record<string, unknown>, unreadable?: Unreadable): GroupedRun {
    const report = this.#analyser.report(unreadable);
    const { state, updates } = report.run;
    const flat = Object.fromEntries(flatConfig(this.#started ?? {}, config));
    return {
      id,
      name,
      state,
      updates,
      verdict: report.verdict.kind,
      config: flat,
      figures: figuresOf(report),
    };
  }
}

/** Highest peak of an update on any device, bytes; null where none was measured. */
export function highestPeak({ devices }: Pick<RunReport, 'devices'>): number | null {
  const peaks = devices.flatMap(({ timeline }) => timeline.map(({ peakBytes }) => peakBytes));
  return peaks.reduce(higher, null);
}

function figuresOf(report: RunReport): Record<GroupFigureName, number | null> {
  const { learning, devices } = report;
  const lost = devices.map(device => lostOf(device)?.mid ?? null).filter(mid => mid !== null);
  return {
    episodicReturn: learning.episodicReturn?.mid ?? null,
    loss: learning.loss?.mid ?? null,
    peakBytes: highestPeak(report),
    tookMs: learning.updateMs?.mid ?? null,
    stepsPerSecond: learning.stepsPerSecond?.mid ?? null,
    lostFraction: lost.length === 0 ? null : Math.max(...lost),
  };
}

/** Every key that some runs have, with whether all have the same value of it. */
function sharedConfig(runs: readonly GroupedRun[]): Map<string, string | undefined> {
  const keys = new Set(runs.flatMap(({ config }) => Object.keys(config)));
  return new Map(
    [...keys].sort().map(key => {
      const values = new Set(runs.map(({ config }) => config[key]));
      return [key, values.size === 1 ? [...values][0] : undefined];
    }),
  );
}

/** Six digits of a number part one value of a sweep from another. */
function rounded(json: string | undefined): string {
  const value: unknown = json === undefined ? null : JSON.parse(json);
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(json ?? '–');
}

/** Without settings that stand twice, as an option `set.lr` beside the `lr` that it came to: equal in every run. */
const once = (keys: readonly string[], runs: readonly GroupedRun[]): string[] =>
  keys.filter(
    key =>
      !keys.some(
        other => key.endsWith(`.${other}`) && runs.every(({ config }) => config[key] === config[other]),
      ),
  );

/** Runs of equal configuration, seeds aside, as groups: a sweep. @param ignored further keys that do not distinguish runs */
export function groupsOfSweep(
  runs: readonly GroupedRun[],
  ignored: readonly string[],
): { label: string; runs: GroupedRun[] }[] {
  const parting = [...sharedConfig(runs)]
    .filter(([key, value]) => value === undefined && !SEED.test(key) && !ignored.includes(key))
    .map(([key]) => key);
  const keys = once(parting, runs);
  const groups = new Map<string, GroupedRun[]>();
  for (const run of runs) {
    const label = keys.map(key => `${key}=${rounded(run.config[key])}`).join(', ') || 'all';
    groups.set(label, [...(groups.get(label) ?? []), run]);
  }
  return [...groups].map(([label, own]) => ({ label, runs: own }));
}

const valuesOf = ({ runs }: { runs: readonly GroupedRun[] }, figure: GroupFigureName): number[] =>
  runs.map(run => run.figures[figure]).filter(value => value != null);

/** @param by the figure that decides; null: the first of return, loss, time that two groups report */
export function compareGroups(
  given: readonly { label: string; runs: GroupedRun[] }[],
  by: GroupFigureName | null,
): GroupComparison {
  const shared = given.map(({ runs }) => sharedConfig(runs));
  const keys = [...new Set(shared.flatMap(one => [...one.keys()]))].sort();
  const varies = keys.filter(key => shared.some(one => one.has(key) && one.get(key) === undefined));
  const distinct = once(
    keys.filter(key => !varies.includes(key) && new Set(shared.map(one => one.get(key))).size > 1),
    given.flatMap(({ runs }) => runs),
  );
  const groups = given.map(
    ({ label, runs }, i): RunGroup => ({
      label,
      runs,
      config: Object.fromEntries(
        distinct.flatMap(key => {
          const value = shared[i]!.get(key);
          return value === undefined ? [] : [[key, value]];
        }),
      ),
      figures: Object.fromEntries(groupFigures.map(figure => [figure, meanOf(valuesOf({ runs }, figure))])),
    }),
  );
  const reporting = (figure: GroupFigureName) =>
    groups.filter(group => valuesOf(group, figure).length > 0).length;
  const decides =
    by ??
    (['episodicReturn', 'loss', 'tookMs', 'peakBytes'] as const).find(figure => reporting(figure) > 1) ??
    null;
  const best = decides === null ? null : bestBy(groups, decides);
  return {
    v: 1,
    groups,
    varies,
    by: decides,
    best,
    differences: groupFigures.flatMap(figure =>
      groups.flatMap((group, i): GroupDifference[] => {
        const reference = best ?? 0;
        if (i === reference) return [];
        const found = differenceOfMeans(valuesOf(groups[reference]!, figure), valuesOf(group, figure));
        if (found === null) return [];
        const { mid, low, high } = found;
        const isKnown = low !== null && high !== null;
        const status = !isKnown ? 'too few runs' : low > 0 || high < 0 ? 'differs' : 'no evidence';
        return [{ figure, group: i, mid, low, high, status }];
      }),
    ),
  };
}

function bestBy(groups: readonly RunGroup[], figure: GroupFigureName): number | null {
  const sign = betterWay[figure] === 'higher' ? 1 : -1;
  let best: number | null = null;
  for (const [i, { figures }] of groups.entries()) {
    const mean = figures[figure]?.mean;
    if (mean === undefined) continue;
    if (best === null || sign * mean > sign * groups[best]!.figures[figure]!.mean) best = i;
  }
  return best;
}
