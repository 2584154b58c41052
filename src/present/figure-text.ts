/** Figures in words, the same on every screen: short, of a steady width, and never a number where nothing was measured. */
import { UNKNOWN } from '../base/index.ts';

const SUPERSCALE: readonly [number, string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** About three significant digits: 312.4, 0.011, 2.1e-4, 21.4k. */
export function short(value: number | null): string {
  if (value === null) return UNKNOWN;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.00095) return value.toExponential(1);
  if (size < 0.995) return value.toFixed(3);
  if (size < 99.95) return value.toFixed(2);
  if (size < 999.95) return value.toFixed(1);
  return scaled(value);
}

/** A count or a rate: 950, 21.4k, 1.2M, and 3.8e+20 beyond all letters. */
export function scaled(value: number | null): string {
  if (value === null) return UNKNOWN;
  const size = Math.abs(value);
  if (size < 999.5) return value.toFixed(0);
  if (size >= 999.95e12) return value.toExponential(1);
  const [unit, letter] = SUPERSCALE.find(([unit]) => size >= unit * 0.9995) ?? [1e3, 'k'];
  return `${(value / unit).toFixed(1)}${letter}`;
}

/** A figure that is not finite, as programs print it; one of which that is all that is known is NaN. */
export const nonFiniteText = (value: string | undefined): string =>
  value === 'Infinity' ? 'inf' : value === '-Infinity' ? '-inf' : 'NaN';

/** Percent, no decimals: the form of the record's `:.0f`. */
export const percent = (value: number | null): string => (value === null ? UNKNOWN : `${value.toFixed(0)}%`);

/** Milliseconds in the unit a person would choose: 0.02 ms, 47 ms, 1.3 s. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms < 9.95) return `${ms.toFixed(ms < 0.995 ? 2 : 1)} ms`;
  return ms < 999.5 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(ms < 99_950 ? 1 : 0)} s`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** A duration as hh:mm:ss; days in front where there are any. `--:--:--` where two times are further apart than a number goes. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '--:--:--';
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return days > 0 ? `${days}d ${clock}` : clock;
}

/** How long ago, in one unit: 7 s, 12 min, 19 h, 3 d. */
export function age(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Time of day hh:mm:ss. `timeZone`: an IANA name; null for this machine’s own. */
export function timeOfDay(ms: number, timeZone: string | null): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return '--:--:--';
  if (timeZone === null) {
    const date = new Date(ms);
    return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  }
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium' });
    clocks.set(timeZone, clock);
  }
  return clock.format(ms);
}
