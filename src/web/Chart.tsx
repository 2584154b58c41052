/** @jsxImportSource preact */
/**
 * One chart of uPlot. Of every bucket both extremes are drawn, so a spike of one update shows at any zoom. Drag to
 * zoom, shift-drag to pan, click for the moment; all charts of a page share their cursor and their range.
 */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { type Said, UNKNOWN } from '../records/index.ts';
import type { Mark } from '../serve/index.ts';
import type { ChartSpec, Line } from './charts.ts';

/** x, then minimum and maximum of each line. */
export interface ChartData {
  x: number[];
  lines: { min: (number | null)[]; max: (number | null)[] }[];
}

/** Something that happened once. */
export interface ChartMark {
  kind: Mark['kind'] | 'refusal';
  text: string;
  at: number;
}

/** Something that lasted. */
export interface ChartSpan {
  from: number;
  to: number;
  level: 'warning' | 'critical';
  text: string;
}

/** Where a figure may go from its newest place (x, from): to the value `to` somewhere between low and high. */
export interface Fan {
  x: number;
  from: number;
  to: number;
  low: number;
  mid: number;
  high: number;
}

export interface ChartProps {
  spec: ChartSpec;
  data: ChartData;
  /** The newest value of a chart of one line, where it is known better than by the newest bucket. */
  newest?: Said | null;
  /** Shown range of x. */
  range: [number, number];
  x: 'batch' | 'time' | 'elapsed';
  /** Charts of one key share a cursor. */
  syncKey: string;
  marks?: ChartMark[];
  spans?: ChartSpan[];
  fan?: Fan | null;
  /** x of the moment that is looked at. */
  at?: number | null;
  height: number;
  theme: string;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  onPick?: (index: number) => void;
  onMeaning?: (record: string) => void;
}

const colorOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** A place on the x axis in words. */
export function xText(value: number, x: ChartProps['x']): string {
  if (x === 'batch') return Math.round(value).toLocaleString('en-US');
  if (x === 'time') return clock.format(value);
  const seconds = Math.round(value / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Without the unit, and without digits that say nothing. */
const tickText = (text: string): string =>
  text
    .replace(/ .*/, '')
    .replace(/(\.\d*?)0+(?=\D|$)/, '$1')
    .replace(/\.(?=\D|$)/, '');

function options(props: ChartProps, element: HTMLElement, now: { current: ChartProps }): uPlot.Options {
  const { spec, x, height, syncKey } = props;
  const ink = colorOf('dim');
  const grid = { stroke: colorOf('grid'), width: 1 };
  const font = '11px system-ui, sans-serif';
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  spec.lines.forEach(({ color, dash, label }, i) => {
    const stroke = colorOf(color);
    const line: uPlot.Series = {
      label,
      stroke,
      width: spec.stacked ? 1 : 1.5,
      dash,
      points: { show: pointsWhereFew },
    };
    if (spec.stacked) {
      series.push({ ...line, show: true, width: 0, points: { show: false } });
      series.push({ ...line, fill: i === 0 ? `${stroke}cc` : undefined, points: { show: false } });
      if (i > 0) bands.push({ series: [2 * i + 2, 2 * i], fill: `${stroke}${color === 'free' ? '' : 'cc'}` });
    } else {
      series.push({ ...line, points: { show: false } }, line);
      bands.push({ series: [2 * i + 2, 2 * i + 1], fill: `${stroke}55` });
    }
  });
  return {
    width: Math.max(120, element.clientWidth),
    height,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    series,
    bands,
    cursor: {
      sync: { key: syncKey, setSeries: false },
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: 5 },
      // Double click resets all charts of the page, not this one alone.
      bind: {
        dblclick: () => () => {
          now.current.onReset();
          return null;
        },
      },
    },
    scales: {
      x: { time: false, range: () => now.current.range },
      y: { range: (_, min, max) => yRange(now.current.spec, min, max) },
    },
    axes: [
      {
        stroke: ink,
        grid,
        ticks: grid,
        font,
        size: 26,
        space: x === 'batch' ? 60 : 80,
        incrs:
          x === 'batch'
            ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6]
            : undefined,
        values: (_, splits) => splits.map(value => xText(value, x)),
      },
      {
        stroke: ink,
        grid,
        ticks: grid,
        font,
        size: 58,
        incrs:
          spec.unit === 'GiB'
            ? [0.01, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100].map(g => g * 2 ** 30)
            : undefined,
        values: (_, splits) => splits.map(value => tickText(spec.format(value))),
      },
    ],
    hooks: {
      setSelect: [
        plot => {
          const { left, width } = plot.select;
          if (width < 4) return;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          now.current.onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
        },
      ],
      setCursor: [plot => tellLegend(plot, now.current, element)],
      draw: [
        plot => {
          drawFan(plot, now.current);
          drawSpans(plot, now.current);
          drawMarks(plot, now.current);
        },
      ],
    },
  };
}

