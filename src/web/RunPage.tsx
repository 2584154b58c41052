/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** The page of one run: what it asks the server, what keys and links change. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { PageView } from '../serve/index.ts';
import { Configuration } from './Configuration.tsx';
import { figuresOf, ownShown } from './charts.ts';
import { fetchJson, useLive, useNow, useRecords, useVerdict } from './fetch-json.ts';
import { useKeys } from './keys.ts';
import { Link, Meaning } from './parts.tsx';
import { useRanks } from './RankMap.tsx';
import { chosen, fullRange, RunBody, rankIn, shownRange } from './RunBody.tsx';
import { go, type Route } from './route.ts';
import { useSeries } from './series.ts';
import { useTheme } from './theme.ts';

const bucketsWanted = () => Math.max(200, Math.min(1600, Math.round(innerWidth)));

export function RunPage({ route }: { route: Route }) {
  const records = useRecords();
  const { theme } = useTheme();
  const nowMs = useNow(500);
  const [then, setThen] = useState<PageView | null>(null);
  const [device, setDevice] = useState<string | null>(route.device);
  const [phases, setPhases] = useState('');

  const [width] = useState(bucketsWanted);
  const { from, to, x, rank } = route;
  const [owned, setOwned] = useState('');
  const figures = useMemo(
    () => figuresOf(device, phases.split('\n'), owned.split('\n').filter(Boolean)),
    [device, phases, owned],
  );
  const {
    series,
    error: trouble,
    take,
    load,
  } = useSeries({ id: route.id, rank, figures, x, from, to, width });
  const live = useLive(route.id, rank, take);
  const latest = live.message;
  const shown = route.at === null ? latest : then;
  const isRead = latest !== null && latest.indexing === null && series !== null && series.indexing === null;
  const events = latest?.snapshot.ranks.reduce((sum, own) => sum + own.events, 0) ?? 0;
  const ranks = useRanks(route.id, isRead ? latest.snapshot.ranks.length : 0, events);
  const report = useVerdict(route.id, isRead ? events : null);

  // Charts are asked for as soon as the run has reported a device, and its phases.
  const own = latest && chosen(route, latest, series);
  const name = own?.device ?? null;
  useEffect(() => setDevice(name), [name]);
  const reported = series?.available.filter(figure => figure.includes('/phase/')).join('\n') ?? phases;
  useEffect(() => setPhases(reported), [reported]);
  const owner = latest && own ? rankIn(latest.snapshot, own.rank) : null;
  const names = owner?.own.map(({ name }) => name) ?? [];
  const drawn = ownShown(names, route.own).join('\n');
  useEffect(() => setOwned(drawn), [drawn]);

  useEffect(() => {
    setThen(null);
    if (route.at === null) return;
    const stop = new AbortController();
    fetchJson<PageView>(`/api/runs/${encodeURIComponent(route.id)}?timeMs=${route.at}`, stop.signal).then(
      setThen,
      () => {},
    );
    return () => stop.abort();
  }, [route.at, route.id]);

  const set = useCallback(
    (change: Partial<Route>, isStep = false) => go({ ...route, ...change }, !isStep),
    [route],
  );
  const full = latest === null ? null : fullRange({ route, latest, series, report });
  const range = latest === null ? [0, 1] : shownRange({ route, latest, series, report });
  const [first, last] = range as [number, number];
  const zoom = (a: number, b: number) => {
    if (full === null || b - a < (x === 'time' ? 1 : 0.5)) return;
    const whole = a <= full[0] && b >= full[1];
    const round = (value: number) => (x === 'time' ? Math.round(value) : Math.round(value * 100) / 100);
    set({ from: whole ? null : round(a), to: whole ? null : round(b) });
  };
  const span = last - first;
  const next = <T,>(all: readonly T[], at: T): T | null => all[(all.indexOf(at) + 1) % all.length] ?? null;
  useKeys({
    '0': () => set({ from: null, to: null }),
    '+': () => zoom(first + span / 4, last - span / 4),
    '=': () => zoom(first + span / 4, last - span / 4),
    '-': () => zoom(Math.max(full?.[0] ?? 0, first - span / 2), Math.min(full?.[1] ?? 1, last + span / 2)),
    ArrowLeft: () => zoom(first - span / 4, last - span / 4),
    ArrowRight: () => zoom(first + span / 4, last + span / 4),
    x: () => set({ x: x === 'time' ? 'batch' : 'time', from: null, to: null }),
    d: () => set({ device: next(own?.devices ?? [], name ?? '') }),
    r: () => set({ rank: next(latest?.snapshot.ranks.map(r => r.rank) ?? [], own?.rank ?? 0), device: null }),
    Escape: () => set({ at: null }),
  });

  if (live.error !== null && latest === null) return <Trouble text={live.error} />;
  if (latest === null || shown === null)
    return (
      <main>
        <h1 class="hidden">{route.id}</h1>
        <p class="loading" role="status">
          {route.at === null ? 'Reading the run…' : 'Reading the run as it was…'}
        </p>
      </main>
    );
  return (
    <>
      <RunBody
        {...{ route, latest, shown, series, ranks, report, nowMs, trouble, theme, set, zoom }}
        connected={live.connected}
        isNarrow={innerWidth < 720}
        labelOf={id => records.find(record => record.id === id)?.label ?? id}
        retry={() => void load()}
      >
        <Configuration ids={[route.id]} />
      </RunBody>
      {route.meaning && (
        <Meaning records={records} name={route.meaning} onClose={() => set({ meaning: null })} />
      )}
    </>
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
