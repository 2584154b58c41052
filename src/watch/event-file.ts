/**
 * TensorBoard's event files: records of a length, its checksum, the bytes, their checksum (TFRecord, CRC-32C, masked); each record
 * a protocol buffer `Event` of a time, a step and scalars by tag. Scalars of one step → one JSON line, as any logger of records
 * writes it. Images, histograms and graphs are passed over.
 */
import { maskedCrc32c } from '../base/index.ts';
import { bytesIn, dataView, type Field, fieldsOf, messagesIn } from './protobuf.ts';

const HEAD = 12;
const FOOT = 4;
/** Longest record that is read; images may be longer, and are passed over. */
const LONGEST = 64 * 1024 * 1024;

export interface ScalarEvent {
  /** Seconds since the epoch. */
  wallTime: number;
  step: number;
  scalars: [tag: string, value: number][];
}

/** Bytes of an event file, in chunks of any size → its events. */
export class EventFileReader {
  /** Why nothing more is read; null while all is well. */
  problem: string | null = null;
  /** What came of a record that has not ended yet, and its bytes. */
  #parts: Uint8Array[] = [];
  #held = 0;
  /** Bytes from which there is more to read: of a head, or of the whole record. */
  #needed = HEAD;
  #read = 0;
  #take: (event: ScalarEvent) => void;

  constructor(take: (event: ScalarEvent) => void) {
    this.#take = take;
  }

  /** Whether bytes of an unfinished record are held. */
  get torn(): boolean {
    return this.#held > 0;
  }

  push(chunk: Uint8Array): void {
    if (this.problem !== null) return;
    if (this.#held + chunk.length < this.#needed) {
      this.#keep(chunk);
      return;
    }
    let bytes = this.#held === 0 ? chunk : Buffer.concat([...this.#parts, chunk]);
    for (;;) {
      this.#needed = HEAD;
      if (bytes.length < HEAD) break;
      const view = dataView(bytes);
      const length = Number(view.getBigUint64(0, true));
      if (view.getUint32(8, true) !== maskedCrc32c(bytes.subarray(0, 8)) || length > LONGEST) {
        this.problem = `record ${this.#read + 1} has no valid length: the file is no event file, or damaged`;
        break;
      }
      this.#needed = HEAD + length + FOOT;
      if (bytes.length < this.#needed) break;
      const data = bytes.subarray(HEAD, HEAD + length);
      this.#read++;
      if (view.getUint32(HEAD + length, true) !== maskedCrc32c(data)) {
        this.problem = `record ${this.#read} does not match its checksum: the file is damaged from there on`;
        break;
      }
      const event = eventIn(data);
      if (event !== null) this.#take(event);
      bytes = bytes.subarray(this.#needed);
    }
    this.#parts = [];
    this.#held = 0;
    if (this.problem === null && bytes.length > 0) this.#keep(bytes);
  }

  /** Keeps a copy: the chunk is used again. */
  #keep(bytes: Uint8Array): void {
    this.#parts.push(new Uint8Array(bytes));
    this.#held += bytes.length;
  }
}

/** `Event { 1: wall_time, 2: step, 5: Summary { 1: Value { 1: tag, 2: simple_value, 8: TensorProto } } }`; null without scalars. */
function eventIn(bytes: Uint8Array): ScalarEvent | null {
  const fields = fieldsOf(bytes);
  const summary = bytesIn(fields, 5);
  const time = bytesIn(fields, 1);
  if (summary === null || time?.length !== 8) return null;
  const step = fields.find(field => field.number === 2)?.value ?? 0n;
  if (typeof step !== 'bigint' || step > 2n ** 53n) return null;
  const scalars = messagesIn(fieldsOf(summary), 1).flatMap((parts): [string, number][] => {
    const tag = bytesIn(parts, 1);
    const scalar = scalarIn(parts);
    return tag === null || scalar === null ? [] : [[Buffer.from(tag).toString('utf8'), scalar]];
  });
  return scalars.length === 0
    ? null
    : { wallTime: dataView(time).getFloat64(0, true), step: Number(step), scalars };
}

/** `simple_value`, or a tensor of one number: 1 float, 2 double (TensorFlow 2 writes scalars so). */
function scalarIn(parts: Field[]): number | null {
  const simple = bytesIn(parts, 2);
  if (simple?.length === 4) return dataView(simple).getFloat32(0, true);
  const tensor = bytesIn(parts, 8);
  if (tensor === null) return null;
  const fields = fieldsOf(tensor);
  const content = bytesIn(fields, 4) ?? bytesIn(fields, 5) ?? bytesIn(fields, 6);
  const kind = fields.find(field => field.number === 1)?.value;
  if (kind === 1n && content?.length === 4) return dataView(content).getFloat32(0, true);
  return kind === 2n && content?.length === 8 ? dataView(content).getFloat64(0, true) : null;
}

/** The shortest decimal that is this 32-bit float. */
function shortest(value: number): number | string {
  if (!Number.isFinite(value)) return `${value}`;
  if (Math.fround(value) !== value) return value;
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(9));
}

/** Events → JSON lines, one a step: scalars of a step are written one after the other. */
export class StepLines {
  #step: { number: number; wallTime: number; scalars: Map<string, number> } | null = null;
  #take: (line: string) => void;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  add({ step, wallTime, scalars }: ScalarEvent): void {
    if (this.#step !== null && this.#step.number !== step) this.flush();
    this.#step ??= { number: step, wallTime, scalars: new Map() };
    for (const [tag, value] of scalars) this.#step.scalars.set(tag, value);
  }

  flush(): void {
    if (this.#step === null) return;
    const { number, wallTime, scalars } = this.#step;
    this.#step = null;
    const figures = [...scalars].map(([tag, value]) => [tag, shortest(value)] as const);
    this.#take(
      JSON.stringify({ wall_time: localTime(wallTime * 1000), step: number, ...Object.fromEntries(figures) }),
    );
  }
}

/** As a log prints a time: local, without a zone. */
function localTime(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().replace('T', ' ').slice(0, 23);
}
