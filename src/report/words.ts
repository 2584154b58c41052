/** Figures in the words of a report: ranges with their confidence, times. */
import { amount, NOT_MEASURED, UNKNOWN } from '../base/index.ts';
import type { Attribution, DeviceReport, Interval, RunState } from '../contract/index.ts';
import { beyondDevice } from '../figures/index.ts';
import { milliseconds, share } from '../present/index.ts';

/** How a run is, or how it ended. */
export const runStates: Readonly<Record<RunState, string>> = {
  waiting: 'not started',
  running: 'running',
  completed: 'completed',
  interrupted: 'interrupted',
  failed: 'failed',
  unknown: 'end unknown',
  gone: 'its trainer ended without a final event',
};

/** A pressure, as its record writes it; `isUpperBound`: at most so much. */
export const pressureText = (fraction: number | null, isUpperBound = false): string =>
  fraction === null ? NOT_MEASURED : `${isUpperBound ? '≤' : ''}${fraction.toFixed(2)}`;

/** `8% [3%, 11%]`: the likeliest value, and the range that holds the true one. */
export const within = ({ low, mid, high }: Interval, format: (value: number) => string): string =>
  `${format(mid)} [${format(low)}, ${format(high)}]`;

/** A device's lost time in a word: the share where there is evidence of it, else why there is none. */
export const lostTime = ({ status, lostFraction }: Attribution): string =>
  status === 'evidence' && lostFraction !== null ? share(lostFraction.mid) : status;

/** Milliseconds, which may be fewer than none. */
export const time = (ms: number): string => (ms < 0 ? `−${milliseconds(-ms)}` : milliseconds(ms));

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Date, time of day and zone: 2026-11-23 06:12:03 UTC. `timeZone`: an IANA name; null for this machine’s own. */
export function dateTime(ms: number, timeZone: string | null): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return UNKNOWN;
  const key = timeZone ?? '';
  let clock = clocks.get(key);
  if (clock === undefined) {
    const [date, two] = ['numeric', '2-digit'] as const;
    clock = new Intl.DateTimeFormat('sv-SE', {
      ...(timeZone === null ? {} : { timeZone }),
      ...{ year: date, month: two, day: two, hour: two, minute: two, second: two, timeZoneName: 'short' },
    });
    clocks.set(key, clock);
  }
  return clock.format(ms);
}

/** A peak and what it was of, or that it cannot have been. */
export function peakOf(
  { totalBytes }: DeviceReport,
  { peakBytes, budgetBytes }: { peakBytes: number; budgetBytes: number },
): string {
  const impossible = beyondDevice(peakBytes, totalBytes);
  return impossible === null
    ? `${amount(peakBytes)} of the ${amount(budgetBytes)} available to it`
    : `${amount(peakBytes)}, which ${impossible}`;
}
