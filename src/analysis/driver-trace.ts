/**
 * What the driver's own tools sampled of each device (`nvidia-smi` beside a training, or alone), in bounded memory → a finding, for where no
 * allocator was read. The driver counts caches and all processes: that it grows may be a cache that fills, so it is never certain.
 */
import { amount, MIB } from '../base/index.ts';
import type { DeviceProcess, DeviceSample, Finding } from '../contract/index.ts';
import { duration, many, share } from '../present/index.ts';
import { beyondNeighbours, isUnused, USE_OTHERS } from './beyond-neighbours.ts';
import { guestsOn, type Held, heldBeyond } from './held-beyond.ts';
import { textFinding } from './text-finding.ts';
import { theilSen } from './theil-sen.ts';
import { unlistedOn } from './unlisted-memory.ts';

const MOST_DEVICES = 64;
const MOST_PROCESSES = 16;
/** Points that are kept of a device; beyond, every second is dropped. */
const MOST_POINTS = 256;
/** Samples that a trend needs to be found, and to be likely. */
const ENOUGH = 6;
const MANY = 12;
const FULL = 0.95;
/** Share of the device below which a change is none. */
const STILL = 0.01;
const GROWN = 0.02;
/** Share of the whole rise that the last third has where it still grows. */
const STILL_GROWING = 0.1;

/** What was read over some samples, bytes. */
interface Readings {
  first: number;
  last: number;
  most: number;
  samples: number;
}

interface Traced extends Readings {
  total: number | null;
  points: { sample: number; timeMs: number; used: number }[];
  every: number;
  processes: Map<number, Readings & { name: string | null }>;
  /** Whether it is what its processes hold, and not what is in use. */
  isSum: boolean;
}

export class DriverTrace {
  #devices = new Map<string, Traced>();

  take(devices: readonly DeviceSample[], timeMs: number): void {
    for (const [i, sample] of devices.entries()) {
      const { index, uuid, pciBusId, usedBytes, totalBytes, processes } = sample;
      const used = usedBytes ?? heldBy(processes ?? []);
      if (used === null) continue;
      const key = index != null ? `${index}` : (uuid ?? pciBusId ?? (devices.length === 1 ? '' : `${i}`));
      const traced = this.#devices.get(key) ?? this.#add(key, usedBytes == null);
      if (traced === null) continue;
      traced.total ??= totalBytes ?? null;
      if (traced.samples % traced.every === 0) traced.points.push({ sample: traced.samples, timeMs, used });
      if (traced.points.length > MOST_POINTS) {
        traced.points = traced.points.filter((_, at) => at % 2 === 0);
        traced.every *= 2;
      }
      step(traced, used);
      for (const process of processes ?? []) this.#process(traced, process);
    }
  }

