/** One run: the banner, the memory, the learner, what happened; now, or as it was at a moment. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import {
  age,
  count,
  duration,
  gib,
  milliseconds,
  percent,
  scaled,
  short,
  timeOfDay,
} from '../records/index.ts';
import type { LiveMessage, RunView, SeriesAnswer, SlimSnapshot } from '../serve/index.ts';
import { ask, useLive, useNow, useRecords } from './ask.ts';
import { Banner } from './Banner.tsx';
import { Chart, type ChartData, type ChartProps } from './Chart.tsx';
import { type ChartSpec, deviceCharts, figuresOf, learnerCharts } from './charts.ts';
import { useKeys } from './keys.ts';
import { Ledger } from './Ledger.tsx';
import { Link, Meaning } from './parts.tsx';
import { go, type Route } from './route.ts';
import { useSeries } from './series.ts';
import { useTheme } from './theme.ts';

const bucketsWanted = () => Math.max(200, Math.min(1600, Math.round(innerWidth)));

export function RunPage({ route }: { route: Route }) {
  const records = useRecords();
  const { theme } = useTheme();
  const now = useNow(500);
  const [then, setThen] = useState<RunView | null>(null);
  const [device, setDevice] = useState<string | null>(route.device);

  const [width] = useState(bucketsWanted);
  const { from, to, x, rank } = route;
  const figures = useMemo(() => figuresOf(device), [device]);
  const {
    series,
    error: seriesError,
    take,
    load,
  } = useSeries({ id: route.id, rank, figures, x, from, to, width });
  const live = useLive(route.id, take);
  const message = live.message;
  const shown: RunView | null = route.at === null ? message : then;

  // The first device of the chosen rank, unless one is chosen.
  const devices = (message?.snapshot.devices ?? []).filter(
    d => d.rank === (rank ?? message?.snapshot.tamiyo.rank),
  );
  const chosen = route.device ?? devices[0]?.device ?? null;
  useEffect(() => setDevice(chosen), [chosen]);

  useEffect(() => {
    setThen(null);
    if (route.at === null) return;
    const stop = new AbortController();
    ask<RunView>(`/api/runs/${encodeURIComponent(route.id)}?timeMs=${route.at}`, stop.signal).then(
      setThen,
      () => {},
    );
    return () => stop.abort();
  }, [route.at, route.id]);

  const set = useCallback(
    (change: Partial<Route>, replace = true) => go({ ...route, ...change }, replace),
    [route],
  );
  const full = series ? (x === 'time' ? series.timeRange : series.batchRange) : null;
  const range: [number, number] = [from ?? full?.[0] ?? 0, to ?? full?.[1] ?? 1];
  if (range[0] === range[1]) range[1] += 1;
  const zoom = useCallback(
    (a: number, b: number) => {
      if (full === null || b - a < (x === 'time' ? 1 : 0.5)) return;
      const whole = a <= full[0] && b >= full[1];
      const round = (value: number) => (x === 'time' ? Math.round(value) : Math.round(value * 100) / 100);
      set({ from: whole ? null : round(a), to: whole ? null : round(b) });
    },
    [full, x, set],
  );
  const reset = useCallback(() => set({ from: null, to: null }), [set]);
  const span = range[1] - range[0];
  useKeys({
    '0': reset,
    '+': () => zoom(range[0] + span / 4, range[1] - span / 4),
    '=': () => zoom(range[0] + span / 4, range[1] - span / 4),
    '-': () =>
      zoom(Math.max(full?.[0] ?? 0, range[0] - span / 2), Math.min(full?.[1] ?? 1, range[1] + span / 2)),
    ArrowLeft: () => zoom(range[0] - span / 4, range[1] - span / 4),
    ArrowRight: () => zoom(range[0] + span / 4, range[1] + span / 4),
    x: () => set({ x: x === 'time' ? 'batch' : 'time', from: null, to: null }),
    d: () =>
      set({
        device: devices[(devices.findIndex(d => d.device === chosen) + 1) % devices.length]?.device ?? null,
      }),
    r: () => {
      const ranks = message?.snapshot.ranks.map(r => r.rank) ?? [];
      set({ rank: ranks[(ranks.indexOf(rank ?? ranks[0] ?? 0) + 1) % ranks.length] ?? null, device: null });
    },
    Escape: () => set({ at: null }),
  });

  if (live.error !== null && message === null) return <Trouble text={live.error} />;
  if (message === null || shown === null)
    return (
      <main>
        <h1 class="hidden">{route.id}</h1>
        <p class="loading" role="status">
          {route.at === null ? 'Reading the run…' : 'Reading the run as it was…'}
        </p>
      </main>
    );
  const { snapshot } = shown;
  const pick = (index: number) => series && set({ at: series.timeEndMs[index] ?? null }, false);
  const chartOf = (spec: ChartSpec, owner: string | null) => {
    const data = series ? dataOf(spec, owner, series, x) : null;
    if (data === null || series === null) return null;
    const props: ChartProps = {
      spec: owner === null ? spec : { ...spec },
      data,
      range,
      x,
      syncKey: route.id,
      marks: marksOf(message, series, owner, x),
      at: route.at === null ? null : placeOf(series, route.at, x),
      height: spec.wide ? 190 : 130,
      theme,
      onZoom: zoom,
      onReset: reset,
      onPick: pick,
      onMeaning: name => set({ meaning: name }),
    };
    return <Chart key={`${spec.id}${owner ?? ''}`} {...props} spec={spec} />;
  };
  const memoryCharts = chosen === null ? [] : deviceCharts.map(spec => chartOf(spec, chosen)).filter(Boolean);
  const ppoCharts = learnerCharts.map(spec => chartOf(spec, null)).filter(Boolean);
  const deviceState = snapshot.devices.find(
    d => d.device === chosen && d.rank === (rank ?? snapshot.tamiyo.rank),
  );
  const rankState = snapshot.ranks.find(r => r.rank === (rank ?? snapshot.tamiyo.rank));
  return (
    <main>
      {!live.connected && (
        <p class="notice critical" role="alert">
          The server does not answer. What is shown is {age(now - (message.snapshot.run.lastEventMs ?? now))}{' '}
          old; it comes back by itself.
        </p>
      )}
      {message.problem && <p class="notice warning">{message.problem}</p>}
      {(series?.indexing ?? message.indexing) && (
        <p class="notice" role="status">
          Reading the log: {count((series?.indexing ?? message.indexing)!.events)} events,{' '}
          {percent((series?.indexing ?? message.indexing)!.fraction * 100)}
          <progress max={1} value={(series?.indexing ?? message.indexing)!.fraction} aria-label="Log read" />
        </p>
      )}
      {seriesError && live.connected && (
        <p class="notice critical" role="alert">
          {seriesError}{' '}
          <button type="button" onClick={() => void load()}>
            Try again
          </button>
        </p>
      )}
      {route.at !== null && (
        <p class="notice then" role="status">
          As it was after batch {snapshot.tamiyo.batch ?? snapshot.tamiyo.step ?? '–'}, at{' '}
          {timeOfDay(route.at, null)}.{' '}
          <button type="button" onClick={() => set({ at: null }, false)}>
            Back to the newest (Esc)
          </button>
        </p>
      )}
      <Banner
        view={shown}
        latest={message}
        nowMs={now}
        isThen={route.at !== null}
        connected={live.connected}
        onMeaning={name => set({ meaning: name })}
      />
      <Choices
        {...{
          route,
          message,
          chosen,
          devices: devices.map(d => d.device),
          zoomed: from !== null || to !== null,
          set,
          reset,
        }}
      />
      {deviceState && <Ledger device={deviceState} onMeaning={name => set({ meaning: name })} />}
      {memoryCharts.length > 0 ? (
        <section aria-label="Memory" class="charts">
          {memoryCharts}
        </section>
      ) : (
        series !== null && <p class="empty">{unmeasured(rankState)}</p>
      )}
      {ppoCharts.length > 0 ? (
        <section aria-label="Learner" class="charts">
          {ppoCharts}
        </section>
      ) : (
        series !== null &&
        series.points === 0 &&
        series.indexing === null && <p class="empty">No update yet: charts begin with the first.</p>
      )}
      <section class="columns">
        <Happened snapshot={snapshot} />
        <Facts
          snapshot={snapshot}
          rank={rankState?.rank ?? 0}
          report={message.report}
          onMeaning={name => set({ meaning: name })}
        />
      </section>
      {route.meaning && (
        <Meaning records={records} name={route.meaning} onClose={() => set({ meaning: null })} />
      )}
    </main>
  );
}

export const Trouble = ({ text }: { text: string }) => (
  <main>
    <h1>Nothing to show</h1>
    <p class="notice critical" role="alert">
      {text}
    </p>
    <p>
      <Link to={{ page: 'runs' }}>All runs</Link>
    </p>
  </main>
);

function unmeasured(rank: SlimSnapshot['ranks'][number] | undefined): string {
  if (rank === undefined || rank.updates === 0) return 'No memory reading yet: the first update brings one.';
  return rank.device === 'cpu'
    ? 'This run trains on the CPU: no GPU memory is measured, so the banner shows none.'
    : 'This run has reported no GPU memory.';
}

/** The lines of a chart that were measured at all; null where none was. */
function dataOf(
  spec: ChartSpec,
  device: string | null,
  series: SeriesAnswer,
  x: 'batch' | 'time',
): ChartData | null {
  const lines = spec.lines.map(({ figure }) => {
    const name = device === null ? figure : `${device}/${figure}`;
    return series.figures[name] ?? { min: [], max: [] };
  });
  if (!lines.some(({ max }) => max.some(value => value !== null))) return null;
  return { x: x === 'time' ? series.timeMs : series.batch, lines };
}

