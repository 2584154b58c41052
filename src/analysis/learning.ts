/** Learning and speed of one rank over time: what is usual in the newest part of the run, and a timeline. */
import { quantileOf, sorted } from '../base/index.ts';
import type { Interval, LearningReport } from '../contract/index.ts';
import { BrokenGradients } from './broken-gradient.ts';
import { BrokenLosses } from './broken-loss.ts';
import { CompactSeries, higher, joinedMean } from './compact-series.ts';
import { broken, type Done } from './figures-of.ts';
import { HugeGradients } from './huge-gradient.ts';
import { NewestFigures } from './newest-figures.ts';
import { rowKind } from './number-rows.ts';
import { Sample } from './sample.ts';

type Row = Pick<Done, 'episodicReturn' | 'loss' | 'tookMs' | 'stepsPerSecond'>;
type Stretch = LearningReport['timeline'][number] & { updates: number; isStart: boolean };

const kind = rowKind<Stretch>(
  ['fromBatch', 'toBatch', 'toMs', 'episodicReturn', 'loss', 'tookMs', 'updates'],
  ['isStart'],
);

/** Values kept, evenly spread over the run; its newest quarter defines what is usual. */
const KEPT = 1024;
const NEWEST = 1 / 4;
const LEAST = 10;
/** Standard errors of a 95% interval. */
const NINETY_FIVE = 1.96;

export class Learning {
  #seen = 0;
  #highestReturn: number | null = null;
  #totalSteps: number | null = null;
  /** Updates with a figure that was not finite. */
  readonly #notFinite = { loss: 0, gradNorm: 0 };
  readonly #newest = new NewestFigures();
  readonly #broken = new BrokenLosses();
  readonly #gradient = new BrokenGradients();
  readonly #huge = new HugeGradients();
  /** NaN where a figure was not measured. */
  readonly #kept: Record<keyof Row, Sample<number>> = {
    episodicReturn: new Sample(KEPT),
    loss: new Sample(KEPT),
    tookMs: new Sample(KEPT),
    stepsPerSecond: new Sample(KEPT),
  };
  readonly #series = new CompactSeries<Stretch>(kind, join);
  /** Filled for each update, and copied where it stays. */
  readonly #next = {} as Stretch;

  take(timeMs: number, done: Done, isStart: boolean): void {
    const { batch, episodicReturn, loss, tookMs, stepsPerSecond } = done;
    const kept = this.#kept;
    if (kept.loss.wants(this.#seen++)) {
      kept.episodicReturn.keep(episodicReturn ?? Number.NaN);
      kept.loss.keep(loss ?? Number.NaN);
      kept.tookMs.keep(tookMs ?? Number.NaN);
      kept.stepsPerSecond.keep(stepsPerSecond ?? Number.NaN);
    }
    this.#highestReturn = higher(this.#highestReturn, episodicReturn);
    this.#totalSteps = done.totalSteps ?? this.#totalSteps;
    if (done.brokenLoss !== null && done.isLeftOut !== true) this.#notFinite.loss++;
    if (broken(done.gradNorm) !== null) this.#notFinite.gradNorm++;
    this.#newest.take(done, isStart);
    this.#broken.take(done, isStart);
    this.#gradient.take(done, isStart);
    this.#huge.take(done, isStart);
    const next = this.#next;
    next.fromBatch = batch;
    next.toBatch = batch;
    next.toMs = timeMs;
    next.episodicReturn = episodicReturn;
    next.loss = loss;
    next.tookMs = tookMs;
    next.updates = 1;
    next.isStart = isStart;
    this.#series.take(next);
  }

  report(): LearningReport {
    const usual = (name: keyof Row) =>
      medianInterval(newestPart(this.#kept[name].values).filter(value => !Number.isNaN(value)));
    return {
      episodicReturn: usual('episodicReturn'),
      highestReturn: this.#highestReturn,
      loss: usual('loss'),
      broken: this.#broken.report(),
      brokenGradient: this.#gradient.report(),
      hugeGradient: this.#huge.report(),
      ...((this.#notFinite.loss > 0 || this.#notFinite.gradNorm > 0) && {
        notFinite: { ...this.#notFinite },
      }),
      updateMs: usual('tookMs'),
      stepsPerSecond: usual('stepsPerSecond'),
      totalSteps: this.#totalSteps,
      ...this.#newest.report(),
      timeline: this.#series.stretches.map(({ updates: _updates, isStart: _isStart, ...stretch }) => ({
        ...stretch,
      })),
    };
  }
}

function join(into: Stretch, next: Stretch): void {
  const [a, b] = [into.updates, next.updates];
  into.toBatch = next.toBatch;
  into.toMs = next.toMs;
  into.episodicReturn = joinedMean(into.episodicReturn, a, next.episodicReturn, b);
  into.loss = joinedMean(into.loss, a, next.loss, b);
  into.tookMs = joinedMean(into.tookMs, a, next.tookMs, b);
  into.updates = a + b;
}

/** The newest quarter of what was kept, and no fewer than ten. */
export const newestPart = <T>(rows: readonly T[]): readonly T[] =>
  rows.slice(-Math.max(LEAST, Math.ceil(rows.length * NEWEST)));

/** The median, and the values between which it lies in 95 of 100 cases: ranks of the ordered values; null for none. */
export function medianInterval(values: readonly number[]): Interval | null {
  if (values.length === 0) return null;
  const ascending = sorted(values);
  const n = ascending.length;
  const reach = (NINETY_FIVE * Math.sqrt(n)) / 2;
  const at = (place: number) => ascending[Math.min(n - 1, Math.max(0, place))]!;
  return {
    low: at(Math.floor(n / 2 - reach)),
    mid: quantileOf(ascending, 0.5),
    high: at(Math.ceil(n / 2 + reach) - (n % 2 === 0 ? 1 : 0)),
  };
}
