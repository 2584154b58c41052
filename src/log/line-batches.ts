/**
 * A rank's log in batches that one thread hands to another: the numbers of its lines side by side, with the shapes that they are of, and
 * the events of all other lines. Numbers are handed over without a copy, and an event is made of them where it is wanted.
 */
import { type KnownShape, makerOf } from './event-shapes.ts';
import { RankFile } from './rank-file.ts';
import type { LoggedEvent } from './rank-lines.ts';
import { emptyReport, type ReadReport } from './read-report.ts';

/** Chunks of the file in a batch: a megabyte of text. */
const CHUNKS = 16;
/** Room for a batch's numbers at first. */
const NUMBERS = 128 * 1024;
/** In `order`: the next of the other lines. */
const OTHER = -1;

export interface LineBatch {
  /** Of each event its shape, by the shape's number; OTHER: the next of `others`. */
  order: Int32Array;
  numbers: Float64Array;
  others: LoggedEvent[];
  /** Shapes that were met for the first time; they are numbered as they come. */
  shapes: { literal: string; texts: readonly string[]; length: number }[];
  /** Bytes that are read, and what was met in them, from the beginning of the log. */
  offset: number;
  report: ReadReport;
}

/** The batches of a log; the last has what was found at its end. Never throws. */
export function* lineBatches(path: string): Generator<LineBatch> {
  const report = emptyReport();
  const known = new WeakMap<KnownShape, number>();
  let shapeCount = 0;
  let { numbers, order, others, shapes } = emptyBatch();
  let used = 0;
  let taken = 0;
  let chunks = 0;
  const addOthers = (count: number) => {
    for (; taken < count; taken++) order.push(OTHER);
  };
  const file = new RankFile(path, report, undefined, undefined, (met, before) => {
    addOthers(before);
    let number = known.get(met);
    if (number === undefined) {
      number = shapeCount++;
      known.set(met, number);
      shapes.push({ literal: met.literal, texts: met.texts, length: met.shape.values.length });
    }
    order.push(number);
    const { values } = met.shape;
    if (used + values.length > numbers.length) numbers = grown(numbers);
    numbers.set(values, used);
    used += values.length;
  });
  const batch = (): LineBatch => ({
    order: Int32Array.from(order),
    numbers: numbers.subarray(0, used),
    others,
    shapes,
    offset: file.place.offset,
    report,
  });
  file.open();
  for (let events = file.read(); events !== null; events = file.read()) {
    addOthers(events.length);
    taken = 0;
    for (const event of events) others.push(event);
    if (++chunks < CHUNKS) continue;
    yield batch();
    ({ numbers, order, others, shapes } = emptyBatch());
    used = 0;
    chunks = 0;
  }
  file.finish();
  file.close();
  yield batch();
}

const emptyBatch = () => ({
  numbers: new Float64Array(NUMBERS),
  order: [] as number[],
  others: [] as LoggedEvent[],
  shapes: [] as LineBatch['shapes'],
});

function grown(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const more = new Float64Array(numbers.length * 2);
  more.set(numbers);
  return more;
}

/** Makes the events of a log's batches. */
export class BatchEvents {
  readonly #shapes: { make: ReturnType<typeof makerOf>; texts: readonly string[]; length: number }[] = [];

  /** Hands on the events of the next batch, one by one. */
  read({ order, numbers, others, shapes }: LineBatch, take: (event: LoggedEvent) => void): void {
    for (const { literal, ...shape } of shapes) this.#shapes.push({ ...shape, make: makerOf(literal) });
    let [at, other] = [0, 0];
    for (let i = 0; i < order.length; i++) {
      const place = order[i]!;
      if (place === OTHER) {
        take(others[other++]!);
        continue;
      }
      const { make, texts, length } = this.#shapes[place]!;
      take(make(numbers, at, texts));
      at += length;
    }
  }
}
