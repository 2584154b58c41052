/** A plot as SVG, with its legend: lines distinguished by dashes and widths as well as by colour, events by their shape. */
import { isDrawable } from './axis.ts';
import type { Plot, PlotMark, PlotPoint, PlotSeries } from './document.ts';
import { coordinate as c, escaped } from './markup.ts';

const WIDTH = 760;
const heights: Record<Plot['height'], number> = { whole: 250, half: 150 };
const LEFT = 58;
/** Room for the names of thresholds; the same in every plot, so that what is above each other happened together. */
const RIGHT = 92;
const TOP = 10;
/** Room for the axis, and above it a row for events. */
const BOTTOM = 34;
const EVENTS = 12;

interface Frame {
  x: (value: number) => number;
  y: (value: number) => number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  height: number;
}

function frameOf({ x, y, height, marks }: Plot): Frame {
  const whole = heights[height];
  const bottom = whole - BOTTOM - (marks.some(({ kind }) => kind !== 'spike') ? EVENTS : 0);
  const right = WIDTH - RIGHT;
  const across = (right - LEFT) / (x.max - x.min || 1);
  const up = (bottom - TOP) / (y.max - y.min || 1);
  const inside = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  return {
    x: value => inside(LEFT + (value - x.min) * across, LEFT, right),
    y: value => inside(bottom - (value - y.min) * up, TOP, bottom),
    left: LEFT,
    right,
    top: TOP,
    bottom,
    height: whole,
  };
}

/** Stretches of points without a gap. */
function runs(points: readonly PlotPoint[]): (PlotPoint & { y: number })[][] {
  const all: (PlotPoint & { y: number })[][] = [];
  let isGap = true;
  for (const point of points) {
    if (!isDrawable(point.y)) {
      isGap = true;
      continue;
    }
    if (isGap) all.push([]);
    all.at(-1)!.push(point as PlotPoint & { y: number });
    isGap = false;
  }
  return all;
}

const path = (points: readonly string[]): string => (points.length === 0 ? '' : `M${points.join('L')}`);

function drawn({ shape, ink, points, isMain }: PlotSeries, { x, y, bottom }: Frame): string {
  const own = `class="${shape} ${ink}${isMain ? ' main' : ''}"`;
  switch (shape) {
    case 'line': {
      const d = runs(points).map(run => {
        const [only] = run;
        // A single point is a short stroke, or it would not be seen.
        if (run.length === 1) return `M${c(x(only!.x) - 1.5)},${c(y(only!.y))}h3`;
        return path(run.map(point => `${c(x(point.x))},${c(y(point.y))}`));
      });
      return `<path ${own} d="${d.join('')}"/>`;
    }
    case 'area':
    case 'band': {
      const d = runs(points).map(run => {
        const wide =
          run.length > 1
            ? run
            : [
                { ...run[0]!, x: run[0]!.x - 0.5 },
                { ...run[0]!, x: run[0]!.x + 0.5 },
              ];
        const upper = wide.map(point => `${c(x(point.x))},${c(y(point.y))}`);
        const lower = wide
          .toReversed()
          .map(point => `${c(x(point.x))},${c(point.low === undefined ? bottom : y(point.low))}`);
        return `${path([...upper, ...lower])}Z`;
      });
      return `<path ${own} d="${d.join('')}"/>`;
    }
    case 'bars': {
      const d = points.flatMap(({ x: from, to = from, y: value }) => {
        if (!isDrawable(value) || value === 0) return [];
        const width = Math.max(1, x(to) - x(from) - 0.3);
        return [`M${c(x(from))},${c(y(0))}V${c(y(value))}h${c(width)}V${c(y(0))}Z`];
      });
      return `<path ${own} d="${d.join('')}"/>`;
    }
    case 'dots': {
      const d = points.flatMap(({ x: at, y: value }) =>
        isDrawable(value) ? [`M${c(x(at))},${c(y(value))}h0`] : [],
      );
      return `<path ${own} d="${d.join('')}"/>`;
    }
  }
}

const tooltip = (text: string): string => `<title>${escaped(text)}</title>`;

function markDrawn({ kind, x: at, y: value, says }: PlotMark, { x, y, bottom, top }: Frame): string {
  const [px, row] = [x(at), bottom + EVENTS / 2 + 1];
  switch (kind) {
    case 'spike': {
      const py = value === null ? bottom : y(value);
      return `<path class="mark spike" d="M${c(px)},${c(py - 3)}l5,-8h-10Z">${tooltip(says)}</path>`;
    }
    case 'refused':
      return `<path class="mark refused" d="M${c(px)},${c(row - 4)}v8">${tooltip(says)}</path>`;
    case 'restart':
      return `<path class="mark restart" d="M${c(px)},${c(top)}V${c(row + 4)}">${tooltip(says)}</path>`;
    case 'failed':
      return `<path class="mark failed" d="M${c(px)},${c(top)}V${c(row)}M${c(px - 5)},${c(row - 5)}l10,10m0,-10l-10,10">${tooltip(says)}</path>`;
  }
}