/** Where a time lies on the x axis. */
function placeOf(
  { timeMs, timeEndMs, batchEnd }: SeriesAnswer,
  at: number,
  x: 'batch' | 'time',
): number | null {
  if (x === 'time') return at;
  const index = timeMs.findLastIndex(time => time <= at);
  return index === -1 ? null : at >= timeEndMs[index]! ? batchEnd[index]! : batchEnd[Math.max(0, index - 1)]!;
}

/** What happened once, and every refusal of the device. */
function marksOf(message: LiveMessage, series: SeriesAnswer, device: string | null, x: 'batch' | 'time') {
  const marks: ChartProps['marks'] = message.marks
    .filter(mark => mark.rank === series.rank)
    .map(({ kind, text, batch, timeMs }) => ({
      kind,
      text,
      at: x === 'time' ? timeMs : (batch ?? series.batchRange?.[0] ?? 0),
    }));
  const refusals = device === null ? undefined : series.figures[`${device}/refusals`];
  let before: number | null = null;
  refusals?.max.forEach((value, i) => {
    if (value !== null && before !== null && value > before)
      marks.push({
        kind: 'failed',
        text: 'at the wall',
        at: x === 'time' ? series.timeMs[i]! : series.batch[i]!,
      });
    before = value ?? before;
  });
  return marks;
}

