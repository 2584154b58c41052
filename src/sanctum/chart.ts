/**
 * A line chart in braille: two points across and four up a character. Null is a gap, never a zero. A series
 * longer than the chart keeps every column's lowest and highest value, so that no peak is lost.
 */
import { brailleDot, brailleOf, inRuns, type Row, type Style, span } from '../base/index.ts';
import type { Scale } from './scale.ts';

export interface ChartGuide {
  at: number;
  style: Style;
  label: string;
}

export interface TerminalChart {
  series: readonly (number | null)[];
  /** A second line, as long as the series, that the first is held against; named at its newest value. */
  limit?: { series: readonly (number | null)[]; style: Style; label: string };
  /** Numbers at the two ends of the horizontal axis; null for none. */
  from: number | null;
  to: number | null;
  unit: string;
  /** Of the vertical axis: `GiB`, `%`; empty for a figure without one. */
  valueUnit: string;
  /** Columns and rows of the whole chart, axes included. */
  width: number;
  height: number;
  scale: Scale;
  guides: readonly ChartGuide[];
  format: (value: number) => string;
  styleOf: (value: number) => Style;
}

/** Points that a chart is wide at least: a run’s first updates do not fill it. */
const LEAST_POINTS = 32;
interface Range {
  low: number;
  high: number;
}

/** The lowest and highest value in every column of points; null where nothing was measured. */
export function columnsOf(series: readonly (number | null)[], width: number): (Range | null)[] {
  const slots = Math.max(series.length, LEAST_POINTS);
  if (slots > width) {
    return Array.from({ length: width }, (_, x) => {
      const part = series.slice(Math.floor((x * slots) / width), Math.floor(((x + 1) * slots) / width));
      const known = part.filter(value => value !== null);
      return known.length > 0 ? { low: Math.min(...known), high: Math.max(...known) } : null;
    });
  }
  return Array.from({ length: width }, (_, x) => {
    const at = width === 1 ? 0 : (x * (slots - 1)) / (width - 1);
    const nearest = series[Math.round(at)] ?? null;
    const before = series[Math.floor(at)] ?? null;
    const after = series[Math.ceil(at)] ?? null;
    if (before !== null && after !== null) {
      const value = before + (after - before) * (at - Math.floor(at));
      return { low: value, high: value };
    }
    const isOwnColumn = Math.round((Math.round(at) * (width - 1)) / Math.max(1, slots - 1)) === x;
    return nearest !== null && isOwnColumn ? { low: nearest, high: nearest } : null;
  });
}

/** Calls `dot` for every point of the line, [column, row] of points, and the value there. */
function trace(
  series: readonly (number | null)[],
  width: number,
  yOf: (value: number) => number,
  dot: (x: number, y: number, range: Range, isOwn: boolean) => void,
): void {
  let previous: { top: number; bottom: number } | null = null;
  columnsOf(series, width).forEach((range, x) => {
    if (range === null) {
      previous = null;
      return;
    }
    let top = yOf(range.high);
    let bottom = yOf(range.low);
    const own = { top, bottom };
    // Steep steps are drawn through, so that the line never breaks between two measured points.
    if (previous !== null && previous.top > bottom) bottom = previous.top - 1;
    if (previous !== null && previous.bottom < top) top = previous.bottom + 1;
    for (let y = top; y <= bottom; y++) dot(x, y, range, y === own.top);
    previous = own;
  });
}

