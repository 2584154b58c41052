/**
 * One way from the sources to the screen: what the sources emit goes through a log file on disk and the reducer to a
 * frame. Every stage may be replaced, which is how tests break exactly one of them.
 */
import type {
  LineSink,
  RunReport,
  SanctumSnapshot,
  TelemetryEvent,
  UnknownEvent,
} from '../../src/contract/index.ts';
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
  frame(snapshot: SanctumSnapshot, nowMs: number, read: ReadBack, verdict: RunReport): string;
  /** The page of Overwatch at that time, HTML. */
  page(snapshot: SanctumSnapshot, nowMs: number, read: ReadBack): string;
  analyse(read: ReadBack): RunReport;
  /** The report as text with its colours. */
  reportText(report: RunReport, nowMs: number): string;
}

/** The screens, and the report. */
export interface Screens {
  frame: Styled;
  /** By `data-region`. */
  page: ReadonlyMap<string, Styled>;
  report: Styled;
}

/** What was seen on the way. */
export interface Passage {
  emitted: TelemetryEvent[];
  read: ReadBack;
  snapshot: SanctumSnapshot;
  /** Made when it is first asked for. */
  report(): RunReport;
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
  const report = once(() => path.analyse(read));
  const frame = once(() => styled(path.frame(snapshot, NOW_MS, read, report())));
  const page = once(() => regionsOf(path.page(snapshot, NOW_MS, read)));
  const text = once(() => styled(path.reportText(report(), NOW_MS)));
  const screens = (): Screens => ({
    get frame() {
      return frame();
    },
    get page() {
      return page();
    },
    get report() {
      return text();
    },
  });
  return { emitted, read, snapshot, report, screens };
}

/** The value, made when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
