/**
 * One way from the sources to the screen: what the sources emit goes through a log file on disk and the reducer to a
 * frame. Every stage may be replaced, which is how tests break exactly one of them.
 */
import type { LineSink, SanctumSnapshot, TelemetryEvent, UnknownEvent } from '../contract/index.ts';
import { type Fixture, NOW_MS } from './fixture.ts';
import { regionsOf } from './page-regions.ts';
import { type Styled, styled } from './styled.ts';

export interface ReadBack {
  events: (TelemetryEvent | UnknownEvent)[];
  /** What the reader met. */
  report: { malformed: number; torn: number; unknown: number };
}

export interface Path {
  /** The real sources on a fixture of what they measure. */
  emit(fixture: Fixture, sink: LineSink): void;
  /** Writes to a log file on disk, and reads it back. */
  log(write: (sink: LineSink) => void): ReadBack;
  reduce(events: readonly (TelemetryEvent | UnknownEvent)[]): SanctumSnapshot;
  /** The screen with its colours at a time, milliseconds since the epoch. */
  frame(snapshot: SanctumSnapshot, nowMs: number, read: ReadBack): string;
  /** The page of Overwatch at that time, HTML. */
  page(snapshot: SanctumSnapshot, nowMs: number, read: ReadBack): string;
}

/** Both screens. */
export interface Screens {
  frame: Styled;
  /** By `data-region`. */
  page: ReadonlyMap<string, Styled>;
}

/** What was seen on the way. */
export interface Passage {
  emitted: TelemetryEvent[];
  read: ReadBack;
  snapshot: SanctumSnapshot;
  /** Drawn when they are first looked at. */
  screens(): Screens;
}

export function pass(path: Path, fixture: Fixture): Passage {
  const emitted: TelemetryEvent[] = [];
  const read = path.log(sink =>
    path.emit(fixture, {
      append: line => {
        emitted.push(JSON.parse(line) as TelemetryEvent);
        sink.append(line);
      },
    }),
  );
  const snapshot = path.reduce(read.events);
  const screens = once(() => ({
    frame: styled(path.frame(snapshot, NOW_MS, read)),
    page: regionsOf(path.page(snapshot, NOW_MS, read)),
  }));
  return { emitted, read, snapshot, screens };
}

/** The value, made when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