/** Dots where there are few enough to tell apart, as after a zoom to single updates. */
function pointsWhereFew(plot: uPlot, _: number, from: number, to: number): boolean {
  return to - from < plot.bbox.width / devicePixelRatio / 14;
}

function yRange(spec: ChartSpec, min: number | null, max: number | null): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, spec.reach ?? 1];
  // A guide is shown once figures come near it: else it would flatten them.
  const near = (spec.guides ?? [])
    .map(({ at }) => at)
    .filter(at => spec.reach !== undefined || at <= max + (max - min) * 2);
  let low = spec.fromZero ? Math.min(0, min) : Math.min(min, ...near);
  let high = Math.max(max, spec.reach ?? max, ...near);
  if (low === high) [low, high] = [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
  const air = (high - low) * 0.06;
  return [spec.fromZero && low >= 0 ? low : low - air, spec.reach === high ? high : high + air];
}

const glyphs: Record<ChartMark['kind'], string> = {
  failed: '✗',
  completed: '■',
  started: '▸',
  checkpoint: '',
  intervention: '◆',
  refusal: '',
};

/** The fan in the colour of the peaks, which it continues, cut off at the plot's edge. */
function drawFan(plot: uPlot, { fan = null }: ChartProps): void {
  if (fan === null) return;
  const { ctx, bbox } = plot;
  const place = (x: number, y: number): [number, number] => [
    plot.valToPos(x, 'x', true),
    plot.valToPos(y, 'y', true),
  ];
  const color = colorOf('vermilion');
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = `${color}33`;
  ctx.beginPath();
  ctx.moveTo(...place(fan.x, fan.from));
  ctx.lineTo(...place(fan.low, fan.to));
  ctx.lineTo(...place(fan.high, fan.to));
  ctx.fill();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(...place(fan.x, fan.from));
  ctx.lineTo(...place(fan.mid, fan.to));
  ctx.stroke();
  ctx.fillStyle = colorOf('dim');
  ctx.textAlign = 'left';
  ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  const left = place(fan.x, fan.from)[0] + 5 * devicePixelRatio;
  ctx.fillText('forecast', left, bbox.top + bbox.height - 5 * devicePixelRatio);
  ctx.restore();
}

/** Bars over the plot: what lasted, the worse over the lesser. */
function drawSpans(plot: uPlot, { spans = [] }: ChartProps): void {
  const { ctx, bbox } = plot;
  const [height, gap] = [3 * devicePixelRatio, 5 * devicePixelRatio];
  const inside = (x: number) => Math.max(bbox.left, Math.min(bbox.left + bbox.width, x));
  ctx.save();
  for (const level of ['warning', 'critical'] as const) {
    ctx.fillStyle = colorOf(level);
    for (const span of spans.filter(own => own.level === level)) {
      const [from, to] = [span.from, span.to].map(at => inside(plot.valToPos(at, 'x', true))) as [
        number,
        number,
      ];
      // However short it was, it is seen.
      if (to > bbox.left && from < bbox.left + bbox.width)
        ctx.fillRect(from, bbox.top - gap, Math.max(2 * devicePixelRatio, to - from), height);
    }
  }
  ctx.restore();
}

