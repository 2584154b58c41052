/** A chart in uPlot's terms: its lines, axes and scales, and what the pointer does on it. */
import type uPlot from 'uplot';
import { isFlat, isSparse } from '../base/index.ts';
import { colorOf, drawFan, drawMarks, drawSpans, marksNear } from './chart-marks.ts';
import type { ChartProps } from './chart-props.ts';
import { below, newestText, valueText, xText, xTexts, yTexts } from './chart-values.ts';
import type { ChartSpec } from './charts.ts';

/** @param now what the chart is given at present: its options outlive a drawing */
export function options(
  props: ChartProps,
  element: HTMLElement,
  now: { current: ChartProps },
): uPlot.Options {
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
      gaps: gapsWhereDense,
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
        values: (_, splits) => xTexts(splits, x, now.current.counted),
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
        values: (_, splits) => yTexts(spec, splits),
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
      setCursor: [plot => updateLegend(plot, now.current, element)],
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

/** Dots where there are few enough to see each, as after a zoom to single updates. */
function pointsWhereFew(plot: uPlot, _: number, from: number, to: number): boolean {
  return to - from < plot.bbox.width / devicePixelRatio / 14;
}

/** A line through the values of a sparse series, which alone would not be seen; elsewhere null is a gap. */
function gapsWhereDense(
  plot: uPlot,
  at: number,
  from: number,
  to: number,
  gaps: uPlot.Series.Gaps,
): uPlot.Series.Gaps {
  return isSparse(plot.data[at]!.slice(from, to + 1)) ? [] : gaps;
}

function yRange(spec: ChartSpec, min: number | null, max: number | null): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, spec.reach ?? 1];
  // A guide is shown once figures come near it: else it would flatten them.
  const near = (spec.guides ?? [])
    .map(({ at }) => at)
    .filter(at => spec.reach !== undefined || at <= max + (max - min) * 2);
  let low = spec.fromZero ? Math.min(0, min) : Math.min(min, ...near);
  let high = Math.max(max, spec.reach ?? max, ...near);
  // A constant is a line, not what rounding makes of it.
  if (isFlat(low, high)) [low, high] = [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
  const air = (high - low) * 0.06;
  return [spec.fromZero && low >= 0 ? low : low - air, spec.reach === high ? high : high + air];
}

/** In a stack an unmeasured line lies on the one below it, so that areas meet. */
export function chartColumns({ spec, data }: ChartProps): uPlot.AlignedData {
  const stackedMax = (i: number) =>
    data.lines[i]!.max.map((value, at) => value ?? (below(data.lines, i, at) || null));
  return [
    data.x,
    ...data.lines.flatMap(({ min, max }, i) => (spec.stacked ? [stackedMax(i), stackedMax(i)] : [min, max])),
  ] as uPlot.AlignedData;
}

/** Newest values, or those under the cursor. A bucket of several points shows both its extremes. */
export function updateLegend(plot: uPlot, props: ChartProps, element: HTMLElement): void {
  const { spec, data, x, counted } = props;
  const index = plot.cursor.idx ?? null;
  const place = element.parentElement?.querySelector('.chart-x');
  if (place)
    place.textContent =
      index === null
        ? ''
        : [
            `${x === 'batch' ? `${counted} ` : ''}${xText(data.x[index]!, x)}`,
            ...marksNear(plot, props),
          ].join(' · ');
  spec.lines.forEach((_, i) => {
    const cell = element.parentElement?.querySelector(`[data-line="${i}"]`);
    if (cell) cell.textContent = index === null ? newestText(props, i) : valueText(spec, data, i, index);
  });
}

/** Click for a moment, shift-drag to pan. Returns what undoes it. */
export function bindPointer(plot: uPlot, now: { current: ChartProps }): () => void {
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
    if (Math.abs(event.clientX - downX) >= 4 || event.shiftKey || now.current.data.x.length === 0) return;
    // Not the cursor's own index: a finger that taps has moved no cursor.
    now.current.onPick?.(plot.posToIdx(event.clientX - plot.over.getBoundingClientRect().left));
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
