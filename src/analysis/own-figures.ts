/** A rank's figures of the trainer's own: what is usual in the newest part, the extremes, and a timeline. */
import {
  eachOwnFigure,
  OWN_FIGURES,
  type OwnReport,
  type OwnValue,
  type TelemetryEvent,
} from '../contract/index.ts';
import { CompactSeries, joinedMean } from './compact-series.ts';
import { medianInterval, newestPart } from './learning.ts';
import { rowKind } from './number-rows.ts';
import { Sample } from './sample.ts';

/** Values kept of each, evenly spread over the run. */
const KEPT = 256;

type Stretch = OwnReport['timeline'][number] & { updates: number; isStart: boolean };

const kind = rowKind<Stretch>(['fromBatch', 'toBatch', 'toMs', 'value', 'updates'], ['isStart']);

interface Own {
  sample: Sample<number>;
  timeline: CompactSeries<Stretch>;
  newest: number | null;
  batch: number | null;
  lowest: number | null;
  highest: number | null;
  values: number;
  nonFinite: number;
}

export class OwnAnalyser {
  readonly #figures = new Map<string, Own>();

  /** @param batch that the event belongs to; null before the first */
  take(event: TelemetryEvent, batch: number | null): void {
    eachOwnFigure(event, (name, value) => this.#put(name, value, event.timeMs, batch));
  }

  #put(name: string, value: OwnValue, toMs: number, batch: number | null): void {
    let own = this.#figures.get(name);
    if (own === undefined) {
      if (this.#figures.size >= OWN_FIGURES) return;
      own = {
        sample: new Sample(KEPT),
        timeline: new CompactSeries(kind, join),
        newest: null,
        batch: null,
        lowest: null,
        highest: null,
        values: 0,
        nonFinite: 0,
      };
      this.#figures.set(name, own);
    }
    if (typeof value !== 'number') {
      own.nonFinite++;
      return;
    }
    if (own.sample.wants(own.values++)) own.sample.keep(value);
    own.newest = value;
    own.batch = batch;
    own.lowest = Math.min(own.lowest ?? value, value);
    own.highest = Math.max(own.highest ?? value, value);
    const at = batch ?? 0;
    own.timeline.take({ fromBatch: at, toBatch: at, toMs, value, updates: 1, isStart: false });
  }

  report(): OwnReport[] {
    return [...this.#figures].map(([name, { sample, timeline, ...own }]) => ({
      name,
      newest: own.newest,
      batch: own.batch,
      usual: medianInterval(newestPart(sample.values)),
      lowest: own.lowest,
      highest: own.highest,
      values: own.values,
      nonFinite: own.nonFinite,
      // What stands in front of the first update, and nowhere else, has no place among them.
      timeline: (own.batch === null ? [] : timeline.stretches).map(({ fromBatch, toBatch, toMs, value }) => ({
        fromBatch,
        toBatch,
        toMs,
        value,
      })),
    }));
  }
}

function join(into: Stretch, next: Stretch): void {
  into.value = joinedMean(into.value, into.updates, next.value, next.updates);
  into.toBatch = next.toBatch;
  into.toMs = next.toMs;
  into.updates += next.updates;
}
