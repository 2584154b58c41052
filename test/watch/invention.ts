/**
 * Whether what is read of a log stands in it: every number of an event is a number of the text, times its unit.
 */
import { CONTRACT_VERSION, checkEvent } from '../../src/contract/index.ts';
import type { WatchedEvent } from '../../src/watch/index.ts';
import { readLog } from './read-log.ts';

/** Between what is printed and what is stored: units of memory, seconds, percent, a sign, verl's learning rate. */
const FACTORS = [1, -1, 1000, 1e-3, 1e-2, 1024, 1024 ** 2, 1024 ** 3, 1e6, 1e9];
/** Of an event: what is counted or summed up here, and stands in no log. */
const OWN =
  /^(?:batch|step|resolutionBytes|worldSize|unseen|maxBatches|maxSteps|resumedAtBatch|resumedAtStep|signal|exitCode|index|skipped steps)$/;
const NUMBER = /[-+]?(?:\d[\d,]*)?\.?\d+(?:[eE][-+]?\d+)?/g;

function numbersIn(text: string): number[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what it leaves out
  const bare = text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '');
  return [...bare.matchAll(NUMBER)].flatMap(([number]) => {
    const parts = [number.replaceAll(',', ''), ...number.split(','), ...number.split(/[-+]/)];
    return parts.map(Number).filter(Number.isFinite);
  });
}

/** Every number of the payload with its key, but for counts of our own. */
function figuresOf(data: unknown, key = ''): [string, number][] {
  if (typeof data === 'number') return OWN.test(key) ? [] : [[key, data]];
  if (data === null || typeof data !== 'object') return [];
  return Object.entries(data).flatMap(([name, value]) => figuresOf(value, Array.isArray(data) ? key : name));
}

const isNear = (a: number, b: number) =>
  a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) + 0.5 * Number(Math.abs(b) > 1e6);

/** Figures that are a sum or a difference of two that are printed: free memory, both halves of an update, all that is reserved. */
const OF_TWO =
  /^(?:updateMs|deviceFreeBytes|reservedBytes|reservedUnallocatedBytes|processBytes|freeBytes|allocRetries|ooms)$/;
/** The return and length of CleanRL and Acme are means of the episodes that are printed. */
const MEAN = /^(?:rollout\.)?(?:episodicReturn|episodicLength)$/;

/** Figures of the events that the text does not have. @param launched with what a launcher put in front: it names the ranks */
export function inventedIn(text: string, events: WatchedEvent[], name = '', launched = text): string[] {
  const printed = numbersIn(text);
  const ranks = new Set(numbersIn(launched).map(Math.abs));
  const scaled = printed.flatMap(number => FACTORS.map(factor => number * factor));
  const whole = new Set(scaled.map(Math.round));
  const [least, most] = [Math.min(...printed), Math.max(...printed)];
  // torchtitan's `48.11GiB(60.82%)`: the whole of which it is a part.
  const isWhole = (value: number) =>
    printed.some(
      percent =>
        percent > 0 &&
        percent <= 100 &&
        printed.some(gib => isNear(Math.round((100 * Math.round(gib * 2 ** 30)) / percent), value)),
    );
  const isOfTwo = (value: number) =>
    scaled.some(a =>
      [value - a, a - value].some(b => [-1, 0, 1].some(off => whole.has(Math.round(b) + off))),
    );
  return events.flatMap(({ type, data }) =>
    figuresOf(data)
      .filter(([key, value]) => key !== 'rank' || !ranks.has(value))
      .filter(([, value]) => !scaled.some(number => isNear(number, value)))
      // Bytes are whole: `3.1KB` are 3,174.4.
      .filter(([key, value]) => !key.endsWith('Bytes') || !whole.has(value))
      .filter(([key, value]) => !OF_TWO.test(key) || !isOfTwo(value))
      .filter(([key, value]) => key !== 'deviceTotalBytes' || !isWhole(value))
      .filter(
        ([key, value]) =>
          !(/^(?:cleanrl|acme)/.test(name) && MEAN.test(key) && value >= least && value <= most),
      )
      .map(([key, value]) => `${type} ${key} ${value}`),
  );
}

/**
 * What is wrong with what is read of a text: events that are not the contract's, and figures of its own.
 * @param own the text without what was put into it, in which figures have to stand
 */
export function wrongIn(text: string, name = '', own = text): string[] {
  const { events } = readLog(text);
  const broken = events.flatMap(({ rank, type, data, timeMs }, seq) => {
    const event = { v: CONTRACT_VERSION, seq, timeMs, run: 'r', rank, type, data };
    const checked = checkEvent(event);
    return checked === event ? [] : [`${type}: ${JSON.stringify(checked)}`];
  });
  return [...broken, ...inventedIn(own, events, name, text)];
}
