/** The series behind a page's charts: asked for a range and a width, then grown by the live stream. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LiveMessage, SeriesResponse, XAxis } from '../serve/index.ts';
import { fetchJson } from './fetch-json.ts';

export interface SeriesRequest {
  id: string;
  rank: number | null;
  figures: string[];
  x: XAxis;
  from: number | null;
  to: number | null;
  /** Buckets. */
  width: number;
}

export const seriesPath = ({ id, rank, figures, x, from, to, width }: SeriesRequest): string => {
  const query = new URLSearchParams({ figures: figures.join(','), x, width: String(width) });
  if (rank !== null) query.set('rank', String(rank));
  if (from !== null) query.set('from', String(from));
  if (to !== null) query.set('to', String(to));
  return `/api/runs/${encodeURIComponent(id)}/series?${query}`;
};

/** Asks again at most so often while a run is live or being read. */
const AGAIN_MS = 400;
/** Where nothing is read yet: the server holds the answer back until there is something, or a while. */
const SOON_MS = 50;

/** The newest answer with the live points appended; `null` before the first. */
export function useSeries(request: SeriesRequest) {
  const path = seriesPath(request);
  const [series, set] = useState<SeriesResponse | null>(null);
  const [error, setError] = useState<string | null>(null);
  const state = useRef({
    path,
    series,
    asking: false,
    again: false,
    failed: false,
    atMs: 0,
    timer: 0,
    tail: [] as LiveMessage['points'],
  });
  state.current.path = path;

  const load = useCallback(async () => {
    const own = state.current;
    if (own.asking) {
      own.again = true;
      return;
    }
    own.asking = true;
    own.again = false;
    own.atMs = performance.now();
    const asked = own.path;
    let againMs = AGAIN_MS;
    try {
      const answer = await fetchJson<SeriesResponse>(asked);
      own.tail = own.tail.filter(point => point.seq >= answer.nextSeq);
      own.series = own.tail.reduce(extend, answer);
      set(own.series);
      own.failed = false;
      setError(null);
      if (answer.indexing !== null) own.again = true;
      againMs = answer.points === 0 ? SOON_MS : AGAIN_MS;
    } catch (reason) {
      own.failed = true;
      setError((reason as Error).message);
    }
    own.asking = false;
    if (own.path !== asked) void load();
    else if (own.again) own.timer = window.setTimeout(load, againMs);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another path is another question.
  useEffect(() => {
    void load();
    return () => clearTimeout(state.current.timer);
  }, [path]);

  const { rank, to, width } = request;
  const take = useCallback(
    ({ points, reset, indexing }: Pick<LiveMessage, 'points' | 'reset' | 'indexing'>) => {
      const own = state.current;
      // A question that failed, while the server was away perhaps, is asked again as soon as it is heard of.
      if (reset || indexing !== null || own.failed) {
        void load();
        return;
      }
      const mine = points.filter(
        point => point.rank === (own.series?.rank ?? rank) && point.seq >= (own.series?.nextSeq ?? 0),
      );
      own.tail.push(...mine);
      if (own.series === null || mine.length === 0) return;
      own.series = mine.reduce(extend, own.series);
      if (to === null) set(own.series);
      else set({ ...own.series });
      // Grown far finer than the screen: ask for buckets again.
      if (own.series.batch.length > 2 * width) void load();
    },
    [load, rank, to, width],
  );
  return useMemo(() => ({ series, error, take, load }), [series, error, take, load]);
}

/** The series with figures that belong to its newest point. */
function joined(series: SeriesResponse, { figures: late }: Pick<LiveMessage['points'][number], 'figures'>) {
  const figures = Object.fromEntries(
    Object.entries(series.figures).map(([name, bounds]) => {
      const value = late[name];
      if (value === undefined || bounds.max.length === 0) return [name, bounds];
      const [min, max] = [bounds.min.at(-1) ?? value, bounds.max.at(-1) ?? value];
      return [
        name,
        {
          min: [...bounds.min.slice(0, -1), Math.min(min, value)],
          max: [...bounds.max.slice(0, -1), Math.max(max, value)],
        },
      ];
    }),
  );
  const fresh = Object.keys(late).filter(name => !series.available.includes(name));
  return { ...series, figures, available: [...series.available, ...fresh] };
}

/** The series with one more point. */
function extend(series: SeriesResponse, point: LiveMessage['points'][number]): SeriesResponse {
  if (point.seq < series.nextSeq) return series;
  const { batch, timeMs } = point;
  if (point.isLate) return { ...joined(series, point), nextSeq: point.seq + 1 };
  const figures = Object.fromEntries(
    Object.entries(series.figures).map(([name, { min, max }]) => {
      const value = point.figures[name] ?? null;
      return [name, { min: [...min, value], max: [...max, value] }];
    }),
  );
  const known = new Set(series.available);
  const fresh = Object.keys(point.figures).filter(name => !known.has(name));
  return {
    ...series,
    figures,
    batch: [...series.batch, batch],
    batchEnd: [...series.batchEnd, batch],
    timeMs: [...series.timeMs, timeMs],
    timeEndMs: [...series.timeEndMs, timeMs],
    points: series.points + 1,
    nextSeq: point.seq + 1,
    available: fresh.length > 0 ? [...series.available, ...fresh] : series.available,
    batchRange: [series.batchRange?.[0] ?? batch, batch],
    timeRange: [series.timeRange?.[0] ?? timeMs, timeMs],
  };
}
