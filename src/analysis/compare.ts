/**
 * Two runs → what changed from the one to the other. Updates are held against each other by their number, so that what
 * both go through alike is no difference; the usual difference carries an interval that knows how alike neighbours are.
 */
import { flat, median } from '../base/index.ts';
import {
  type ComparedRun,
  comparedFigures,
  type DeviceReport,
  type Interval,
  type RunComparison,
  type RunReport,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import {
  type Compared,
  type ComparedName,
  judged,
  judgedOwn,
  tooEarly,
  unmeasuredFigure,
} from './compared-figure.ts';
import { type Difference, differenceOf, growthBetween, shareOf, usualOf, widened } from './difference.ts';
import { RunAnalyser, type Unreadable } from './run-analyser.ts';
import { type DeviceRow, type OwnRow, type RankRow, RankSeries } from './update-series.ts';

/** One run, read for comparison in bounded memory. */
export class Comparand {
  readonly #analyser = new RunAnalyser();
  readonly ranks = new Map<number, RankSeries>();

  take(event: TelemetryEvent | UnknownEvent): void {
    this.#analyser.take(event);
    let rank = this.ranks.get(event.rank);
    if (rank === undefined) {
      rank = new RankSeries();
      this.ranks.set(event.rank, rank);
    }
    rank.take(event);
  }

  report(unreadable?: Unreadable): RunReport {
    return this.#analyser.report(unreadable);
  }

  /** The lowest rank: learning and speed are its. Undefined before any event. */
  get lead(): RankSeries | undefined {
    return this.ranks.get(Math.min(...this.ranks.keys()));
  }
}

/** Learning is compared over this newest part of the updates that both made. */
const NEWEST = 0.2;
/** Quantile of the interval that the attribution gives. */
const NINETY_FIVE = 1.96;

/**
 * @param a read to its end, with what is known of its configuration beside its events
 * @param b the other one: changes are b − a
 */
export function compareRuns(
  a: { run: Comparand; report: RunReport; config?: Record<string, unknown> },
  b: { run: Comparand; report: RunReport; config?: Record<string, unknown> },
): RunComparison {
  const [of, to] = devicesOf(a.report, b.report);
  const [leadA, leadB] = [a.run.lead, b.run.lead];
  const updates = Math.min(leadA?.length ?? 0, leadB?.length ?? 0);
  const device = (run: Comparand, report: DeviceReport | null) =>
    report === null ? undefined : run.ranks.get(report.rank)?.devices.get(report.device)?.blocks;
  const [blocksA, blocksB] = [device(a.run, of), device(b.run, to)];

  type Source<T> =
    | { each: number; isEmpty: boolean; means(figure: keyof T & string, each: number): (number | null)[] }
    | undefined;
  /** What both report of a figure, update by update, held against each other. */
  const along = <T>(
    one: Source<T>,
    other: Source<T>,
    figure: keyof T & string,
    compare: (series: Series) => Compared,
  ): Compared => {
    if (one === undefined || other === undefined || updates === 0) return unmeasuredFigure;
    const each = Math.max(one.each, other.each);
    const [a, b] = [one.means(figure, each), other.means(figure, each)];
    if (one.isEmpty || other.isEmpty) return tooEarly;
    return a.length === 0 || b.length === 0 ? unmeasuredFigure : compare({ a, b, each });
  };
  const totalBytes = of?.totalBytes ?? to?.totalBytes ?? null;
  const compared = (name: ComparedName): Compared => {
    switch (name) {
      case 'growthBytes': {
        const needed = [of, to].some(report => report?.isUpperBound) ? 'restingBytes' : 'peakBytes';
        return along<DeviceRow>(blocksA, blocksB, needed, growth);
      }
      case 'lostFraction':
        // Each run's report estimates it: its updates show only whether any lie beyond the warm-up.
        return along<RankRow>(leadA?.blocks, leadB?.blocks, 'tookMs', () =>
          estimates(lostOf(of), lostOf(to), NINETY_FIVE),
        );
      case 'wallFraction':
        return along<DeviceRow>(blocksA, blocksB, name, shares);
      case 'tookMs':
      case 'stepsPerSecond':
        return along<RankRow>(leadA?.blocks, leadB?.blocks, name, series => paired(series, 0));
      case 'episodicReturn':
      case 'loss':
        return along<RankRow>(leadA?.blocks, leadB?.blocks, name, series => paired(series, 1 - NEWEST));
      default:
        return along<DeviceRow>(blocksA, blocksB, name, series => paired(series, 0));
    }
  };
  return {
    v: 1,
    a: summary(a.report, of),
    b: summary(b.report, to),
    updates,
    config: configChanges(
      flatConfig(leadA?.started ?? {}, a.config),
      flatConfig(leadB?.started ?? {}, b.config),
    ),
    figures: comparedFigures.map(figure => {
      const found = compared(figure);
      return judged(figure, found.a === null ? (single(figure, of, to) ?? found) : found, totalBytes);
    }),
    own: [...(leadA?.own ?? [])].flatMap(([name, blocks]) => {
      const other = leadB?.own.get(name);
      if (other === undefined) return [];
      return [
        judgedOwn(
          name,
          along<OwnRow>(blocks, other, 'value', series => paired(series, 1 - NEWEST)),
        ),
      ];
    }),
  };
}

interface Series {
  a: (number | null)[];
  b: (number | null)[];
  each: number;
}

/** Update by update, from this share of the common ones on. */
function paired({ a, b }: Series, from: number): Compared {
  const common = Math.min(a.length, b.length);
  const both: [number, number][] = [];
  for (let i = Math.floor(from * common); i < common; i++)
    if (a[i] !== null && b[i] !== null) both.push([a[i]!, b[i]!]);
  if (both.length === 0) return unmeasuredFigure;
  const found = usualOf(both.map(([one, other]) => other - one));
  return { ...levels(both), ...differenceFields(found), pairs: both.length };
}

const levels = (both: readonly [number, number][]) => ({
  a: median(both.map(([one]) => one)),
  b: median(both.map(([, other]) => other)),
});
const differenceFields = (found: Difference | null) => ({
  change: found?.interval ?? null,
  independent: found?.independent ?? null,
});

/** Growth an update of the one, of the other, and of what lies between them. */
function growth({ a, b, each }: Series): Compared {
  const common = Math.min(a.length, b.length);
  const known = Array.from({ length: common }, (_, i) => i).filter(i => a[i] !== null && b[i] !== null);
  const of = (value: (i: number) => number) => growthBetween(known.map(value));
  const found = of(i => (b[i]! - a[i]!) / each);
  if (known.length === 0) return unmeasuredFigure;
  return {
    a: of(i => a[i]! / each)?.interval?.mid ?? 0,
    b: of(i => b[i]! / each)?.interval?.mid ?? 0,
    ...differenceFields(found),
    pairs: known.length,
  };
}

/** Shares of updates, each run by itself. */
function shares({ a, b, each }: Series): Compared {
  const common = Math.min(a.length, b.length);
  const known = (values: (number | null)[]) => values.slice(0, common).filter(value => value !== null);
  const [one, other] = [known(a), known(b)];
  if (one.length === 0 || other.length === 0) return unmeasuredFigure;
  const [ofA, ofB] = [shareOf(one, each), shareOf(other, each)];
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0) / values.length;
  const pairs = Math.min(one.length, other.length);
  const [intervalA, intervalB] = [ofA?.interval ?? null, ofB?.interval ?? null];
  return {
    a: sum(one),
    b: sum(other),
    change: intervalA === null || intervalB === null ? null : differenceOf(intervalA, intervalB),
    pairs,
    independent: ofA === null || ofB === null ? null : Math.min(ofA.independent, ofB.independent),
  };
}

