/**
 * Where things of a run lie on the horizontal axis: by batch, or by time where the trainer went back to an earlier batch, or in
 * their order where the log has no times either.
 */
import type { RunReport, Stretch } from '../contract/index.ts';
import { type Counted, countedOf } from '../present/index.ts';
import { countAxis, valueAxis } from './axis.ts';
import type { Axis } from './document.ts';

const MINUTE_MS = 60_000;
/** Lines of a log without a clock are read within it. */
const ONE_MOMENT_MS = 1000;

/** Both ends of what lies on the axis. */
interface Span {
  fromBatch: number;
  toBatch: number;
  fromMs: number;
  toMs: number;
  /** Updates before it, and in it. */
  fromIndex: number;
  updates: number;
}

export interface ReportTimeline {
  unit: Counted | 'minutes' | 'order';
  /** What the numbers of updates count. */
  counted: Counted;
  /** The middle of a stretch, and its edges, half a batch outside. */
  middle(span: Span): number;
  edges(span: Span): [number, number];
  /** Of a batch: the last time it was made, where the axis is time; null where it is in none of the stretches. */
  ofBatch(batch: number, stretches: readonly Stretch[]): number | null;
  /** From the first to the last of these. */
  axis(spans: readonly Span[]): Axis;
}

const neverBack = (spans: readonly { fromBatch: number; toBatch: number }[]): boolean =>
  spans.every(({ fromBatch }, i) => i === 0 || fromBatch >= spans[i - 1]!.toBatch);

const higherOf = (a: number, b: number): number => Math.max(a, b);
const lowerOf = (a: number, b: number): number => Math.min(a, b);

export function reportTimeline({ run, devices, learning }: RunReport): ReportTimeline {
  const byBatch = neverBack(learning.timeline) && devices.every(device => neverBack(device.timeline));
  const counted = countedOf(run);
  const startMs = run.startedMs ?? 0;
  const minutes = (ms: number) => (ms - startMs) / MINUTE_MS;
  const all = [...learning.timeline, ...devices.flatMap(({ timeline }) => timeline)];
  const times = all.map(({ toMs }) => toMs);
  const byOrder =
    !byBatch && times.reduce(higherOf, -Infinity) - times.reduce(lowerOf, Infinity) < ONE_MOMENT_MS;
  const edges = ({ fromBatch, toBatch, fromMs, toMs, fromIndex, updates }: Span): [number, number] => {
    if (byBatch) return [fromBatch - 0.5, toBatch + 0.5];
    return byOrder ? [fromIndex + 0.5, fromIndex + updates + 0.5] : [minutes(fromMs), minutes(toMs)];
  };
  return {
    unit: byBatch ? counted : byOrder ? 'order' : 'minutes',
    counted,
    edges,
    middle(span) {
      const [from, to] = edges(span);
      return (from + to) / 2;
    },
    ofBatch(batch, stretches) {
      const inside = stretches.findLast(({ fromBatch, toBatch }) => fromBatch <= batch && batch <= toBatch);
      if (inside === undefined) return null;
      return byBatch ? batch : this.middle(inside);
    },
    axis(spans) {
      const first = spans[0];
      const last = spans.at(-1);
      if (first === undefined || last === undefined) return countAxis(0, 1, counted);
      if (byBatch) return countAxis(first.fromBatch, last.toBatch, counted);
      if (byOrder) return countAxis(first.fromIndex + 1, last.fromIndex + last.updates, 'order');
      const ends = valueAxis('minutes', [minutes(last.toMs)], { fromZero: true, steps: 6 });
      const max = Math.max(...spans.map(({ toMs }) => minutes(toMs)));
      const format = (value: number) => String(Number(value.toFixed(1)));
      return { ...ends, max, ticks: ends.ticks.filter(tick => tick <= max), format };
    },
  };
}
