/** The whole view is in the address: a link shows another person the same. */
import { useEffect, useState } from 'preact/hooks';
import { addressOf, basePath } from './base-path.ts';

export interface Route {
  page: 'runs' | 'run' | 'compare' | 'unknown';
  /** Run of the page. */
  id: string;
  /** Runs to compare. */
  runs: string[];
  /** Filter of the list. */
  q: string;
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

const numberOf = (text: string | null): number | null =>
  text === null || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);

export function readRoute(url: URL): Route {
  const { searchParams: query } = url;
  const pathname = url.pathname.slice(basePath.length) || '/';
  const run = /^\/run\/([^/]+)$/.exec(pathname)?.[1];
  const page = run ? 'run' : pathname === '/' ? 'runs' : pathname === '/compare' ? 'compare' : 'unknown';
  return {
    page,
    id: run ? decodeURIComponent(run) : '',
    runs: (query.get('runs') ?? '').split(',').filter(Boolean).slice(0, 5),
    q: query.get('q') ?? '',
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
  const { page = 'runs', id = '', runs = [], q, x, from, to, at, rank, device, own, meaning } = route;
  const query = new URLSearchParams();
  const put = (name: string, value: string | number | null | undefined) => {
    if (value != null && value !== '') query.set(name, String(value));
  };
  put('runs', runs.join(','));
  put('q', q);
  put('x', x === 'time' ? x : null);
  put('from', from);
  put('to', to);
  put('at', at);
  put('rank', rank);
  put('device', device);
  if (own != null) query.set('own', own.join(','));
  put('meaning', meaning);
  const path = page === 'run' ? `/run/${encodeURIComponent(id)}` : page === 'compare' ? '/compare' : '/';
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
