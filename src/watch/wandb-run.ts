/**
 * The file of a W&B run → events of a run, in two passes: what the run is, then what happened in it. Records of `wandb.log` are read by the
 * table of names that every log is read by; what the client measured of the devices are the driver's figures. What W&B did not
 * record is left out.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DeviceSample } from '../contract/index.ts';
import { dialectOf } from './dialects.ts';
import type { Figures } from './figures.ts';
import type { Outlet } from './format.ts';
import { recordFigures } from './formats/json-lines.ts';
import { knownKeys } from './known-keys.ts';
import { isCount } from './printed.ts';
import type { WatchedEvent } from './reader-options.ts';
import { RecordReader } from './record-reader.ts';
import { type FailureOf, RunLife } from './run-life.ts';
import { eachWandbRecord, type WandbFileEnd, type WandbValues } from './wandb-file.ts';

/** Key under which a record's number stands: W&B's own counter, or the metric that the run draws over. */
const COUNTER = '_step';
const MIB = 1024 ** 2;

/** What a file holds of its run, of all its records. */
export interface WandbFacts {
  id: string | null;
  name: string | null;
  host: string | null;
  startMs: number | null;
  config: WandbValues;
  /** Exit status of the process; null where the file has none: it was ended, or runs still. */
  exitCode: number | null;
  /** Records of `wandb.log`. */
  records: number;
  /** Samples of the devices or the process. */
  samples: number;
  end: WandbFileEnd;
  /** Metrics that others are drawn over, in the order of their definition. */
  over: readonly string[];
  /** Whether a record is an update of a policy: those that are not are then figures beside it. */
  hasUpdates: boolean;
}

/** The first pass. Throws what the file system throws. */
export function wandbFacts(path: string): WandbFacts {
  const facts = {
    ...{ id: null, name: null, host: null, startMs: null, exitCode: null },
    ...{ config: {}, records: 0, samples: 0, hasUpdates: false, end: { problem: null, torn: false } },
  } as WandbFacts;
  const over = new Set<string>();
  facts.end = eachWandbRecord(path, record => {
    if (record.kind === 'history') {
      facts.records++;
      if (!facts.hasUpdates) {
        const figures = figuresOf(record.values);
        facts.hasUpdates = dialectOf(figures).isUpdate(figures);
      }
    } else if (record.kind === 'stats') facts.samples++;
    else if (record.kind === 'config') Object.assign(facts.config, record.values);
    else if (record.kind === 'metric') {
      if (record.over !== '' && record.over !== COUNTER) over.add(record.over);
    } else if (record.kind === 'exit') facts.exitCode = record.code;
    else {
      facts.id = record.id || facts.id;
      facts.name = record.name || facts.name;
      facts.host = record.host || facts.host;
      facts.startMs = record.startMs ?? facts.startMs;
      Object.assign(facts.config, record.config);
    }
  });
  // The client's own notes.
  delete facts.config._wandb;
  return { ...facts, over: [...over] };
}

export interface WandbImport {
  facts: WandbFacts;
  /** The run's name here. */
  name: string;
  /** For the run's configuration, without secrets. */
  config: Record<string, unknown>;
  /** Time of what has none, until something has one, milliseconds since the epoch. */
  beganMs: number;
  onEvent(event: WatchedEvent): void;
  onNotice(notice: string): void;
}

