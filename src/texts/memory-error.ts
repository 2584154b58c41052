/**
 * The text of an error → whose memory ran out, and the figures of the text. The one answer to "is it an
 * out-of-memory error?": the Python client gives the same by the same table and the same test vectors.
 *
 * Texts round to hundredths of their unit: so do the bytes read from them. A text may be wrapped at a terminal's width,
 * between words or within one.
 */
import type { ImpossibleFigure, OutOfMemory } from '../contract/index.ts';
import { amountAt, type PrintedAmount } from './amount.ts';
import {
  amountPlaces,
  backends,
  elementBytes,
  indexes,
  type MemoryKind,
  type Sign,
  signs,
  signsByClass,
  units,
} from './memory-words.ts';

/** Characters that are read of a message; the longest known has some 1,500. */
const LONGEST = 32 * 1024;
const WRAPPED = 2 ** 64;

export interface MemoryError {
  /** `device` and `host` are an out-of-memory error; everything else only sounds like one. */
  memory: MemoryKind;
  /** Who was refused: pytorch, cuda, nccl, cublas, jax, physx, kernel, slurm, … */
  by: string;
  /** Figures of the text; null where the text is of no device or host that ran out. */
  outOfMemory: OutOfMemory | null;
}

export interface MemoryErrorOptions {
  /** Class of the error, dotted or not: some classes reveal more than their message. */
  errorType?: string | null;
  /** Whether words count that comments and advice have too. Default true: the text is known to be an error's. */
  loose?: boolean;
}

/** The end of a row, or the blanks with which a log fills its rows up. */
const BROKEN = /[\r\n]| {12}/;

/** Rows that were filled up and then joined: the shortest padding stands where a word was broken. */
function withoutPadding(text: string): string {
  const runs = text.match(/ {12,}/g) ?? [];
  const least = Math.min(...runs.map(run => run.length));
  return runs.length < 2 ? text : text.replace(/ {12,}/g, run => (run.length === least ? '' : ' '));
}

/** @returns null where the text is of another error. Time is linear in the text. */
export function readMemoryError(
  text: string,
  { errorType = null, loose = true }: MemoryErrorOptions = {},
): MemoryError | null {
  const lower = text.slice(0, LONGEST).toLowerCase();
  const spaced = lower.split(/\s+/).join(' ');
  // Cut by a terminal in the midst of a word.
  const joined = BROKEN.test(lower)
    ? withoutPadding(lower)
        .replace(/[\r\n]+/g, '')
        .split(/\s+/)
        .join(' ')
    : spaced;
  const sign =
    signOf(spaced, loose) ??
    signOf(joined, loose) ??
    // Words that are of anything without their class.
    (errorType === null ? null : signOf(`${errorType.toLowerCase()}: ${spaced}`, false)) ??
    signOfClass(errorType);
  if (sign === null) return null;
  const { memory, by } = sign;
  const isOne = memory === 'device' || memory === 'host';
  return { memory, by, outOfMemory: isOne ? figuresOf(spaced, joined, memory, by) : null };
}

/** The figures of an out-of-memory error; null where the text is of another error, or of memory that only sounds so. */
export const parseOutOfMemory = (text: string): OutOfMemory | null =>
  readMemoryError(text)?.outOfMemory ?? null;

function signOf(text: string, loose: boolean): Pick<Sign, 'memory' | 'by'> | null {
  return (
    signs.find(sign => (loose || sign.loose !== true) && sign.all.every(word => text.includes(word))) ?? null
  );
}

function signOfClass(errorType: string | null): Pick<Sign, 'memory' | 'by'> | null {
  const name = errorType?.slice(errorType.lastIndexOf('.') + 1).toLowerCase() ?? '';
  return Object.hasOwn(signsByClass, name) ? signsByClass[name]! : null;
}

