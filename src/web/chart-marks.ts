/** What is drawn over a chart's lines: guides, what happened, what lasted, the forecast. */
import type uPlot from 'uplot';
import type { ChartMark, ChartProps } from './chart-props.ts';

/** A colour of the style sheet, as the theme has it now. */
export const colorOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const glyphs: Record<ChartMark['kind'], string> = {
  failed: '✗',
  completed: '■',
  started: '▸',
  checkpoint: '',
  intervention: '◆',
  refusal: '',
};

/** The fan in the colour of the peaks, which it continues, cut off at the plot's edge. */
export function drawFan(plot: uPlot, { fan = null }: ChartProps): void {
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
export function drawSpans(plot: uPlot, { spans = [] }: ChartProps): void {
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

/** Guides across the plot, and what happened once along it. */
export function drawMarks(plot: uPlot, { spec, marks = [], at = null }: ChartProps): void {
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
    ctx.textAlign = 'right';
    // Two guides may lie close: the lower one's words stand below it.
    const offset = color === 'warning' ? 11 : -4;
    const [text, x] = [`${label} ${spec.format(value)}`, bbox.left + bbox.width - 4];
    // What is drawn behind words makes them hard to read.
    ctx.fillStyle = colorOf('panel');
    ctx.globalAlpha = 0.8;
    const { width } = ctx.measureText(text);
    ctx.fillRect(x - width, y + (offset - 9) * devicePixelRatio, width, 11 * devicePixelRatio);
    ctx.globalAlpha = 1;
    ctx.fillStyle = colorOf(color);
    ctx.fillText(text, x, y + offset * devicePixelRatio);
  }
  ctx.textAlign = 'center';
  for (const { at: value, kind } of marks) {
    if (!inX(value)) continue;
    const x = plot.valToPos(value, 'x', true);
    const wall = kind === 'failed';
    const color = colorOf(wall ? 'critical' : kind === 'intervention' ? 'info' : 'dim');
    if (kind === 'checkpoint' || kind === 'refusal') {
      // There may be hundreds: strokes at the edge leave the lines to be seen.
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

/** Pixels from the cursor within which a mark is described. */
const NEAR = 6;

/** What is at the cursor, in words. */
export function marksNear(plot: uPlot, { marks = [], spans = [] }: ChartProps): string[] {
  const { left } = plot.cursor;
  if (left == null || left < 0) return [];
  const over = spans.filter(
    ({ from, to }) => plot.valToPos(from, 'x') - NEAR <= left && left <= plot.valToPos(to, 'x') + NEAR,
  );
  const near = marks.filter(({ at }) => Math.abs(plot.valToPos(at, 'x') - left) <= NEAR);
  const texts = [
    ...near.map(({ kind, text }) => `${glyphs[kind]} ${text}`.trim()),
    ...over.map(({ text }) => text),
  ];
  return [...new Set(texts)].slice(0, 3);
}