/** The second pass. Gives the number of events. */
export function importWandb(
  path: string,
  { facts, name, config, beganMs, onEvent, onNotice }: WandbImport,
): number {
  let timeMs = beganMs;
  let events = 0;
  const life = new RunLife((rank, type, data) => {
    events++;
    onEvent({ rank, type, data, timeMs: type === 'TRAINING_STARTED' ? beganMs : timeMs });
  });
  life.begin({ name, facts: facts.host === null ? {} : { hostname: facts.host }, config });
  const noted = new Set<string>();
  const beside = (figures: Record<string, unknown>, batch: number | null) => {
    if (Object.keys(figures).length > 0) life.beside(0, 'FIGURES_LOGGED', { batch, figures });
  };
  const out: Outlet = {
    facts: () => {},
    update: data => {
      if (!life.report(0, 'PPO_UPDATE_COMPLETED', data)) beside(data.extra ?? {}, data.batch);
    },
    step: data => {
      if (!life.report(0, 'STEP_COMPLETED', data)) beside(data.extra ?? {}, data.step);
    },
    memory: data => life.sample(0, data),
    devices: data => life.devices(data),
    host: data => life.beside(0, 'HOST_SAMPLED', data),
    figures: data => beside(data.figures, data.batch ?? null),
    last: () => {},
    reached: () => {},
    begins: () => {},
    finished: () => {},
    almost: why => {
      if (!noted.has(why)) onNotice(`${path}: ${why}.`);
      noted.add(why);
    },
  };
  const reader = new RecordReader(new Map(), COUNTER);
  const devices = devicesBeside(path);
  eachWandbRecord(path, record => {
    if (record.kind === 'history') {
      const { _timestamp: seconds } = record.values;
      if (typeof seconds === 'number' && seconds > 0) timeMs = Math.floor(seconds * 1000);
      const figures = figuresOf(record.values);
      if (facts.hasUpdates && !dialectOf(figures).isUpdate(figures)) {
        beside(Object.fromEntries([...figures].map(([key, { value }]) => [key, value])), null);
        return;
      }
      const over = facts.over.find(key => isCount(figures.get(key)?.value));
      const number = over === undefined ? record.step : (figures.get(over)!.value as number);
      if (over !== undefined && knownKeys[over] === undefined) figures.delete(over);
      figures.set(COUNTER, { value: number, text: `${number}` });
      reader.take(figures, out);
    } else if (record.kind === 'stats') {
      timeMs = record.timeMs ?? timeMs;
      const sampled = devicesIn(record.values, devices);
      if (sampled.length > 0) life.devices({ devices: sampled });
      const rss = numberOf(record.values, 'proc.memory.rssMB');
      if (rss !== null) life.beside(0, 'HOST_SAMPLED', { processRssBytes: Math.round(rss * MIB) });
    }
  });
  reader.end();
  if (events === 0) return 0;
  if (facts.exitCode === 0) life.lastWords();
  life.end('ended', failureOf(facts));
  return events;
}

/** A process that ended with an exit status other than 0; how, is not in the file. */
function failureOf({ exitCode }: WandbFacts): FailureOf | null {
  if (exitCode === null || exitCode === 0) return null;
  const message = `the process ended with exit status ${exitCode}, as W&B recorded it`;
  const ending = { kind: 'launcher', by: 'wandb', exitCode, evidence: `exit status ${exitCode}` };
  return { data: { errorType: null, message, ending }, rank: null };
}

/** A record's numbers, without the client's own and without images, histograms and the like. */
function figuresOf(values: WandbValues): Figures {
  const own = Object.entries(values).filter(
    ([key, value]) =>
      !/^_(?:step|timestamp|runtime|wandb)$/.test(key) &&
      !(value !== null && typeof value === 'object' && '_type' in value),
  );
  return recordFigures(Object.fromEntries(own));
}

/** `gpu.0.memoryAllocatedBytes` is what all processes hold, `gpu.0.gpu` the share of time in which a kernel ran. */
const DEVICE_KEY = /^(?:system\.)?gpu\.(\d{1,4})\.(\w+)$/;
const DEVICE_FIELDS: Readonly<
  Record<string, 'usedBytes' | 'utilizationPercent' | 'temperatureCelsius' | 'powerWatts'>
> = {
  memoryAllocatedBytes: 'usedBytes',
  gpu: 'utilizationPercent',
  temp: 'temperatureCelsius',
  powerWatts: 'powerWatts',
};

function devicesIn(values: WandbValues, known: readonly Partial<DeviceSample>[]): DeviceSample[] {
  const devices = new Map<number, DeviceSample>();
  for (const [key, value] of Object.entries(values)) {
    const [, index, name] = DEVICE_KEY.exec(key) ?? [];
    const field = Object.hasOwn(DEVICE_FIELDS, name ?? '') ? DEVICE_FIELDS[name!] : undefined;
    if (field === undefined || typeof value !== 'number' || value < 0) continue;
    if (field === 'utilizationPercent' && value > 100) continue;
    if (field === 'usedBytes' && !isCount(value)) continue;
    const at = Number(index);
    devices.set(at, { index: at, ...known[at], ...devices.get(at), [field]: value });
  }
  return [...devices.values()];
}

const numberOf = (values: WandbValues, key: string): number | null => {
  const value = values[key] ?? values[`system.${key}`];
  return typeof value === 'number' && value >= 0 ? value : null;
};

/** Names and totals of the devices, from `files/wandb-metadata.json` beside the run; none where it is not there or no such document. */
function devicesBeside(path: string): Partial<DeviceSample>[] {
  let listed: unknown;
  try {
    const text = readFileSync(join(dirname(path), 'files', 'wandb-metadata.json'), 'utf8');
    listed = (JSON.parse(text) as { gpu_nvidia?: unknown }).gpu_nvidia;
  } catch {
    return [];
  }
  if (!Array.isArray(listed)) return [];
  return listed.map((device: Record<string, unknown> | null) => {
    const [total, { name, uuid }] = [Number(device?.memoryTotal), device ?? {}];
    return {
      ...(typeof name === 'string' && { name }),
      ...(typeof uuid === 'string' && { uuid }),
      ...(isCount(total) && total > 0 && { totalBytes: total }),
    };
  });
}
