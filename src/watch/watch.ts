/** From an input to the reader: a file, followed or read once; a compressed file; a pipe that is always drained. */
import { constants, createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isGzip, onAbort } from '../base/index.ts';
import { EventFileReader, StepLines } from './event-file.ts';
import { followFile, RESTED_MS } from './follow-file.ts';
import { type LineConsumer, LineSplitter } from './line-splitter.ts';
import type { LineTime } from './log-clock.ts';
import { firstPrintedTime } from './log-line.ts';
import type { PassThrough } from './pass-through.ts';
import { documentText } from './source.ts';
import type { TrainerLogParser } from './trainer-log-parser.ts';

/** So long is silent: an error that was printed and not followed by figures is believed. */
const SILENT_MS = RESTED_MS;
/** A file whose trainer has reported its end, and that was not touched for so long, is done. */
const DONE_MS = 30_000;

export interface WatchOptions {
  signal: AbortSignal;
  onNotice(notice: string): void;
}

export interface InputReport {
  /** Unfinished lines at the end or before a restart: not read, their last figure may be cut. */
  torn: number;
  /** Lines that were too long to be read. */
  tooLong: number;
}

/**
 * Bytes → the reader's lines.
 * @param time of the lines; to be set before bytes are pushed, and not replaced
 */
export const linesFor = (reader: TrainerLogParser, time: Readonly<LineTime>): LineSplitter =>
  new LineSplitter(consumerOf(reader, time));

const consumerOf = (reader: TrainerLogParser, time: Readonly<LineTime>): Required<LineConsumer> => ({
  wants: (bytes, from, to, number) => reader.wants(bytes, from, to, number, time),
  take: (text, number, isOpen) => reader.read(text, number, time.nowMs, time.live, isOpen),
});

/** Follows a file until the signal aborts, or until its trainer has ended and the file rests. */
export async function watchFile(
  path: string,
  reader: TrainerLogParser,
  { signal, onNotice, follow }: WatchOptions & { follow: boolean },
): Promise<InputReport> {
  const time: LineTime = { nowMs: Date.now(), live: false };
  let torn = 0;
  let silentSinceMs = Date.now();
  let settled = true;
  let missing = false;
  let noted = false;
  let hasBegun = false;
  const splitter = linesFor(reader, time);
  for await (const part of followFile(path, { signal, follow })) {
    if (part.kind === 'bytes') {
      time.live = part.live;
      time.nowMs = Date.now();
      if (!hasBegun && !part.live) reader.startsAt(firstPrintedTime(part.chunk));
      hasBegun = true;
      splitter.push(part.chunk);
      silentSinceMs = Date.now();
      settled = false;
    } else if (part.kind === 'restart') {
      if (splitter.reset()) torn++;
      time.live = true;
      onNotice(`${path} was ${part.why}: reading it from its start.`);
    } else {
      if (part.modifiedMs === null && !missing) {
        onNotice(`Waiting for ${path}.`);
        missing = true;
      }
      const nowMs = Date.now();
      if (!settled && nowMs - silentSinceMs >= SILENT_MS) {
        reader.settle(nowMs);
        settled = true;
      }
      const rests = part.modifiedMs !== null && nowMs - part.modifiedMs >= DONE_MS;
      if (rests && reader.ended) break;
      if (rests && settled && !noted) {
        onNotice(
          `${path} rests, and its trainer has reported no end: waiting for more. Ctrl-C ends; --no-follow reads it once.`,
        );
        noted = true;
      }
    }
  }
  // Nothing more comes of a file that rests: its last line is whole, newline or not.
  const rests = !signal.aborted && (await ageMs(path)) >= (follow ? DONE_MS : RESTED_MS);
  if (splitter.reset(rests) && !rests) torn++;
  reader.end(signal.aborted ? 'interrupted' : 'ended', Date.now());
  return { torn, tooLong: splitter.tooLong };
}

/** Reads TensorBoard's event files of one training, and follows the last of them. */
export async function watchEvents(
  paths: string[],
  reader: TrainerLogParser,
  { signal, onNotice, follow }: WatchOptions & { follow: boolean },
): Promise<InputReport> {
  let number = 0;
  let live = false;
  let torn = 0;
  let idleSinceMs = Date.now();
  const lines = new StepLines(line => reader.read(line, ++number, Date.now(), live));
  for (const [i, path] of paths.entries()) {
    let file = new EventFileReader(event => lines.add(event));
    const isLast = i === paths.length - 1;
    for await (const part of followFile(path, { signal, follow: follow && isLast })) {
      if (part.kind === 'restart') file = new EventFileReader(event => lines.add(event));
      if (part.kind === 'bytes') {
        live = part.live;
        file.push(part.chunk);
        idleSinceMs = Date.now();
      } else if (part.kind === 'idle' && Date.now() - idleSinceMs >= SILENT_MS) {
        // What a trainer writes of a step, it writes at once.
        lines.flush();
        if (reader.ended && part.modifiedMs !== null && Date.now() - part.modifiedMs >= DONE_MS) break;
      }
    }
    if (file.problem !== null) onNotice(`${path}: ${file.problem}.`);
    if (file.torn) torn++;
  }
  lines.flush();
  reader.end(signal.aborted ? 'interrupted' : 'ended', Date.now());
  return { torn, tooLong: 0 };
}

