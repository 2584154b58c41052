/** Where the numbers of a line's shape go: which are figures as they are, and which are parts of readings that figures are made of. */
import {
  batchOf,
  eachLearnerSeries,
  eachOwnFigure,
  learnerFields,
  numberBounds,
  ownSeries,
  type TelemetryEvent,
  type WireValue,
} from '../contract/index.ts';
import { counterNames } from '../figures/index.ts';
import { LineShape } from '../log/index.ts';
import { memoryFigures } from './chart-points.ts';

/** Where the numbers of a shape go. */
export interface Plan {
  shape: LineShape;
  /** The event of the shape's first line, whose readings get each line's numbers. */
  event: TelemetryEvent;
  /** Null: no point. */
  point: {
    seq: number;
    timeMs: number;
    batch: number;
    /** Numbers that are figures as they are. */
    direct: readonly { slot: number; name: string }[];
    /** Numbers of readings that a figure or a count is made of, and the fields that they are put into. */
    memory: readonly { slot: number; reading: Record<string, unknown>; key: string }[];
    /** Columns of the part that is read, one for each of `direct`; null until the first point of the part. */
    columns: Float64Array[] | null;
  } | null;
}

/** Figures of an update that stand in its event as they are. */
export function eachFigure(event: TelemetryEvent, take: (name: string, value: number) => void): void {
  if (event.type !== 'PPO_UPDATE_COMPLETED' && event.type !== 'STEP_COMPLETED') return;
  const put = (name: string, value: WireValue) => {
    if (typeof value === 'number') take(name, value);
  };
  eachLearnerSeries(event.type === 'STEP_COMPLETED' ? 'step' : 'update', event.data, put);
  eachOwnFigure(event, (name, value) => put(ownSeries(name), value));
}

/** Null where the lines of this shape must be parsed one by one. */
export function planOf(line: Buffer, event: TelemetryEvent, rank: number): Plan | null {
  // A byte order mark is none but at the beginning of a file.
  if (line[0] === 0xef) return null;
  const bounds = (path: readonly string[]) =>
    // The rank is the file's.
    path.length === 1 && path[0] === 'rank'
      ? { least: rank, most: rank, isWhole: true }
      : numberBounds(event.type, path);
  const shape = LineShape.of(line, bounds);
  if (shape === null) return null;
  if (batchOf(event) === null) return { shape, event, point: null };
  const slotOf = new Map(shape.slots.map(({ path }, slot) => [path.join('\0'), slot]));
  const at = (...path: string[]) => slotOf.get(path.join('\0'));
  const isStep = event.type === 'STEP_COMPLETED';
  const [seq, timeMs, batch] = [at('seq'), at('timeMs'), at('data', isStep ? 'step' : 'batch')];
  if (seq === undefined || timeMs === undefined || batch === undefined) return null;
  const direct = new Map<number, string>();
  eachLearnerSeries(isStep ? 'step' : 'update', event.data as never, (name, value) => {
    const fields = learnerFields[name] as { update: string; step?: string };
    const slot = at('data', ...(isStep ? fields.step! : fields.update).split('.'));
    if (typeof value === 'number' && slot !== undefined) direct.set(slot, name);
  });
  eachOwnFigure(event, (name, value) => {
    const slot = at('data', 'extra', name);
    if (typeof value === 'number' && slot !== undefined) direct.set(slot, ownSeries(name));
    else if (name === 'tokens/s') direct.set(at('data', 'tokensPerSecond')!, ownSeries(name));
  });
  let figures = 0;
  eachFigure(event, () => figures++);
  // Each figure has its number, or the line is parsed: a name that stands in two places, for one.
  if (figures !== direct.size || new Set(direct.values()).size !== figures) return null;
  const { memory = [] } = event.data as { memory?: Record<string, unknown>[] };
  const used = memory.map(fieldsRead);
  const places = shape.slots.flatMap(({ path: [data, name, index, key, more] }, slot) =>
    data === 'data' &&
    name === 'memory' &&
    key !== undefined &&
    more === undefined &&
    used[Number(index)]!.has(key)
      ? [{ slot, reading: memory[Number(index)]!, key }]
      : [],
  );
  return {
    shape,
    event,
    point: {
      seq,
      timeMs,
      batch,
      direct: [...direct].map(([slot, name]) => ({ slot, name })),
      memory: places,
      columns: null,
    },
  };
}

/** Fields of a reading that its figures and its counts are made of. */
function fieldsRead(reading: Record<string, unknown>): Set<string> {
  const read = new Set<string>(counterNames);
  const watched = new Proxy(reading, {
    get(target, key) {
      read.add(String(key));
      return target[String(key)];
    },
  });
  memoryFigures(watched as Parameters<typeof memoryFigures>[0], () => {});
  return read;
}
