/**
 * Lines of memory that verl's workers print again and again, the same but for their amounts: one that begins as a line that was read
 * before, and ends in amounts of two digits, is read off its bytes. No text is made of it, and nobody else looks at it.
 */
import type { DeviceMemory, Payload } from '../contract/index.ts';
import type { LogLine } from './log-line.ts';
import { ALLOCATED, DEVICE, freeOf, HUNDREDTH, inBytes, RESERVED } from './verl-memory.ts';

type Sample = Payload<'MEMORY_SAMPLED'>;

/** A line's beginning, up to its amounts, and what it names. */
interface Known {
  head: DataView;
  sample: Pick<Sample, 'phase' | 'when' | 'role' | 'worker'>;
  device: string;
  /** The one that came after this one last: mostly it does again. */
  next: Known | null;
}

const MOST_KNOWN = 4096;
/** A worker's name, a role, an edge, a phase: no word in it is any other reader's, and no time stands in it. */
const HEAD =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are what it looks for
  /^(?:\x1b\[\d{1,2}m)?\([\w. -]{1,60} pid=\d{1,10}(?:, ip=[\d.]{1,40})?\)(?:\x1b\[0m)? [a-z][\w /.-]{0,39} (?:Before|After) [\w /.()-]{1,80}$/;

const [POINT, ZERO, NINE, END_OF_COLOUR] = [46, 48, 57, 109];
const MOST_DIGITS = 9;
/** What stands before each amount, the last first. */
const WORDS = ['/', `, ${DEVICE}`, RESERVED, ALLOCATED].map(bytesOfText);
/** The amounts of the newest line, in hundredths of a GiB. */
const hundredths = new Float64Array(WORDS.length);
const REPEATED = bytesOfText('\x1b[32m [repeated ');
const ACROSS = bytesOfText('x across cluster]\x1b[0m');

export class WorkerLines {
  #known = new Map<number, Known>();
  #newest: Known | null = null;

  /** A line that was read, and what it names besides its amounts. */
  add({ raw }: LogLine, sample: Known['sample'], device: string): void {
    const head = raw.slice(0, Math.max(0, raw.indexOf(ALLOCATED)));
    if (!HEAD.test(head)) return;
    const bytes = Buffer.from(head);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(hashOf(bytes, 0, bytes.length), { head: viewOfBytes(bytes), sample, device, next: null });
  }

  /** The sample of a line that begins as one that was added, and has all amounts; null for any other. */
  sampleIn(bytes: Uint8Array, from: number, to: number): Sample | null {
    let end = to;
    let unseen = 0;
    if (bytes[to - 1] === END_OF_COLOUR) {
      end -= ACROSS.byteLength;
      if (!hasBefore(bytes, from, to, ACROSS)) return null;
      const start = startOfDigits(bytes, from, end);
      // Ray counts the line that it shows among the repeated ones.
      unseen = Math.max(0, wholeNumber(bytes, start, end) - 1);
      if (start === end || !hasBefore(bytes, from, start, REPEATED)) return null;
      end = start - REPEATED.byteLength;
    }
    const at = amountsBefore(bytes, from, end);
    if (at === -1) return null;
    const known = this.#knownBy(bytes, from, at);
    if (known === null) return null;
    const { phase, when, role, worker } = known.sample;
    const memory = [memoryOf(known.device)];
    return unseen === 0
      ? { phase, when, role, worker, memory }
      : { phase, when, role, worker, unseen, memory };
  }

  /** The one with these bytes up to its amounts; null for none. */
  #knownBy(bytes: Uint8Array, from: number, to: number): Known | null {
    let known = this.#newest?.next ?? null;
    if (known === null || !begins(bytes, from, to, known)) {
      known = this.#known.get(hashOf(bytes, from, to)) ?? null;
      if (known === null || !begins(bytes, from, to, known)) return null;
      if (this.#newest !== null) this.#newest.next = known;
    }
    this.#newest = known;
    return known;
  }
}

const begins = (bytes: Uint8Array, from: number, to: number, { head }: Known): boolean =>
  head.byteLength === to - from && hasBefore(bytes, from, to, head);

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

/** The newest bytes that were looked into: many lines are of one array. */
let viewed: Uint8Array = new Uint8Array();
let view = viewOfBytes(viewed);

/** Whether these words end at `to`. */
function hasBefore(bytes: Uint8Array, from: number, to: number, words: DataView): boolean {
  const { byteLength } = words;
  const start = to - byteLength;
  if (start < from) return false;
  if (byteLength < 4) {
    for (let i = 0; i < byteLength; i++) if (bytes[start + i] !== words.getUint8(i)) return false;
    return true;
  }
  if (bytes !== viewed) {
    viewed = bytes;
    view = viewOfBytes(bytes);
  }
  // Four at once, the first four last: some of them may be compared twice.
  for (let i = byteLength - 4; i > 0; i -= 4)
    if (view.getInt32(start + i) !== words.getInt32(i)) return false;
  return view.getInt32(start) === words.getInt32(0);
}

/** Where the digits in front of `to` begin, no more than so many. */
function startOfDigits(bytes: Uint8Array, from: number, to: number): number {
  const least = Math.max(from, to - MOST_DIGITS);
  let at = to;
  while (at > least && bytes[at - 1]! >= ZERO && bytes[at - 1]! <= NINE) at--;
  return at;
}

function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  let whole = 0;
  for (let i = from; i < to; i++) whole = whole * 10 + bytes[i]! - ZERO;
  return whole;
}

/** Where the words of the first amount begin; -1 where the amounts in front of `to` are not all there. */
function amountsBefore(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  for (let i = 0; i < WORDS.length; i++) {
    const point = at - 3;
    if (point < from || bytes[point] !== POINT || startOfDigits(bytes, point + 1, at) !== point + 1)
      return -1;
    const start = startOfDigits(bytes, from, point);
    if (start === point || !hasBefore(bytes, from, start, WORDS[i]!)) return -1;
    hundredths[i] = wholeNumber(bytes, start, point) * 100 + wholeNumber(bytes, point + 1, at);
    at = start - WORDS[i]!.byteLength;
  }
  return at;
}

function memoryOf(device: string): DeviceMemory {
  const allocatedBytes = inBytes(hundredths[3]! / 100);
  const reservedBytes = inBytes(hundredths[2]! / 100);
  const used = inBytes(hundredths[1]! / 100);
  const deviceTotalBytes = inBytes(hundredths[0]! / 100);
  const resolutionBytes = HUNDREDTH;
  const free = freeOf(used, deviceTotalBytes);
  return free === null
    ? { device, allocatedBytes, reservedBytes, deviceTotalBytes, resolutionBytes }
    : { device, allocatedBytes, reservedBytes, deviceTotalBytes, deviceFreeBytes: free, resolutionBytes };
}

function viewOfBytes({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function bytesOfText(text: string): DataView {
  return viewOfBytes(Buffer.from(text));
}
