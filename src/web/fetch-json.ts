/** Questions to the server, and the records, which every page needs. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunReport } from '../contract/index.ts';
import type { TelemetryRecord } from '../figures/index.ts';
import type { ErrorResponse, PageMessage } from '../serve/index.ts';
import { addressOf } from './base-path.ts';

/** The answer. Throws an Error whose message is a sentence for people. */
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(addressOf(path), { signal, headers: { accept: 'application/json' } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error('The server does not respond. It may have ended: start it again with "npx esper serve".');
  }
  const value: unknown = await answer.json().catch(() => null);
  if (!answer.ok)
    throw new Error((value as ErrorResponse | null)?.error ?? `The server answered ${answer.status}.`);
  return value as T;
}

let records: Promise<TelemetryRecord[]> | null = null;

/** All records; empty until they have come. */
export function useRecords(): TelemetryRecord[] {
  const [known, set] = useState<TelemetryRecord[]>([]);
  useEffect(() => {
    records ??= fetchJson<TelemetryRecord[]>('/api/records').catch(() => {
      records = null;
      return [];
    });
    void records.then(set);
  }, []);
  return known;
}

export interface Live {
  message: PageMessage | null;
  /** False while the stream is cut; the browser tries again by itself. */
  connected: boolean;
  error: string | null;
}

/**
 * A run's live stream. `onMessage` gets every message, the state only the newest.
 * @param rank whose points are wanted; null: the lowest rank's
 */
export function useLive(id: string, rank: number | null, onMessage: (message: PageMessage) => void): Live {
  const [state, set] = useState<Live>({ message: null, connected: true, error: null });
  const latest = useRef(onMessage);
  latest.current = onMessage;
  useEffect(() => {
    // Another rank's points are of the same run.
    set(before => (before.message?.id === id ? before : { message: null, connected: true, error: null }));
    let source: EventSource | null = null;
    let timer = 0;
    const open = () => {
      const of = rank ?? 'lead';
      source = new EventSource(addressOf(`/api/runs/${encodeURIComponent(id)}/live?rank=${of}&brief=1`));
      source.onmessage = ({ data }) => {
        const message = JSON.parse(data as string) as PageMessage;
        latest.current(message);
        set({ message, connected: true, error: null });
      };
      source.onerror = async () => {
        set(before => ({ ...before, connected: false }));
        if (source?.readyState !== EventSource.CLOSED) return;
        // Refused, not cut: report why, and go on trying.
        const error = await fetchJson(`/api/runs/${encodeURIComponent(id)}`).then(
          () => null,
          (reason: Error) => reason.message,
        );
        set(before => ({ ...before, error: before.message === null ? error : null }));
        timer = window.setTimeout(open, 1500);
      };
    };
    open();
    return () => {
      source?.close();
      clearTimeout(timer);
    };
  }, [id, rank]);
  return state;
}

/** The time, looked at every `ms`. */
export function useNow(ms: number): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return now;
}

/** Asks again at most so often while a run goes on. */
const VERDICT_MS = 5000;

/**
 * The run's report, its timelines left out; null before the first.
 * @param events what has been read of the log; null while it is not all
 */
export function useVerdict(id: string, events: number | null): RunReport | null {
  const [report, set] = useState<RunReport | null>(null);
  const asked = useRef({ id: '', events: -1, atMs: 0 });
  useEffect(() => {
    if (asked.current.id !== id) set(null);
    if (events === null || (asked.current.id === id && asked.current.events === events)) return;
    const waitMs = asked.current.id === id ? asked.current.atMs + VERDICT_MS - performance.now() : 0;
    const timer = setTimeout(
      () => {
        asked.current = { id, events, atMs: performance.now() };
        fetchJson<RunReport>(`/api/runs/${encodeURIComponent(id)}/verdict`).then(
          answer => asked.current.id === id && set(answer),
          // The page shows that the server is away; the next event asks again.
          () => {},
        );
      },
      Math.max(0, waitMs),
    );
    return () => clearTimeout(timer);
  }, [id, events]);
  return report;
}
