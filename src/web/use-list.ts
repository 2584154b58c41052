/** A part of the list of runs, asked for again and again: what the address has, or the runs of a comparison. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ColumnsResponse, ListResponse } from '../serve/index.ts';
import { fetchJson } from './fetch-json.ts';

const LIST_MS = 1000;

export interface ListState {
  /** The newest answer, of the question before where the newest is not answered yet; null before the first. */
  list: ListResponse | null;
  error: string | null;
}

/** @param query of `/api/list`, without `since` */
export function useList(query: URLSearchParams): ListState {
  const [state, set] = useState<ListState>({ list: null, error: null });
  const latest = useRef<ListResponse | null>(null);
  const asked = query.toString();
  // Not after the next frame: what is typed is asked for at once.
  useLayoutEffect(() => {
    const stop = new AbortController();
    let version = -1;
    let timer = 0;
    const look = async () => {
      let isBehind = false;
      try {
        const found = await fetchJson<ListResponse>(`/api/list?${asked}&since=${version}`, stop.signal);
        isBehind = found.rows.some(({ run }) => !run.read);
        version = found.version;
        if (!found.isSame || latest.current === null) latest.current = found;
        const list = latest.current;
        set(before => (before.list === list && before.error === null ? before : { list, error: null }));
      } catch (error) {
        if (stop.signal.aborted) return;
        version = -1;
        set(before => ({ ...before, error: (error as Error).message }));
      }
      if (stop.signal.aborted) return;
      timer = window.setTimeout(look, document.hidden ? LIST_MS * 4 : isBehind ? LIST_MS / 3 : LIST_MS);
    };
    void look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [asked]);
  return state;
}

/** What columns there are, asked for once. */
export function useColumns(): ColumnsResponse | null {
  const [columns, set] = useState<ColumnsResponse | null>(null);
  useEffect(() => {
    fetchJson<ColumnsResponse>('/api/columns').then(set, () => {});
  }, []);
  return columns;
}
