/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Two to five runs, overlaid by the number that they count or by the time since each began. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { capitalised, gib } from '../base/index.ts';
import { ownNameOf, ownSeries } from '../contract/index.ts';
import { memoryFigure, percent, short } from '../present/index.ts';
import type { RunRow, SeriesResponse } from '../serve/index.ts';
import { Chart } from './Chart.tsx';
import { Configuration } from './Configuration.tsx';
import { devicesOf, hasValues } from './chart-data.ts';
import type { ChartData } from './chart-props.ts';
import { type ChartSpec, deviceCharts, lineStyles, ownChart, ownShown, ppoCharts } from './charts.ts';
import { fetchJson, useRecords } from './fetch-json.ts';
import { useKeys } from './keys.ts';
import { Link, Meaning, StyledSpan } from './parts.tsx';
import { go, MOST_COMPARED, type Route } from './route.ts';
import { seriesPath } from './series.ts';
import { useTheme } from './theme.ts';
import { useList } from './use-list.ts';
import { VerdictName } from './Verdict.tsx';
import { WhatChanged } from './WhatChanged.tsx';

interface ComparedChart {
  spec: ChartSpec;
  figure: string;
  device: boolean;
}

const chartNamed = (id: string): ChartSpec => deviceCharts.find(chart => chart.id === id)!;
/** Of these a run needs the first that it has: a log may show no more than what was reserved at the peak. */
const amounts = chartNamed('memory').lines.map(({ figure }) => figure);

const compared: ComparedChart[] = [
  ...['pool', 'pressure'].map(id => {
    const spec = chartNamed(id);
    return { spec, figure: spec.lines[0]!.figure, device: true };
  }),
  ...chartNamed('memory').lines.map(line => ({
    spec: {
      ...chartNamed('memory'),
      title: capitalised(line.label),
      lines: [line],
    },
    figure: line.figure,
    device: true,
  })),
  ...ppoCharts.map(spec => ({ spec, figure: spec.lines[0]!.figure, device: false })),
];

const BUCKETS = 600;
/** Runs that may be added. */
const OFFERED = 200;
const AGAIN_MS = 2500;

/** The series of every run, asked for again while any of them goes on. */
function useAll(runs: string[]): { series: Map<string, SeriesResponse>; error: string | null } {
  const [state, set] = useState<{ series: Map<string, SeriesResponse>; error: string | null }>({
    series: new Map(),
    error: null,
  });
  const key = runs.join(',');
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const load = async () => {
      let error: string | null = null;
      const found = await Promise.all(
        key
          .split(',')
          .filter(Boolean)
          .map(async (id): Promise<[string, SeriesResponse] | null> => {
            const asked = (figures: string[]) =>
              seriesPath({ id, rank: null, figures, x: 'batch', from: null, to: null, width: BUCKETS });
            try {
              const { available } = await fetchJson<SeriesResponse>(asked([]), stop.signal);
              const [device] = devicesOf(available);
              const own = ownShown(
                available.flatMap(name => ownNameOf(name) ?? []),
                null,
              );
              const figures = compared
                .filter(chart => !chart.device || device !== undefined)
                .map(chart => (chart.device ? `${device}/${chart.figure}` : chart.figure))
                .concat(own.map(ownSeries));
              const answer = await fetchJson<SeriesResponse>(asked(figures), stop.signal);
              // Runs are compared whatever their devices are called.
              const plain = Object.entries(answer.figures).map(([name, values]) => [
                ownNameOf(name) === null ? name.split('/').at(-1)! : name,
                values,
              ]);
              return [id, { ...answer, figures: Object.fromEntries(plain) }];
            } catch (reason) {
              if (!stop.signal.aborted) error = `${id}: ${(reason as Error).message}`;
              return null;
            }
          }),
      );
      if (stop.signal.aborted) return;
      set({ series: new Map(found.filter(entry => entry !== null)), error });
      timer = window.setTimeout(load, AGAIN_MS);
    };
    void load();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key]);
  return state;
}