function drawMarks(plot: uPlot, { spec, marks = [], at = null }: ChartProps): void {
  const { ctx, bbox } = plot;
  const line = (from: [number, number], to: [number, number], color: string, dash: number[], width = 1) => {
    ctx.strokeStyle = color;
    ctx.lineWidth = width * devicePixelRatio;
    ctx.setLineDash(dash.map(length => length * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(...from);
    ctx.lineTo(...to);
    ctx.stroke();
  };
  const inX = (value: number) => value >= plot.scales.x!.min! && value <= plot.scales.x!.max!;
  ctx.save();
  ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  for (const { at: value, label, color } of spec.guides ?? []) {
    if (value < plot.scales.y!.min! || value > plot.scales.y!.max!) continue;
    const y = plot.valToPos(value, 'y', true);
    line([bbox.left, y], [bbox.left + bbox.width, y], colorOf(color), [5, 4]);
    ctx.fillStyle = colorOf(color);
    ctx.textAlign = 'right';
    // Two guides may lie close: the lower one's words stand below it.
    const offset = color === 'warning' ? 11 : -4;
    ctx.fillText(`${label} ${spec.format(value)}`, bbox.left + bbox.width - 4, y + offset * devicePixelRatio);
  }
  ctx.textAlign = 'center';
  for (const { at: value, kind } of marks) {
    if (!inX(value)) continue;
    const x = plot.valToPos(value, 'x', true);
    const wall = kind === 'failed';
    const color = colorOf(wall ? 'critical' : kind === 'intervention' ? 'info' : 'dim');
    if (kind === 'checkpoint' || kind === 'refusal') {
      // There may be hundreds: strokes at the edge leave the course to be seen.
      const [foot, length] = kind === 'checkpoint' ? [bbox.top + bbox.height, -6] : [bbox.top, 8];
      line(
        [x, foot],
        [x, foot + length * devicePixelRatio],
        colorOf(kind === 'refusal' ? 'critical' : 'dim'),
        [],
      );
      continue;
    }
    line([x, bbox.top], [x, bbox.top + bbox.height], color, wall ? [] : [2, 3]);
    ctx.fillStyle = color;
    ctx.fillText(glyphs[kind], x, bbox.top + 9 * devicePixelRatio);
  }
  if (at !== null && inX(at)) {
    const x = plot.valToPos(at, 'x', true);
    line([x, bbox.top], [x, bbox.top + bbox.height], colorOf('ink'), [], 1.5);
  }
  ctx.restore();
}

/** Newest values, or those under the cursor. A bucket of several points shows both its extremes. */
function tellLegend(plot: uPlot, props: ChartProps, element: HTMLElement): void {
  const { spec, data, x } = props;
  const index = plot.cursor.idx ?? null;
  const place = element.parentElement?.querySelector('.chart-x');
  if (place)
    place.textContent =
      index === null
        ? ''
        : [`${x === 'batch' ? 'batch ' : ''}${xText(data.x[index]!, x)}`, ...marksNear(plot, props)].join(
            ' · ',
          );
  spec.lines.forEach((_, i) => {
    const cell = element.parentElement?.querySelector(`[data-line="${i}"]`);
    if (cell) cell.textContent = index === null ? newestText(props, i) : valueText(spec, data, i, index);
  });
}

/** Pixels from the cursor within which a mark is told of. */
const NEAR = 6;

function marksNear(plot: uPlot, { marks = [], spans = [] }: ChartProps): string[] {
  const { left } = plot.cursor;
  if (left == null || left < 0) return [];
  const over = spans.filter(
    ({ from, to }) => plot.valToPos(from, 'x') - NEAR <= left && left <= plot.valToPos(to, 'x') + NEAR,
  );
  const near = marks.filter(({ at }) => Math.abs(plot.valToPos(at, 'x') - left) <= NEAR);
  const said = [
    ...near.map(({ kind, text }) => `${glyphs[kind]} ${text}`.trim()),
    ...over.map(({ text }) => text),
  ];
  return [...new Set(said)].slice(0, 3);
}

function newestText({ spec, data, newest }: ChartProps, i: number): string {
  if (newest) return newest.text;
  const last = lastKnown(data, i);
  return last === null ? UNKNOWN : valueText(spec, data, i, last);
}

/** Where a line ends: of runs that are compared, one may be shorter than the other. */
function lastKnown({ lines }: ChartData, i: number): number | null {
  const index = lines[i]!.max.findLastIndex(value => value != null);
  return index === -1 ? null : index;
}

function valueText(spec: ChartSpec, { lines }: ChartData, i: number, at: number): string {
  const max = lines[i]!.max[at] ?? null;
  if (spec.stacked && i > 0 && max !== null) return spec.format(max - below(lines, i, at));
  const min = lines[i]!.min[at] ?? null;
  const [low, high] = [spec.format(min), spec.format(max)];
  return low === high || spec.stacked ? high : `${low} … ${high}`;
}

/** The nearest line below that was measured there: a part that is unknown belongs to the one above it. */
function below(lines: ChartData['lines'], i: number, at: number): number {
  for (let j = i - 1; j >= 0; j--) {
    const value = lines[j]!.max[at];
    if (value != null) return value;
  }
  return 0;
}

/** In a stack an unmeasured line lies on the one below it, so that areas meet. */
function columns({ spec, data }: ChartProps): uPlot.AlignedData {
  const stackedMax = (i: number) =>
    data.lines[i]!.max.map((value, at) => value ?? (below(data.lines, i, at) || null));
  return [
    data.x,
    ...data.lines.flatMap(({ min, max }, i) => (spec.stacked ? [stackedMax(i), stackedMax(i)] : [min, max])),
  ] as uPlot.AlignedData;
}

export function Chart(props: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const now = useRef(props);
  now.current = props;
  const { spec, x, height, theme, syncKey } = props;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot is made anew only when its options change.
  useEffect(() => {
    const host = element.current!;
    const made = new uPlot(options(now.current, host, now), columns(now.current), host);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: Math.max(120, host.clientWidth), height }));
    resize.observe(host);
    const unbind = bindPointer(made, now);
    return () => {
      resize.disconnect();
      unbind();
      made.destroy();
      plot.current = null;
    };
  }, [spec, x, height, theme, syncKey]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what a drawing depends on.
  useLayoutEffect(() => {
    if (plot.current === null) return;
    plot.current.setData(columns(now.current));
    tellLegend(plot.current, now.current, element.current!);
  }, [
    props.data,
    props.range[0],
    props.range[1],
    props.at,
    props.marks,
    props.spans,
    props.newest?.text,
    props.fan,
  ]);

  return (
    <figure class={`chart${spec.wide ? ' wide' : ''}`} data-chart={spec.id}>
      <figcaption>
        <Heading {...props} />
        {headingLine(spec) === null && (
          <ul class="legend">
            {spec.lines.map((line, i) => (
              <LegendEntry key={line.figure} line={line} index={i} {...props} />
            ))}
          </ul>
        )}
        <span class="chart-x dim" aria-hidden="true" />
      </figcaption>
      <div
        class="plot"
        ref={element}
        role="img"
        aria-label={`${spec.title}: ${spec.lines.map(({ label }, i) => `${label} ${newestText(props, i)}`).join(', ')}`}
      />
    </figure>
  );
}

