/** What the reader of a log is given, and what it gives: events, notices, counts. */
import type { EventType, Payload } from '../contract/index.ts';
import type { FormatOptions, LogFormat } from './format.ts';

export interface WatchedEvent<T extends EventType = EventType> {
  rank: number;
  type: T;
  data: Payload<T>;
  /** Milliseconds since the epoch. */
  timeMs: number;
}

export interface ReaderOptions {
  /** The run's name. */
  name: string;
  /** Where the lines come from, for the run's configuration. */
  source: string;
  /** What the run's configuration has besides. */
  config?: Readonly<Record<string, unknown>>;
  /** null to find it. */
  format: LogFormat | null;
  map: FormatOptions['map'];
  onEvent(event: WatchedEvent): void;
  /** Something a person should know, once each: a sentence. */
  onNotice(notice: string): void;
}

export interface ReaderCounts {
  lines: number;
  /** Lines of the format, and of errors. */
  read: number;
  /** All others. */
  unread: number;
  /** Lines of the format that could not be read whole. */
  almost: number;
  /** Steps reported again by another process of the job, which the log does not distinguish. */
  repeated: number;
  events: number;
}