function figuresOf(spaced: string, joined: string, memory: MemoryKind, by: string): OutOfMemory {
  const amount = (figure: string): PrintedAmount | null =>
    amountAt(spaced, amountPlaces[figure]!) ??
    (joined === spaced ? null : amountAt(joined, amountPlaces[figure]!));
  const impossible: ImpossibleFigure[] = [];
  /** null for what no device can hold: it is reported as impossible instead. */
  const bytes = (figure: string): number | null => {
    const found = amount(figure);
    if (found === null) return null;
    if (Number.isSafeInteger(found.bytes)) return found.bytes;
    // A limit of 2^64 is none.
    if (figure === 'allowedBytes' && found.bytes === WRAPPED) return null;
    const belowZeroBytes = WRAPPED - found.bytes;
    impossible.push({
      figure,
      printed: found.printed,
      ...(belowZeroBytes > 0 && belowZeroBytes < WRAPPED / 2 && { belowZeroBytes }),
    });
    return null;
  };

  const allocatedBytes = bytes('allocatedBytes');
  const reserved = bytes('reservedBytes');
  const others = bytes('otherAllocationsBytes');
  const isHost = memory === 'host';
  const figures = {
    device: isHost ? 'cpu' : deviceIn(spaced),
    triedBytes: bytes('triedBytes') ?? tensorBytes(spaced),
    totalBytes: bytes('totalBytes'),
    freeBytes: bytes('freeBytes'),
    processBytes:
      bytes('processBytes') ??
      (isHost ? bytes('hostProcessBytes') : null) ??
      // Metal reports what PyTorch has and what the process has besides.
      (others === null || allocatedBytes === null ? null : allocatedBytes + others),
    allocatedBytes,
    privatePoolBytes: bytes('privatePoolBytes'),
    reservedUnallocatedBytes:
      bytes('reservedUnallocatedBytes') ??
      // Older texts report all that is reserved.
      (reserved === null || allocatedBytes === null || reserved < allocatedBytes
        ? null
        : reserved - allocatedBytes),
  };
  const activeBytes = bytes('activeBytes');
  const cachedBytes = bytes('cachedBytes');
  const allowedBytes = bytes('allowedBytes');
  const otherProcesses = otherProcessesIn(spaced);
  if (figures.freeBytes !== null && figures.totalBytes !== null && figures.freeBytes > figures.totalBytes) {
    impossible.push({ figure: 'freeBytes', printed: amount('freeBytes')!.printed });
    figures.freeBytes = null;
  }
  // A driver that does not see the process reports nothing of it.
  if (figures.processBytes === 0 && (allocatedBytes ?? 0) > 0) {
    impossible.push({ figure: 'processBytes', printed: amount('processBytes')?.printed ?? '0 bytes' });
    figures.processBytes = null;
  }
  const sum = impossibleSum(figures);
  if (sum !== null) impossible.push(sum);
  return {
    ...figures,
    by,
    ...(activeBytes !== null && { activeBytes }),
    ...(cachedBytes !== null && { cachedBytes }),
    ...(allowedBytes !== null && { allowedBytes }),
    ...(otherProcesses.length > 0 && { otherProcesses }),
    ...(impossible.length > 0 && { impossible }),
  };
}

/** By how much an amount that is printed to a hundredth of its unit may differ from what it was. */
const roundedBy = (bytes: number): number =>
  ([units.gib, units.mib].find(unit => bytes >= unit!) ?? units.kib!) / 200;

/** What is free and what this process has cannot be more than the device has. */
function impossibleSum({
  totalBytes,
  freeBytes,
  processBytes,
  allocatedBytes,
  reservedUnallocatedBytes,
}: OutOfMemory): ImpossibleFigure | null {
  if (totalBytes == null) return null;
  const parts =
    processBytes == null
      ? { allocatedBytes, reservedUnallocatedBytes, freeBytes }
      : { processBytes, freeBytes };
  const given = Object.entries(parts).filter(([, bytes]) => bytes != null);
  const sum = given.reduce((all, [, bytes]) => all + bytes!, 0);
  const rounded = given.reduce((all, [, bytes]) => all + roundedBy(bytes!), roundedBy(totalBytes));
  if (sum <= totalBytes + Math.max(rounded, totalBytes / 2048)) return null;
  return { figure: given.map(([figure]) => figure).join('+'), printed: `${sum} bytes` };
}

function deviceIn(text: string): string | null {
  const named = backends.find(({ word }) => text.includes(word));
  if (named?.indexed === false) return named.backend;
  for (const { before, backend } of indexes)
    for (let at = text.indexOf(before); at !== -1; at = text.indexOf(before, at + before.length)) {
      const index = /^[0-9]{1,4}(?![0-9a-z.])|^[0-9]{1,4}(?=\.(?: |$))/.exec(
        text.slice(at + before.length, at + before.length + 8),
      );
      if (index !== null) return `${backend ?? named?.backend ?? 'cuda'}:${Number(index[0])}`;
    }
  return null;
}

/** Other processes that the text names, with what each holds; this one's own entry is worded differently. */
function otherProcessesIn(text: string): { pid: number; bytes: number }[] {
  return [...text.matchAll(/\bprocess ([0-9]{1,10}) has ([0-9.]{1,24} [a-z]{1,5}) memory in use/g)].flatMap(
    ([, pid, held]) => {
      const amount = amountAt(`has ${held}`, [{ before: 'has ' }]);
      return amount === null || !Number.isSafeInteger(amount.bytes)
        ? []
        : [{ pid: Number(pid), bytes: amount.bytes }];
    },
  );
}

/** TensorFlow names a shape and a type: `tensor with shape[3200,4096] and type float`. */
function tensorBytes(text: string): number | null {
  const tensor =
    /\bshape\[([0-9,]{1,80})\] and type ([a-z0-9]{1,12})/.exec(text) ??
    // Before 1.4 the type stands with the node alone.
    /\bshape\[([0-9,]{1,80})\].{0,400}?\b(?:t|dtype)=dt_([a-z0-9]{1,12})\b/.exec(text);
  if (tensor === null || !Object.hasOwn(elementBytes, tensor[2]!)) return null;
  const bytes = tensor[1]!.split(',').reduce((all, size) => all * Number(size), elementBytes[tensor[2]!]!);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