/** The runs that are compared, and the newest ones, which may be added; null before the first answer. */
function useComparable(ids: string[]): RunRow[] | null {
  const { list: compared } = useList(new URLSearchParams({ runs: ids.join(',') || '-' }));
  const { list: newest } = useList(new URLSearchParams({ count: String(OFFERED) }));
  return useMemo(() => {
    if (compared === null || newest === null) return null;
    const rows = [...compared.rows, ...newest.rows].map(({ run }) => run);
    return rows.filter(({ id }, i) => rows.findIndex(other => other.id === id) === i);
  }, [compared, newest]);
}

export function ComparePage({ route }: { route: Route }) {
  const all = useComparable(route.runs);
  const records = useRecords();
  const { theme } = useTheme();
  const { series, error } = useAll(route.runs);
  const set = (change: Partial<Route>) => go({ ...route, ...change }, true);
  const elapsed = route.x === 'time';
  const rows = route.runs
    .map(id => all?.find(run => run.id === id))
    .filter((row): row is RunRow => row !== undefined);
  // A log without memory, or without returns, has no column of dashes.
  const shown = {
    memory: rows.some(({ memory }) => memory?.cudaMemoryAllocatedGb != null),
    return: rows.some(({ episodicReturn }) => episodicReturn !== null),
  };
  // Runs that count different things share no word: the contract's name of the axis, batch, stands for them.
  const words = new Set(rows.map(({ verdict }) => verdict?.counted ?? 'batch'));
  const counted = words.size === 1 ? [...words][0]! : 'batch';
  const charts = useMemo(
    () => joined(route.runs, rows, series, elapsed),
    [series, elapsed, rows.length, rows, route.runs],
  );
  const ends = charts.flatMap(({ data }) => [data.x[0]!, data.x.at(-1)!]);
  const full: [number, number] = ends.length === 0 ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
  const range: [number, number] = [route.from ?? full[0], route.to ?? full[1]];
  const reset = () => set({ from: null, to: null });
  useKeys({ '0': reset, x: () => set({ x: elapsed ? 'batch' : 'time', from: null, to: null }) });
  return (
    <main>
      <div class="choices">
        <h1>Compare</h1>
        <fieldset class="switch">
          <legend class="hidden">Horizontal axis</legend>
          {(['batch', 'time'] as const).map(x => (
            <button
              key={x}
              type="button"
              aria-pressed={route.x === x}
              onClick={() => set({ x, from: null, to: null })}
            >
              by {x === 'time' ? 'time since start' : counted}
            </button>
          ))}
        </fieldset>
        <button type="button" disabled={route.from === null && route.to === null} onClick={reset}>
          Show all (0)
        </button>
        {route.runs.length < MOST_COMPARED && all && (
          <label class="push">
            <span class="hidden">Add a run</span>
            <select value="" onChange={event => set({ runs: [...route.runs, event.currentTarget.value] })}>
              <option value="">Add a run…</option>
              {all
                .filter(run => !route.runs.includes(run.id))
                .map(run => (
                  <option key={run.id} value={run.id}>
                    {run.name} · {run.id}
                  </option>
                ))}
            </select>
          </label>
        )}
      </div>
      {error && (
        <p class="notice warning" role="alert">
          {error}
        </p>
      )}
      {rows.length < 2 && <p class="empty">Choose two to five runs: here, or in the list.</p>}
      <table class="runs">
        <thead>
          <tr>
            <th>Run</th>
            <th class="wide-only">Verdict</th>
            <th class="number">Progress</th>
            {shown.memory && <th>Memory</th>}
            {shown.memory && <th class="number wide-only">Allocated GiB</th>}
            {shown.return && <th class="number">Return</th>}
            {shown.memory && <th class="number wide-only">Idle share</th>}
            <th>
              <span class="hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((run, i) => {
            const memory = run.memory && memoryFigure(run.memory);
            const { color, dash } = lineStyles[route.runs.indexOf(run.id)] ?? lineStyles[i]!;
            return (
              <tr key={run.id}>
                <td class="name">
                  <svg class="swatch" width="24" height="8" aria-hidden="true">
                    <line
                      x1="0"
                      y1="4"
                      x2="24"
                      y2="4"
                      stroke={`var(--${color})`}
                      stroke-width="3"
                      stroke-dasharray={dash?.join(' ')}
                    />
                  </svg>{' '}
                  <Link to={{ page: 'run', id: run.id }}>{run.name}</Link>
                  <small class="dim">{run.id}</small>
                </td>
                <td class="wide-only">
                  <VerdictName verdict={run.verdict} />
                </td>
                <td class="number">{run.batch ?? '–'}</td>
                {shown.memory && (
                  <td>{memory ? <StyledSpan value={memory} /> : <span class="dim">–</span>}</td>
                )}
                {shown.memory && (
                  <td class="number wide-only">
                    {gib(
                      run.memory?.cudaMemoryAllocatedGb == null
                        ? null
                        : run.memory.cudaMemoryAllocatedGb * 2 ** 30,
                    )}
                  </td>
                )}
                {shown.return && <td class="number">{short(run.episodicReturn)}</td>}
                {shown.memory && (
                  <td class="number wide-only">
                    {percent(
                      run.memory?.cudaMemoryFragmentation == null
                        ? null
                        : run.memory.cudaMemoryFragmentation * 100,
                    )}
                  </td>
                )}
                <td>
                  <button
                    type="button"
                    aria-label={`Remove ${run.name}`}
                    onClick={() => set({ runs: route.runs.filter(id => id !== run.id) })}
                  >
                    ✕
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <section class="charts" aria-label="Comparison">
        {charts.map(({ spec, data }) => (
          <Chart
            key={`${spec.id} ${spec.lines.map(line => line.figure).join()}`}
            spec={spec}
            data={data}
            range={range}
            x={elapsed ? 'elapsed' : 'batch'}
            counted={counted}
            syncKey="compare"
            height={170}
            theme={theme}
            onZoom={(from, to) => set({ from, to })}
            onReset={reset}
            onMeaning={meaning => set({ meaning })}
          />
        ))}
      </section>
      {rows.length === 2 && <WhatChanged groups={rows.map(({ id }) => id)} />}
      {rows.length > 1 && <Configuration ids={rows.map(({ id }) => id)} />}
      {route.meaning && (
        <Meaning records={records} name={route.meaning} onClose={() => set({ meaning: null })} />
      )}
    </main>
  );
}

/** Which of the amounts of memory the run has first; -1 for none. */
const firstAmount = (answer: SeriesResponse | undefined): number =>
  amounts.findIndex(figure => {
    const values = answer?.figures[figure];
    return values !== undefined && hasValues(values);
  });

/** Every chart that any run has a figure for: each run a line, all on one x axis. */
function joined(
  runs: string[],
  rows: RunRow[],
  series: Map<string, SeriesResponse>,
  elapsed: boolean,
): { spec: ChartSpec; data: ChartData }[] {
  const names = new Set([...series.values()].flatMap(({ figures }) => Object.keys(figures)));
  const own = [...names].flatMap((figure): ComparedChart[] => {
    const name = ownNameOf(figure);
    return name === null ? [] : [{ spec: ownChart(name), figure, device: false }];
  });
  return [...compared, ...own].flatMap(({ spec, figure }) => {
    const tables: uPlot.AlignedData[] = [];
    const lines: ChartSpec['lines'] = [];
    const place = amounts.indexOf(figure);
    if (place > 0 && !runs.some(id => firstAmount(series.get(id)) === place)) return [];
    runs.forEach((id, i) => {
      const answer = series.get(id);
      const values = answer?.figures[figure];
      if (answer === undefined || values === undefined || !hasValues(values)) return;
      const began = answer.timeMs[0] ?? 0;
      const x = elapsed ? answer.timeMs.map(time => time - began) : answer.batch;
      tables.push([x, values.min, values.max] as uPlot.AlignedData);
      const { color, dash } = lineStyles[i]!;
      const label = rows.find(row => row.id === id)?.name ?? id;
      lines.push({ figure: id, label, color, dash: dash && [...dash], record: spec.lines[0]!.record });
    });
    if (tables.length === 0) return [];
    const [x, ...columns] = uPlot.join(tables) as [number[], ...(number | null)[][]];
    const data = { x, lines: lines.map((_, i) => ({ min: columns[2 * i]!, max: columns[2 * i + 1]! })) };
    return [{ spec: { ...spec, lines }, data }];
  });
}