/** Reads one JSON document of records, as it stands. Throws an Error of one sentence where it is none. */
export function watchDocument(path: string, reader: TrainerLogParser): InputReport {
  const splitter = linesFor(reader, { nowMs: Date.now(), live: false });
  splitter.push(Buffer.from(documentText(path)));
  splitter.reset(true);
  reader.end('ended', Date.now());
  return { torn: 0, tooLong: splitter.tooLong };
}

/** Milliseconds since the file was written to; 0 where it is gone. */
const ageMs = (path: string) =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );

/** Whether a file begins as gzip does. False where it cannot be read. */
export async function isGzipFile(path: string): Promise<boolean> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const start = new Uint8Array(2);
      await file.read(start, 0, 2, 0);
      return isGzip(start);
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

/** Reads a gzip file to its end; one that is cut short is read as far as it goes. */
export async function watchGzip(
  path: string,
  reader: TrainerLogParser,
  { signal, onNotice }: WatchOptions,
): Promise<InputReport> {
  const time: LineTime = { nowMs: Date.now(), live: false };
  const splitter = linesFor(reader, time);
  const file = createReadStream(path, { signal });
  const unpacked = file.pipe(createGunzip());
  file.on('error', error => unpacked.destroy(error));
  let isCut = false;
  let hasBegun = false;
  try {
    for await (const chunk of unpacked) {
      time.nowMs = Date.now();
      if (!hasBegun) reader.startsAt(firstPrintedTime(chunk));
      hasBegun = true;
      splitter.push(chunk as Uint8Array);
    }
  } catch (error) {
    isCut = true;
    if (!signal.aborted)
      onNotice(`${path} ends early (${(error as Error).message}): read as far as it goes.`);
  }
  const isWhole = !signal.aborted && !isCut;
  const torn = splitter.reset(isWhole) && !isWhole ? 1 : 0;
  reader.end(signal.aborted ? 'interrupted' : 'ended', Date.now());
  return { torn, tooLong: splitter.tooLong };
}

/**
 * Reads a pipe, or several that make one log, to their ends, handing every byte on first. Nothing but their end, or the signal, ends
 * it: a fault while reading a line is printed, and the pipes are drained all the same.
 * @param interrupted whether the user asked for the end meanwhile; the trainer may take its time to obey.
 */
export async function watchPipe(
  input: Readable | readonly Readable[],
  reader: TrainerLogParser,
  through: PassThrough | null,
  { signal, onNotice, interrupted }: WatchOptions & { interrupted: () => boolean },
): Promise<InputReport> {
  let faults = 0;
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      if (faults++ === 0) onNotice(`A fault of Esper while it read the log: ${(error as Error).message}`);
      return undefined;
    }
  };
  const time: LineTime = { nowMs: Date.now(), live: true };
  let newestMs = time.nowMs;
  let settled = true;
  const inputs = Array.isArray(input) ? (input as readonly Readable[]) : [input as Readable];
  const { wants, take } = consumerOf(reader, time);
  const splitters = inputs.map(
    () =>
      new LineSplitter({
        wants: (bytes, from, to, number) => attempt(() => wants(bytes, from, to, number)) ?? false,
        take: (text, number, isOpen) => attempt(() => take(text, number, isOpen)),
      }),
  );
  const timer = setInterval(() => {
    if (settled || Date.now() - newestMs < SILENT_MS) return;
    settled = true;
    attempt(() => reader.settle(Date.now()));
  }, SILENT_MS / 6);
  const toEnd = (pipe: Readable, splitter: LineSplitter) =>
    new Promise<void>(resolve => {
      pipe.on('data', (chunk: Uint8Array) => {
        through?.write(chunk);
        time.nowMs = Date.now();
        attempt(() => splitter.push(chunk));
        newestMs = Date.now();
        settled = false;
      });
      pipe.on('end', resolve);
      // Without an end where it was destroyed.
      pipe.on('close', resolve);
      pipe.on('error', error => {
        onNotice(`The pipe broke: ${error.message}`);
        resolve();
      });
      onAbort(signal, resolve);
    });
  await Promise.all(inputs.map((pipe, at) => toEnd(pipe, splitters[at]!)));
  clearInterval(timer);
  for (const pipe of inputs) pipe.removeAllListeners('data');
  let torn = 0;
  // What a closed pipe gave last is a line, newline or not.
  for (const splitter of splitters)
    attempt(() => {
      if (splitter.reset(!signal.aborted) && signal.aborted) torn++;
    });
  attempt(() => reader.end(signal.aborted || interrupted() ? 'interrupted' : 'closed', Date.now()));
  return { torn, tooLong: splitters.reduce((sum, { tooLong }) => sum + tooLong, 0) };
}
