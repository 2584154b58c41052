/**
 * A plot in characters: the main line in braille, two points across and four up a character; other lines and areas in
 * characters of their own, so that they can be distinguished without colours. Events stand in a row below.
 */
import {
  brailleDot,
  brailleOf,
  inRuns,
  type Row,
  row,
  type Span,
  type Style,
  span,
  wrap,
} from '../base/index.ts';
import { isDrawable } from './axis.ts';
import type { Ink, Plot, PlotMark, PlotSeries } from './document.ts';
import { sampled } from './sampled.ts';
import { styleOfTone } from './terminal-tones.ts';

const styles: Record<Ink, Style> = {
  peak: 'bold',
  held: 'cyan',
  reserved: 'blue',
  cache: 'cyan',
  stranded: 'magenta',
  others: 'blue',
  free: 'dim',
  budget: 'yellow',
  total: 'dim',
  lost: 'yellow',
  fit: 'yellow',
  series: 'cyan',
};
const fills: Partial<Record<Ink, string>> = {
  held: '█',
  cache: '▒',
  stranded: '▓',
  others: '▞',
  free: '·',
  fit: '░',
};
/** Where it is a background to a line, an area is lighter. */
const BACKGROUND = '░';
const strokes: Partial<Record<Ink, string>> = { budget: '┄', total: '─', reserved: '·', fit: '╌' };
const BRAILLE = '⠉⠒⠤';
const EIGHTHS = ' ▁▂▃▄▅▆▇█';

const marks: Record<PlotMark['kind'], { sign: string; name: string }> = {
  refused: { sign: 'R', name: 'refused' },
  spike: { sign: '▲', name: 'spike' },
  restart: { sign: '↻', name: 'new process' },
  failed: { sign: '×', name: 'failed' },
};

const heights: Record<Plot['height'], number> = { whole: 12, half: 6 };
const LEAST_COLUMNS = 16;

class Grid {
  readonly columns: number;
  readonly rows: number;
  readonly #plot: Plot;
  readonly #cells: [text: string, style: Style][];

  constructor(plot: Plot, columns: number) {
    this.#plot = plot;
    this.columns = columns;
    this.rows = heights[plot.height];
    this.#cells = Array.from({ length: this.columns * this.rows }, () => [' ', 'plain']);
  }

  /** Points from the top, of so many points high. */
  yOf(value: number, points: number): number {
    const { min, max } = this.#plot.y;
    return Math.min(points - 1, Math.max(0, Math.round(((max - value) / (max - min || 1)) * (points - 1))));
  }

  columnOf(x: number): number {
    const { min, max } = this.#plot.x;
    return Math.min(this.columns - 1, Math.max(0, Math.floor(((x - min) / (max - min || 1)) * this.columns)));
  }

  put(column: number, row: number, text: string, style: Style): void {
    this.#cells[row * this.columns + column] = [text, style];
  }

  /** The lowest and highest value in each column. */
  #at({ points }: PlotSeries, columns = this.columns) {
    const { min, max } = this.#plot.x;
    return sampled(points, min, max, columns);
  }

  fill(series: PlotSeries, sign: string): void {
    const lows = this.#at({
      ...series,
      points: series.points.map(point => ({
        ...point,
        y: point.y === null ? null : (point.low ?? this.#plot.y.min),
      })),
    });
    this.#at(series).forEach((extent, column) => {
      if (extent === null) return;
      const bottom = this.yOf(lows[column]?.low ?? this.#plot.y.min, this.rows * 8);
      const top = this.yOf(extent.high, this.rows * 8);
      // A row belongs to the part that holds its middle.
      for (let row = 0; row < this.rows; row++) {
        const middle = row * 8 + 4;
        if (middle >= top && middle <= bottom) this.put(column, row, sign, styles[series.ink]);
      }
    });
  }

  stroke(series: PlotSeries, sign: string): void {
    this.#at(series).forEach((extent, column) => {
      if (extent !== null)
        this.put(column, this.yOf(extent.high, this.rows * 4) >> 2, sign, styles[series.ink]);
    });
  }

  bars(series: PlotSeries): void {
    const [zero, points] = [this.yOf(0, this.rows * 8), this.rows * 8];
    const style = styles[series.ink];
    for (const { x, to = x, y } of series.points) {
      if (!isDrawable(y) || y === 0) continue;
      const end = this.yOf(y, points);
      for (let column = this.columnOf(x); column <= this.columnOf(Math.max(x, to - 1e-9)); column++)
        if (y < 0) for (let row = (zero >> 3) + 1; row <= end >> 3; row++) this.put(column, row, '█', style);
        else
          for (let row = end >> 3; row <= zero >> 3; row++) {
            const eighths = Math.min(8, (row + 1) * 8 - end, 8);
            this.put(column, row, EIGHTHS[Math.max(1, eighths)]!, style);
          }
    }
  }

  braille(series: PlotSeries): void {
    const bits = new Uint8Array(this.columns * this.rows);
    const dot = (x: number, y: number) => {
      bits[(y >> 2) * this.columns + (x >> 1)]! |= brailleDot(x, y);
    };
    let previous: { top: number; bottom: number } | null = null;
    const alone = series.shape === 'dots';
    const points = alone ? series.points.flatMap(point => [point, { x: point.x, y: null }]) : series.points;
    this.#at({ ...series, points }, this.columns * 2).forEach((extent, x) => {
      if (extent === null) {
        previous = null;
        return;
      }
      const own = { top: this.yOf(extent.high, this.rows * 4), bottom: this.yOf(extent.low, this.rows * 4) };
      const top = !alone && previous !== null && previous.bottom < own.top ? previous.bottom + 1 : own.top;
      const bottom = !alone && previous !== null && previous.top > own.bottom ? previous.top - 1 : own.bottom;
      for (let y = top; y <= bottom; y++) dot(x, y);
      previous = own;
    });
    bits.forEach((bit, cell) => {
      if (bit !== 0) this.#cells[cell] = [brailleOf(bit), styles[series.ink]];
    });
  }

  row(row: number): Row {
    return inRuns(this.columns, column => this.#cells[row * this.columns + column]!);
  }
}

