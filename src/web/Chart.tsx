/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/**
 * One chart of uPlot. Of every bucket both extremes are drawn, so a spike of one update shows at any zoom. Drag to
 * zoom, shift-drag to pan, click for the moment; all charts of a page share their cursor and their range.
 */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { bindPointer, chartColumns, options, updateLegend } from './chart-options.ts';
import type { ChartProps } from './chart-props.ts';
import { newestText } from './chart-values.ts';
import type { ChartLine, ChartSpec } from './charts.ts';

export function Chart(props: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const now = useRef(props);
  now.current = props;
  const { spec, x, height, theme, syncKey } = props;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot is rebuilt only when its options change.
  useEffect(() => {
    const host = element.current!;
    const made = new uPlot(options(now.current, host, now), chartColumns(now.current), host);
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
    plot.current.setData(chartColumns(now.current));
    updateLegend(plot.current, now.current, element.current!);
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
const headingLine = ({ title, lines: [first, ...others] }: ChartSpec): ChartLine | null =>
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

function LegendEntry({ line, index, ...props }: ChartProps & { line: ChartLine; index: number }) {
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