function axes({ x, y }: Plot, frame: Frame): string {
  const { left, right, bottom, height } = frame;
  const rules = y.ticks.map(tick => {
    const at = c(frame.y(tick));
    return `<path class="rule" d="M${left},${at}H${right}"/><text class="tick" x="${left - 6}" y="${at}" dy=".32em" text-anchor="end">${escaped(y.format(tick))}</text>`;
  });
  const axisY = height - BOTTOM;
  const ticks = x.ticks.map(tick => {
    const at = c(frame.x(tick));
    return `<path class="axis" d="M${at},${axisY}v4"/><text class="tick" x="${at}" y="${axisY + 15}" text-anchor="middle">${escaped(x.format(tick))}</text>`;
  });
  const name = `<text class="tick" x="${(left + right) / 2}" y="${height - 4}" text-anchor="middle">${escaped(x.unit)}</text>`;
  return `${rules.join('')}<path class="axis" d="M${left},${c(bottom)}H${right}"/>${ticks.join('')}${name}`;
}

/** Thresholds, each with its name behind its right end. */
function guidesDrawn({ guides }: Plot, frame: Frame): string {
  return guides
    .map(({ at, label, tone }) => {
      const y = frame.y(at);
      return `<path class="guide ${tone}" d="M${frame.left},${c(y)}H${frame.right}"/><text class="guide-name" x="${frame.right + 5}" y="${c(y)}" dy=".32em">${escaped(label)}</text>`;
    })
    .join('');
}

const markNames: Record<PlotMark['kind'], string> = {
  refused: 'memory refused',
  spike: 'spike',
  restart: 'a new process',
  failed: 'failed',
};

/** A line or a patch as it is drawn, and its name. */
function key(sample: string, name: string): string {
  return `<li><svg width="26" height="12" viewBox="0 0 26 12" aria-hidden="true">${sample}</svg>${escaped(name)}</li>`;
}

function legend({ series, marks }: Plot): string {
  const shapes: Record<PlotSeries['shape'], string> = {
    line: 'd="M1,6H25"',
    dots: 'd="M5,6h0M13,6h0M21,6h0"',
    area: 'd="M1,1H25V11H1Z"',
    band: 'd="M1,1H25V11H1Z"',
    bars: 'd="M4,11V5h5V11ZM11,11V1h5V11Z"',
  };
  const lines = series.map(({ shape, ink, isMain, name }) =>
    key(`<path class="${shape} ${ink}${isMain ? ' main' : ''}" ${shapes[shape]}/>`, name),
  );
  const signs: Record<PlotMark['kind'], string> = {
    refused: '<path class="mark refused" d="M13,2v8"/>',
    spike: '<path class="mark spike" d="M13,11l5,-8h-10Z"/>',
    restart: '<path class="mark restart" d="M13,0V12"/>',
    failed: '<path class="mark failed" d="M8,1l10,10m0,-10l-10,10"/>',
  };
  const kinds = (Object.keys(signs) as PlotMark['kind'][]).filter(kind =>
    marks.some(mark => mark.kind === kind),
  );
  const items = [...lines, ...kinds.map(kind => key(signs[kind], markNames[kind]))];
  return items.length > 1 ? `<ul class="legend">${items.join('')}</ul>` : '';
}

/** Areas first, then lines, the main one last. */
const order = ({ shape, isMain }: PlotSeries): number =>
  shape === 'line' || shape === 'dots' ? (isMain ? 2 : 1) : 0;

/** The figure; `id` is unique on its page. */
export function svgPlot(plot: Plot, id: string): string {
  const frame = frameOf(plot);
  const series = plot.series.toSorted((a, b) => order(a) - order(b));
  const marked = plot.marks.map(mark => markDrawn(mark, frame)).join('');
  return `<figure>
<figcaption><strong>${escaped(plot.title)}</strong> <span>${escaped(plot.says)}</span></figcaption>
<div class="plot" tabindex="0" role="group" aria-label="${escaped(plot.title)}">
<svg viewBox="0 0 ${WIDTH} ${frame.height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${escaped(plot.title)}</title><desc id="${id}-d">${escaped(plot.says)}</desc>
${axes(plot, frame)}${series.map(own => drawn(own, frame)).join('')}${guidesDrawn(plot, frame)}${marked}
</svg></div>
${legend(plot)}
</figure>`;
}
