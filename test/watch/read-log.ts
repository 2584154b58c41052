/** A log through the reader, as tests need it: its events, its notices, and the counts. */
import { readFileSync } from 'node:fs';
import {
  firstPrintedTime,
  formats,
  type InputEnd,
  linesFor,
  parseMap,
  TrainerLogParser,
  type WatchedEvent,
} from '../../src/watch/index.ts';

export interface ReadLog {
  events: WatchedEvent[];
  notices: string[];
  reader: TrainerLogParser;
}

export interface ReadLogOptions {
  format?: string;
  map?: string[];
  /** null to leave the input open. */
  end?: InputEnd | null;
  nowMs?: number;
  /** Bytes a chunk; the cut may fall anywhere, within a character too. */
  chunk?: number;
}

export function readLog(log: string | Uint8Array, options: ReadLogOptions = {}): ReadLog {
  const { format, map = [], end = 'ended', nowMs = 2e12, chunk = 4096 } = options;
  const events: WatchedEvent[] = [];
  const notices: string[] = [];
  const reader = new TrainerLogParser({
    name: 'test',
    source: 'test.log',
    format: formats.find(({ name }) => name === format) ?? null,
    map: parseMap(map),
    onEvent: event => events.push(event),
    onNotice: notice => notices.push(notice),
  });
  const splitter = linesFor(reader, { nowMs, live: false });
  const bytes = typeof log === 'string' ? Buffer.from(log) : log;
  reader.startsAt(firstPrintedTime(bytes));
  for (let at = 0; at < bytes.length; at += chunk) splitter.push(bytes.subarray(at, at + chunk));
  if (end !== null) splitter.reset(end !== 'interrupted');
  if (end !== null) reader.end(end, nowMs);
  return { events, notices, reader };
}

export const golden = (name: string) => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8');