  /** A sentence a device, and one for each of its processes. */
  get evidence(): string[] {
    return [...this.#devices].flatMap(([key, traced]) => [
      `${nameOf(key)}: ${readingsText(traced)}${traced.total === null ? '' : `, of ${amount(traced.total)}`}, in ${many(traced.samples, 'sample')}${traced.isSum ? ', by its processes' : ''}.`,
      ...[...traced.processes].map(
        ([pid, process]) =>
          `${nameOf(key)}, process ${pid}${process.name === null ? '' : ` (${process.name})`}: ${readingsText(process)}.`,
      ),
    ]);
  }

  /** Of the device that is nearest to its end; null where nothing was sampled. */
  finding(): Finding | null {
    const all = [...this.#devices];
    if (all.length === 0) return null;
    const [key, fullest] = all.reduce((a, b) => (fullness(b[1]) > fullness(a[1]) ? b : a));
    const grown = all
      .flatMap(([name, traced]) => {
        const growth = growthOf(traced);
        return growth === null ? [] : [{ name, traced, growth }];
      })
      .sort((a, b) => fullness(b.traced) - fullness(a.traced))[0];
    const isFull = fullest.total !== null && fullest.most >= FULL * fullest.total;
    const growth = grown === undefined ? '' : growthText(grown.name, grown.traced, grown.growth);
    const beyond = beyondOf(key, fullest, all);
    const evidence = this.evidence;
    if (isFull)
      return textFinding({
        kind: 'full',
        confidence: 'likely',
        says: `${nameOf(key)} was nearly full: ${amount(fullest.most)} of ${amount(fullest.total)} (${share(fullest.most / fullest.total!)}) in use.${beyond.says}${growth === '' ? '' : ` ${growth}`}${sharers(fullest)}`,
        evidence,
        next: [
          ...beyond.next,
          ...(isAlone(fullest, all) ? [USE_OTHERS] : []),
          ...(growth === '' ? [] : LEAK),
          WHAT_IT_COUNTS,
        ],
      });
    if (grown !== undefined)
      return textFinding({
        kind: 'growth',
        confidence: grown.traced.samples >= MANY ? 'likely' : 'possible',
        says: `${growth}${sharers(grown.traced)}`,
        evidence,
        next: [...LEAK, WHAT_IT_COUNTS],
      });
    const of =
      fullest.total === null
        ? '; how much it has is not in the text'
        : ` of ${amount(fullest.total)} (${share(fullest.most / fullest.total)})`;
    const isSteady = all.every(([, traced]) => isStill(traced));
    return textFinding({
      kind: isSteady ? 'steady' : 'unmeasured',
      confidence: isSteady ? 'likely' : 'possible',
      isRead: !isSteady,
      says:
        fullest.total === null
          ? `${nameOf(key)} had most in use, ${amount(fullest.most)}${of}${isSteady ? '; it does not grow' : ''}.${beyond.says}`
          : `No device was full: the fullest${key === '' ? '' : `, ${key},`} had ${amount(fullest.most)}${of} in use${isSteady ? ', and none grows' : ''}.${beyond.says}${beyond.isUneven ? sharers(fullest) : ''}`,
      evidence,
      next: [...beyond.next, WHAT_IT_COUNTS],
    });
  }

  #add(key: string, isSum: boolean): Traced | null {
    if (this.#devices.size >= MOST_DEVICES) return null;
    const traced: Traced = {
      ...{ first: -1, last: 0, most: 0, samples: 0 },
      ...{ total: null, points: [], every: 1, processes: new Map(), isSum },
    };
    this.#devices.set(key, traced);
    return traced;
  }

  #process({ processes }: Traced, { pid, name, usedBytes }: DeviceProcess): void {
    if (pid == null || usedBytes == null) return;
    let own = processes.get(pid);
    if (own === undefined) {
      if (processes.size >= MOST_PROCESSES) return;
      own = { first: -1, last: 0, most: 0, samples: 0, name: name ?? null };
      processes.set(pid, own);
    }
    step(own, usedBytes);
  }
}

/** How far one device is beyond its neighbours, which are not idle: it runs out before they do. Who holds that, by the processes that were sampled. */
function beyondOf(
  key: string,
  fullest: Traced,
  all: readonly [string, Traced][],
): { isUneven: boolean; says: string; next: string[] } {
  const others = all.filter(([, traced]) => traced !== fullest).map(([, { last }]) => last);
  const beyond = fullest.total === null ? null : beyondNeighbours(fullest.last, others, fullest.total);
  const held = all.flatMap(heldOn);
  const known = beyond === null ? guestsOn(held) : heldBeyond(held, Number(key), beyond / MIB);
  const unlisted = unlistedBy(key, fullest, held);
  const isKnown = known !== null && (!('isCertain' in known) || known.isCertain === true);
  const who = isKnown || unlisted === null || unlisted.mib < (beyond ?? 0) / MIB / 2 ? known : unlisted;
  const uneven =
    beyond === null
      ? ''
      : ` ${nameOf(key)} holds ${amount(beyond)} more than its neighbours: it runs out first.`;
  return {
    isUneven: beyond !== null,
    says: `${uneven}${who === null ? '' : ` ${who.says}`}`,
    next: who?.next ?? [],
  };
}

/** What none of its processes hold; of a device that is counted, whose processes were all kept. */
const unlistedBy = (key: string, { last, total, processes, isSum }: Traced, held: readonly Held[]) =>
  total === null || isSum || processes.size >= MOST_PROCESSES
    ? null
    : unlistedOn(held, {
        index: Number(key),
        usedMib: Math.round(last / MIB),
        totalMib: Math.round(total / MIB),
      });

/** Whether nobody used any of the others, of which there are some. */
const isAlone = (fullest: Traced, all: readonly [string, Traced][]): boolean =>
  all.length > 1 &&
  all.every(
    ([, traced]) => traced === fullest || (traced.total !== null && isUnused(traced.most, traced.total)),
  );