/** Of what each run's own report estimates. */
function estimates(a: Interval | null, b: Interval | null, z: number): Compared {
  if (a === null || b === null) return unmeasuredFigure;
  const change = differenceOf(widened(a, z), widened(b, z));
  return { a: a.mid, b: b.mid, change, pairs: 1, independent: null };
}

/** Where no update was busy, nothing was lost. */
export function lostOf(device: DeviceReport | null): Interval | null {
  if (device === null) return null;
  const { status, busy, lostFraction } = device.attribution;
  return status === 'no evidence' && busy === 0 ? { low: 0, mid: 0, high: 0 } : lostFraction;
}

/** Peaks of a whole run are one number of each run: their scatter is unknown. */
function single(figure: ComparedName, of: DeviceReport | null, to: DeviceReport | null): Compared | null {
  const value = (device: DeviceReport | null) => {
    if (figure === 'headroomBytes' || figure === 'fragmentation') return device?.[figure] ?? null;
    if (figure === 'peakBytes' || figure === 'pressureFraction')
      return device?.highestPressure?.[figure] ?? null;
    return null;
  };
  const [a, b] = [value(of), value(to)];
  return a === null || b === null ? null : { a, b, change: null, pairs: 1, independent: 1 };
}

/** The device to compare: that of the later run which is worst, where the other has it too; else the worst of each. */
function devicesOf(a: RunReport, b: RunReport): [DeviceReport | null, DeviceReport | null] {
  for (const other of b.devices) {
    const same = a.devices.find(one => one.rank === other.rank && one.device === other.device);
    if (same !== undefined) return [same, other];
  }
  return [a.devices[0] ?? null, b.devices[0] ?? null];
}

function summary(
  { run, verdict, failure, acrossRanks }: RunReport,
  device: DeviceReport | null,
): ComparedRun {
  const ranOut = failure?.outOfMemory != null && failure.rank === device?.rank;
  return {
    id: run.id,
    name: run.name,
    task: run.task,
    state: run.state,
    updates: run.updates,
    rank: device?.rank ?? null,
    device: device?.device ?? null,
    verdict: verdict.kind,
    says: verdict.says,
    forecast: device?.forecast.status ?? null,
    highestPressure: device?.highestPressure?.pressureFraction ?? null,
    isUpperBound: device?.isUpperBound ?? false,
    retries: device?.retries ?? null,
    // The one that ends a run is in its message, and in no reading.
    ooms: ranOut ? (device?.ooms ?? 0) + 1 : (device?.ooms ?? null),
    spikes: device?.highestPressure == null ? null : device.spikes.count,
    ...(acrossRanks === undefined ? {} : { acrossRanks: acrossRanks.map(({ short }) => short) }),
  };
}

/** What the start event reports, and what is known beside it, flat: `optimizer.lr`. */
export function flatConfig(
  started: Record<string, unknown>,
  beside: Record<string, unknown> = {},
): Map<string, string> {
  const { config, versions, name: _name, pid: _pid, hostname: _host, ...rest } = started;
  const all = [beside, rest, config, { versions }].flatMap(source => [...flat(source)]);
  return new Map(all.map(([key, value]) => [key, JSON.stringify(value)]));
}

function configChanges(a: Map<string, string>, b: Map<string, string>): RunComparison['config'] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter(key => a.get(key) !== b.get(key))
    .sort()
    .map(key => ({ key, a: a.get(key) ?? null, b: b.get(key) ?? null }));
}