/** The plot's lines at a width; without its caption. A plot for which there is no room is its title alone. */
function terminalPlot(plot: Plot, width: number): Row[] {
  const { y, series, guides } = plot;
  const title = row(plot.title, 'bold');
  const labels = Math.max(
    ...[...y.ticks, ...guides.map(({ at }) => at)].map(tick => y.format(tick).length),
    y.unit.length > 8 ? 0 : y.unit.length,
  );
  const room = width - labels - 1;
  if (room < LEAST_COLUMNS) return [title];
  const grid = new Grid(plot, room);
  const lines = series.filter(({ shape }) => shape === 'line' || shape === 'dots');
  const isStack = lines.length === 0;
  for (const part of series) {
    if (part.shape === 'bars') grid.bars(part);
    if (part.shape === 'area' || part.shape === 'band')
      grid.fill(part, isStack ? (fills[part.ink] ?? '█') : BACKGROUND);
  }
  for (const { at, tone } of guides)
    for (let column = 0; column < room; column++)
      grid.put(column, grid.yOf(at, grid.rows * 4) >> 2, '┄', styleOfTone[tone]);
  for (const own of lines) if (!own.isMain) grid.stroke(own, strokes[own.ink] ?? '·');
  for (const own of lines) if (own.isMain) grid.braille(own);

  const ticks = new Map(
    guides.map(({ at, tone }): [number, { value: number; style: Style }] => [
      grid.yOf(at, grid.rows * 4) >> 2,
      { value: at, style: styleOfTone[tone] },
    ]),
  );
  for (const value of y.ticks) {
    const row = grid.yOf(value, grid.rows * 4) >> 2;
    if (!ticks.has(row)) ticks.set(row, { value, style: 'dim' });
  }
  const rows = Array.from({ length: grid.rows }, (_, row): Row => {
    const tick = ticks.get(row);
    return [
      span((tick ? y.format(tick.value) : '').padStart(labels), tick?.style ?? 'dim'),
      span(tick ? '┤' : '│', 'dim'),
      ...grid.row(row),
    ];
  });
  return [
    title,
    ...rows,
    axisLine(plot, labels, room),
    ...marksLine(plot, grid, labels),
    ...legend(plot, isStack, labels, room),
  ];
}

/** `└ batch 1 ───── 300`, the first and the last number. */
function axisLine({ x, y }: Plot, labels: number, room: number): Row {
  const isOne = x.ticks.length === 1 && x.max - x.min <= 1;
  const first = ` ${x.unit} ${x.format(isOne ? x.ticks[0]! : x.min)} `;
  const last = isOne ? '' : ` ${x.format(x.max)}`;
  const unit = y.unit.length > 8 ? '' : y.unit;
  const rule = '─'.repeat(Math.max(0, room - first.length - last.length));
  return [span(unit.padStart(labels), 'dim'), span(`└${first}${rule}${last}`.slice(0, room + 1), 'dim')];
}

/** A row that shows when something happened; none where nothing did. */
function marksLine({ marks: happened }: Plot, grid: Grid, labels: number): Row[] {
  if (happened.length === 0) return [];
  const cells = new Array<string>(grid.columns).fill(' ');
  // The rarer kinds are put last, over the others.
  for (const kind of ['refused', 'spike', 'restart', 'failed'] as const)
    for (const mark of happened) if (mark.kind === kind) cells[grid.columnOf(mark.x)] = marks[kind].sign;
  return [[span(' '.repeat(labels + 1)), span(cells.join(''), 'red')]];
}

function signOf({ isMain, shape, ink }: PlotSeries, isStack: boolean): string {
  if (shape === 'area' || shape === 'band') return isStack ? (fills[ink] ?? '█') : BACKGROUND;
  if (isMain) return shape === 'bars' ? '▅' : BRAILLE;
  return (strokes[ink] ?? '·').repeat(2);
}

function legend(
  { series, marks: happened, guides }: Plot,
  isStack: boolean,
  labels: number,
  room: number,
): Row[] {
  const indent = Math.min(8, labels + 2);
  const items = series.map((own): [string, string, Style] => {
    return [signOf(own, isStack), own.name, styles[own.ink]];
  });
  for (const { label, tone } of guides) items.push(['┄┄', label, styleOfTone[tone]]);
  for (const kind of Object.keys(marks) as PlotMark['kind'][])
    if (happened.some(mark => mark.kind === kind)) items.push([marks[kind].sign, marks[kind].name, 'red']);
  const lines: Span[][] = [];
  // A line alone is named by the title.
  if (items.length === 1) return lines;
  let used = 0;
  for (const [sign, name, style] of items) {
    const width = sign.length + 1 + name.length + 2;
    if (lines.length === 0 || used + width > room) {
      lines.push([span(' '.repeat(indent))]);
      used = 0;
    }
    lines.at(-1)!.push(span(sign, style), span(` ${name}  `, 'dim'));
    used += width;
  }
  return lines;
}

/** The plot with its caption, for a page of text. */
export const plotWithCaption = (plot: Plot, width: number): Row[] => [
  ...terminalPlot(plot, width),
  ...wrap(plot.says, width).map(text => row(text, 'dim')),
];