/** What each process held at last; of devices that are counted. */
const heldOn = ([key, { processes }]: readonly [string, Traced]): Held[] =>
  /^\d{1,3}$/.test(key)
    ? [...processes].map(([pid, { name, last }]) => ({
        index: Number(key),
        pid,
        name: name ?? 'unnamed',
        usedMib: Math.round(last / MIB),
      }))
    : [];

const WHAT_IT_COUNTS =
  'This is what the driver counts, caches and all processes included: the trainer’s own log beside it (esper watch LOG) shows what tensors need.';
const LEAK = [
  'See whether the trainer’s tensors grow, or its cache fills: esper run -- COMMAND records PyTorch’s allocator, and esper explain reads a memory snapshot.',
];

function step(readings: Readings, used: number): void {
  if (readings.samples++ === 0) readings.first = used;
  readings.last = used;
  readings.most = Math.max(readings.most, used);
}

function heldBy(processes: readonly DeviceProcess[]): number | null {
  const held = processes.flatMap(({ usedBytes }) => usedBytes ?? []);
  return held.length === 0 ? null : held.reduce((a, b) => a + b, 0);
}

const nameOf = (key: string) => (key === '' ? 'The device' : `Device ${key}`);
const readingsText = ({ first, last, most }: Readings) =>
  `${amount(first)} in use at first, ${amount(last)} at last, ${amount(most)} at most`;
const fullness = ({ most, total }: Traced) => (total === null ? most / 2 ** 60 : most / total);
const sizeOf = ({ most, total }: Traced) => total ?? most;

function thirds(values: readonly number[]): [number[], number[]] {
  const third = Math.floor(values.length / 3);
  return [values.slice(0, third), values.slice(-third)];
}

/** Bytes a sample; null where it does not grow to the end. */
function growthOf(traced: Traced): number | null {
  const { points, first, last } = traced;
  if (points.length < ENOUGH || last - first < GROWN * sizeOf(traced)) return null;
  const used = points.map(point => point.used);
  const [begin, end] = thirds(used);
  if (Math.max(...begin) >= Math.min(...end)) return null;
  if (end.at(-1)! - end[0]! < STILL_GROWING * (last - first)) return null;
  const { slope } = theilSen(
    points.map(point => point.sample),
    used,
  );
  return slope > 0 ? slope : null;
}

/** Whether it stays where it is; what it rose to at first is no matter. */
function isStill({ points, ...traced }: Traced): boolean {
  if (points.length < ENOUGH) return false;
  const late = points.slice(Math.floor(points.length / 2)).map(({ used }) => used);
  return Math.max(...late) - Math.min(...late) <= STILL * sizeOf({ points, ...traced });
}

function growthText(key: string, { first, last, samples, points, total }: Traced, slope: number): string {
  const tookMs = points.at(-1)!.timeMs - points[0]!.timeMs;
  const over = tookMs >= 1000 ? ` in ${duration(tookMs)}` : '';
  const left = total === null || last >= FULL * total ? null : Math.ceil((total - last) / slope);
  const until = left === null ? '' : `; at that pace it is full after ${many(left, 'more sample')}`;
  return `${nameOf(key)} grew from ${amount(first)} to ${amount(last)} over ${many(samples, 'sample')}${over}, ${amount(slope)} a sample, to the end${until}.`;
}

/** Whose it is, where processes were sampled: the one that grew most, and the largest of the others. */
function sharers({ processes }: Traced): string {
  const all = [...processes].sort(([, a], [, b]) => b.last - b.first - (a.last - a.first) || b.most - a.most);
  if (all.length === 0) return '';
  const text = ([pid, { name }]: (typeof all)[number]) =>
    `process ${pid}${name === null ? '' : ` (${name})`}`;
  const [first, ...others] = all;
  const largest = others.sort(([, a], [, b]) => b.most - a.most)[0];
  const grew = first![1].last > first![1].first;
  const beside = largest === undefined ? '' : `; beside it ${text(largest)} holds ${amount(largest[1].last)}`;
  return grew
    ? ` It is ${text(first!)} that grows${beside}.`
    : ` Largest: ${[first!, ...others]
        .sort(([, a], [, b]) => b.most - a.most)
        .slice(0, 2)
        .map(one => `${text(one)} ${amount(one[1].last)}`)
        .join(', ')}.`;
}