interface ChoicesProps {
  route: Route;
  message: LiveMessage;
  chosen: string | null;
  devices: string[];
  zoomed: boolean;
  set: (change: Partial<Route>, replace?: boolean) => void;
  reset: () => void;
}

function Choices({ route, message, chosen, devices, zoomed, set, reset }: ChoicesProps) {
  const { ranks } = message.snapshot;
  const rank = route.rank ?? message.snapshot.tamiyo.rank ?? 0;
  return (
    <div class="choices" role="toolbar" aria-label="View">
      {ranks.length > 1 && (
        <label>
          rank{' '}
          <select
            value={rank}
            onChange={event => set({ rank: Number(event.currentTarget.value), device: null })}
          >
            {ranks.map(r => (
              <option key={r.rank} value={r.rank}>
                {r.rank}
              </option>
            ))}
          </select>
        </label>
      )}
      {devices.length > 1 && (
        <label>
          device{' '}
          <select value={chosen ?? ''} onChange={event => set({ device: event.currentTarget.value })}>
            {devices.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <fieldset class="switch">
        <legend class="hidden">Horizontal axis</legend>
        {(['batch', 'time'] as const).map(x => (
          <button
            key={x}
            type="button"
            aria-pressed={route.x === x}
            onClick={() => set({ x, from: null, to: null })}
          >
            by {x}
          </button>
        ))}
      </fieldset>
      <button type="button" disabled={!zoomed} onClick={reset}>
        Show all (0)
      </button>
      <span class="dim hint">drag to zoom · shift-drag to pan · click for that moment · ? for keys</span>
      <Link to={{ page: 'compare', runs: [route.id], x: route.x }} class="push">
        Compare…
      </Link>
    </div>
  );
}

function Happened({ snapshot }: { snapshot: SlimSnapshot }) {
  const many = snapshot.ranks.length > 1;
  const entries = snapshot.ranks
    .flatMap(rank => rank.log)
    .sort((a, b) => b.timeMs - a.timeMs || a.rank - b.rank || b.seq - a.seq)
    .slice(0, 60);
  const tones = { info: 'plain', warning: 'warning', critical: 'critical' };
  const marks = { info: ' ', warning: '!', critical: '✗' };
  return (
    <section class="panel">
      <h2>Events</h2>
      {entries.length === 0 ? (
        <p class="dim">Nothing to report.</p>
      ) : (
        <ol class="events" aria-label="Events, newest first">
          {entries.map(entry => (
            <li key={`${entry.rank}:${entry.seq}:${entry.message}`} class={`tone-${tones[entry.level]}`}>
              <time class="dim">{timeOfDay(entry.timeMs, null)}</time>{' '}
              {many && <span class="dim">r{entry.rank} </span>}
              {marks[entry.level]} {entry.message}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** Figures that have no chart, and what reading the log met. */
function Facts({
  snapshot,
  rank,
  report,
  onMeaning,
}: {
  snapshot: SlimSnapshot;
  rank: number;
  report: RunView['report'];
  onMeaning: (name: string) => void;
}) {
  const own = snapshot.ranks.find(r => r.rank === rank);
  const { host } = snapshot.vitals;
  const facts: [string, string | null, string?][] = [
    ['learning rate', own?.ppo.learningRate == null ? null : short(own.ppo.learningRate), 'learningRate'],
    ['rollout', own?.ppo.rolloutMs == null ? null : milliseconds(own.ppo.rolloutMs), 'rolloutMs'],
    ['episodes', own?.ppo.totalEpisodes == null ? null : count(own.ppo.totalEpisodes), 'totalEpisodes'],
    [
      'episode length',
      own?.ppo.episodicLength == null ? null : short(own.ppo.episodicLength),
      'episodicLength',
    ],
    [
      'host RAM',
      host.ramUsedBytes === null ? null : `${gib(host.ramUsedBytes)} of ${gib(host.ramTotalBytes)} GiB`,
      'ramUsedPercent',
    ],
    ['trainer', host.processRssBytes === null ? null : `${gib(host.processRssBytes)} GiB`, 'processRssBytes'],
    ['CPU', host.cpuPercent === null ? null : percent(host.cpuPercent), 'cpuPercent'],
    [
      'telemetry',
      own?.newestTelemetryMs == null ? null : milliseconds(own.newestTelemetryMs),
      'newestTelemetryMs',
    ],
    ['updates', own ? scaled(own.updates) : null],
    ['host', own?.hostname ?? null],
    ['process', own?.pid == null ? null : String(own.pid)],
    ['log lines lost', report.lost > 0 ? count(report.lost) : null],
    [
      'log lines passed over',
      report.malformed + report.torn > 0 ? count(report.malformed + report.torn) : null,
    ],
    ['of unknown types', report.unknown > 0 ? count(report.unknown) : null],
    [
      'ran',
      snapshot.run.startedMs === null || snapshot.run.lastEventMs === null
        ? null
        : duration(snapshot.run.lastEventMs - snapshot.run.startedMs),
    ],
  ];
  return (
    <section class="panel">
      <h2>Figures</h2>
      <dl class="facts">
        {facts
          .filter(([, text]) => text !== null)
          .map(([label, text, record]) => (
            <div key={label}>
              <dt>
                {record ? (
                  <button type="button" class="meaning" onClick={() => onMeaning(record)}>
                    {label}
                  </button>
                ) : (
                  label
                )}
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
