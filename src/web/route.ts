/** The whole view is in the address: a link shows another person the same. */
import { useEffect, useState } from 'preact/hooks';
import { addressOf, basePath } from './base-path.ts';

export interface Route {
  page: 'runs' | 'run' | 'compare' | 'groups' | 'unknown';
  /** Run of the page. */
  id: string;
  /** Runs that are chosen or compared. */
  runs: string[];
  /** Groups to compare: a pattern, a name, or conditions, each. */
  groups: string[];
  /** Of groups: the figure that decides which is best; null: what they report. */
  by: string | null;
  /** Of a sweep: configuration that parts no runs. */
  ignore: string[];
  /** Filter of the list: conditions and words. */
  q: string;
  /** Columns of the list beside the name; null: the usual ones. */
  columns: string[] | null;
  /** Column that the list is sorted by, after a minus from the highest down; null: the newest first. */
  sort: string | null;
  /** Archived runs are listed as well. */
  all: boolean;
  x: 'batch' | 'time';
  /** Zoomed range of the x axis; null for all of it. */
  from: number | null;
  to: number | null;
  /** Moment whose snapshot is shown, milliseconds since the epoch; null for the newest. */
  at: number | null;
  rank: number | null;
  device: string | null;
  /** Figures of the trainer's own that are shown; null: the first ones. */
  own: string[] | null;
  /** Record whose meaning is shown. */
  meaning: string | null;
}

/** Runs that a comparison draws. */
export const MOST_COMPARED = 5;

const pages: Readonly<Record<string, Route['page']>> = {
  '/': 'runs',
  '/compare': 'compare',
  '/groups': 'groups',
};

const numberOf = (text: string | null): number | null =>
  text === null || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);

export function readRoute(url: URL): Route {
  const { searchParams: query } = url;
  const pathname = url.pathname.slice(basePath.length) || '/';
  const run = /^\/run\/([^/]+)$/.exec(pathname)?.[1];
  const page = run ? 'run' : (pages[pathname] ?? 'unknown');
  return {
    page,
    id: run ? decodeURIComponent(run) : '',
    runs: (query.get('runs') ?? '').split(',').filter(Boolean).slice(0, MOST_COMPARED),
    groups: query.getAll('group').filter(Boolean),
    by: query.get('by') || null,
    ignore: query.getAll('ignore').filter(Boolean),
    q: query.get('q') ?? '',
    columns: query.get('columns')?.split(',').filter(Boolean) ?? null,
    sort: query.get('sort') || null,
    all: query.get('all') === '1',
    x: query.get('x') === 'time' ? 'time' : 'batch',
    from: numberOf(query.get('from')),
    to: numberOf(query.get('to')),
    at: numberOf(query.get('at')),
    rank: numberOf(query.get('rank')),
    device: query.get('device'),
    own: query.get('own')?.split(',').filter(Boolean) ?? null,
    meaning: query.get('meaning'),
  };
}

export function linkOf(route: Partial<Route>): string {
  const {
    page = 'runs',
    id = '',
    runs = [],
    groups = [],
    by,
    ignore = [],
    q,
    columns,
    sort,
    all,
    x,
    from,
    to,
    at,
    rank,
    device,
    own,
    meaning,
  } = route;
  const query = new URLSearchParams();
  const put = (name: string, value: string | number | null | undefined) => {
    if (value != null && value !== '') query.set(name, String(value));
  };
  put('runs', runs.join(','));
  for (const group of groups) query.append('group', group);
  put('by', by);
  for (const key of ignore) query.append('ignore', key);
  put('q', q);
  if (columns != null) query.set('columns', columns.join(','));
  put('sort', sort);
  put('all', all ? 1 : null);
  put('x', x === 'time' ? x : null);
  put('from', from);
  put('to', to);
  put('at', at);
  put('rank', rank);
  put('device', device);
  if (own != null) query.set('own', own.join(','));
  put('meaning', meaning);
  const path =
    page === 'run'
      ? `/run/${encodeURIComponent(id)}`
      : page === 'compare' || page === 'groups'
        ? `/${page}`
        : '/';
  const text = query.toString().replaceAll('%3A', ':').replaceAll('%2C', ',');
  return addressOf(text === '' ? path : `${path}?${text}`);
}

const listeners = new Set<() => void>();
const notify = () => {
  for (const listener of listeners) listener();
};

/** Goes to a view. `replace` where going back to the one before would be no use: a zoom that moves. */
export function go(route: Partial<Route>, replace = false): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', linkOf(route));
  notify();
}

export function useRoute(): Route {
  const [route, set] = useState(() => readRoute(new URL(location.href)));
  useEffect(() => {
    const listen = () => set(readRoute(new URL(location.href)));
    listeners.add(listen);
    addEventListener('popstate', listen);
    return () => {
      listeners.delete(listen);
      removeEventListener('popstate', listen);
    };
  }, []);
  return route;
}