/** The plot alone: `width` × `height` characters. */
function plot(
  { series, limit, scale: { min, max }, guides, styleOf }: TerminalChart,
  width: number,
  height: number,
): Row[] {
  const bits = new Uint8Array(width * height);
  const limitBits = new Uint8Array(width * height);
  const tops = new Float64Array(width * height).fill(-Infinity);
  const rows = height * 4;
  const yOf = (value: number) =>
    Math.min(rows - 1, Math.max(0, Math.round(((max - value) / (max - min || 1)) * (rows - 1))));
  const cellOf = (x: number, y: number) => (y >> 2) * width + (x >> 1);

  trace(series, width * 2, yOf, (x, y, range, isOwn) => {
    const cell = cellOf(x, y);
    bits[cell]! |= brailleDot(x, y);
    const value = max - (y / Math.max(1, rows - 1)) * (max - min);
    tops[cell] = Math.max(tops[cell]!, isOwn ? range.high : value);
  });
  // Every other point: the limit is no measurement of the run's own.
  trace(limit?.series ?? [], width * 2, yOf, (x, y) => {
    if (x % 2 === 0) limitBits[cellOf(x, y)]! |= brailleDot(x, y);
  });

  const guideAt = new Map(guides.map(guide => [yOf(guide.at) >> 2, guide]));
  return Array.from({ length: height }, (_, y) => {
    const guide = guideAt.get(y);
    return inRuns(width, x => {
      const cell = y * width + x;
      // Where both run through a character it has the main line's style.
      const all = bits[cell]! | limitBits[cell]!;
      const braille = brailleOf(all);
      if (bits[cell] !== 0) return [braille, styleOf(tops[cell]!)];
      if (all !== 0) return [braille, limit!.style];
      return guide ? ['┄', guide.style] : [' ', 'plain'];
    });
  });
}

/** The chart with its axes: `height` rows of `width` columns; empty where there is no room for one. */
export function chart(options: TerminalChart): Row[] {
  const { series, limit, from, to, unit, valueUnit, width, scale, guides, format } = options;
  const { min, max } = scale;
  const height = options.height - 1;
  const newestLimit = limit?.series.findLast(value => value !== null) ?? null;
  const named = [
    ...guides.map(({ at, style, label }) => ({ at, style, label })),
    ...(limit && newestLimit !== null ? [{ at: newestLimit, style: limit.style, label: limit.label }] : []),
  ];
  const labels = Math.max(
    valueUnit.length,
    ...[...scale.ticks, ...guides.map(g => g.at)].map(value => format(value).length),
  );
  const words = width >= 44 ? Math.max(0, ...named.map(({ label }) => label.length + 1)) : 0;
  const room = width - labels - 1 - words;
  if (height < 2 || room < 8) return [];

  const rowOf = (value: number) =>
    Math.min(height - 1, Math.max(0, Math.round(((max - value) / (max - min || 1)) * (height * 4 - 1)) >> 2));
  const ticks = new Map<number, { text: string; style: Style }>();
  const shown = new Set<string>();
  const add = (value: number, style: Style) => {
    const text = format(value);
    // Two ticks that read alike would make two heights look one.
    if (shown.has(text)) return;
    shown.add(text);
    ticks.set(rowOf(value), { text, style });
  };
  for (const { at, style } of guides) if (!ticks.has(rowOf(at))) add(at, style);
  for (const value of [min, max, ...scale.ticks]) {
    const y = rowOf(value);
    const free = [y - 1, y, y + 1].every(near => !ticks.has(near));
    const atEnd = (value === min || value === max) && !ticks.has(y);
    if (free || atEnd) add(value, 'dim');
  }
  const wordAt = new Map(named.map(one => [rowOf(one.at), one]));

  const rows = plot(options, room, height).map((cells, y): Row => {
    const tick = ticks.get(y);
    const word = words > 0 ? wordAt.get(y) : undefined;
    return [
      span((tick?.text ?? '').padStart(labels), tick?.style ?? 'dim'),
      span(tick ? '┤' : '│', 'dim'),
      ...cells,
      ...(word ? [span(` ${word.label}`, word.style)] : []),
    ];
  });
  return [...rows, [span(valueUnit.padStart(labels), 'dim'), ...axis(from, to, unit, room, series.length)]];
}

/** `└ batch 1 ─────────── 84 ──`, the newest number under the newest point. */
function axis(from: number | null, to: number | null, unit: string, room: number, points: number): Row {
  if (from === null || to === null) return [span(`└${'─'.repeat(room)}`, 'dim')];
  const first = ` ${unit} ${from} `;
  const last = ` ${to} `;
  const end = Math.max(1, Math.ceil((Math.min(points, LEAST_POINTS) / LEAST_POINTS) * room));
  const start = Math.min(room - last.length, Math.max(first.length + 1, end - last.length));
  if (points < 2 || start < first.length)
    return [span(`└${`${first}`.padEnd(room, '─').slice(0, room)}`, 'dim')];
  const line = `${first}${'─'.repeat(start - first.length)}${last}`.padEnd(room, '─');
  return [span(`└${line.slice(0, room)}`, 'dim')];
}