/** The line of a chart that has no other, and is called as the chart: its heading is legend enough. */
const headingLine = ({ title, lines: [first, ...others] }: ChartSpec): Line | null =>
  first !== undefined && others.length === 0 && first.label.toLowerCase() === title.toLowerCase()
    ? first
    : null;

function Heading(props: ChartProps) {
  const { spec, newest, onMeaning } = props;
  const only = headingLine(spec);
  const record = only?.record;
  return (
    <h2>
      {record && onMeaning ? (
        <button type="button" class="meaning" title="What is this figure?" onClick={() => onMeaning(record)}>
          {spec.title}
        </button>
      ) : (
        spec.title
      )}{' '}
      {only && (
        <b data-line="0" class={newest ? `tone-${newest.tone}` : ''}>
          {newestText(props, 0)}
        </b>
      )}
      {spec.unit && <span class="dim"> {spec.unit}</span>}
    </h2>
  );
}

function LegendEntry({ line, index, ...props }: ChartProps & { line: Line; index: number }) {
  const { onMeaning } = props;
  const swatch = (
    <svg class="swatch" width="18" height="8" aria-hidden="true">
      {line.fill ? (
        <rect width="18" height="8" fill={`var(--${line.color})`} />
      ) : (
        <line
          x1="0"
          y1="4"
          x2="18"
          y2="4"
          stroke={`var(--${line.color})`}
          stroke-width="2.5"
          stroke-dasharray={line.dash?.join(' ')}
        />
      )}
    </svg>
  );
  const { record } = line;
  return (
    <li>
      {swatch}{' '}
      {record && onMeaning ? (
        <button type="button" class="meaning" title="What is this figure?" onClick={() => onMeaning(record)}>
          {line.label}
        </button>
      ) : (
        <span class="dim">{line.label}</span>
      )}{' '}
      <b data-line={index}>{newestText(props, index)}</b>
    </li>
  );
}

/** Click for a moment, shift-drag to pan. */
function bindPointer(plot: uPlot, now: { current: ChartProps }): () => void {
  let downX = 0;
  let panFrom: [number, number] | null = null;
  const perPixel = () => (now.current.range[1] - now.current.range[0]) / plot.over.clientWidth;
  const down = (event: MouseEvent) => {
    downX = event.clientX;
    if (!event.shiftKey || event.button !== 0) return;
    panFrom = now.current.range;
    event.stopImmediatePropagation();
  };
  const move = (event: MouseEvent) => {
    if (panFrom === null) return;
    const by = (downX - event.clientX) * perPixel();
    now.current.onZoom(panFrom[0] + by, panFrom[1] + by);
  };
  const up = () => {
    panFrom = null;
  };
  const click = (event: MouseEvent) => {
    const index = plot.cursor.idx;
    if (Math.abs(event.clientX - downX) < 4 && !event.shiftKey && index != null) now.current.onPick?.(index);
  };
  plot.over.addEventListener('mousedown', down, { capture: true });
  addEventListener('mousemove', move);
  addEventListener('mouseup', up);
  plot.over.addEventListener('click', click);
  return () => {
    removeEventListener('mousemove', move);
    removeEventListener('mouseup', up);
  };
}
