/** Of a full device: what others than PyTorch hold, from the figures of an out-of-memory message. */
import { GIB } from '../base/index.ts';
import type { OutOfMemory } from '../contract/index.ts';
import { contextOf } from './device-names.ts';
import { torchAmount } from './text-finding.ts';

/** What a process has outside its allocator without anyone's doing: the CUDA context, NCCL, cuBLAS. */
const CONTEXT_BYTES = 1.5 * GIB;

/** Up to this, and this share of a device, what the figures leave is a context and the driver’s own: no other program. */
const BESIDE_BYTES = GIB;
const BESIDE = 0.15;

/** Share of a process’s memory that processes of one job differ by. */
const ALIKE = 0.25;

/** Processes of one size from which that is no chance. */
const SEVERAL = 3;

/** A driver in a container may say of each that it has 0 bytes. */
const areUnsized = (listed: readonly { bytes: number }[]): boolean =>
  listed.length > 1 && listed.every(({ bytes }) => bytes === 0);

const areInARow = (listed: readonly { pid: number }[]): boolean => {
  const all = listed.map(({ pid }) => pid);
  return Math.max(...all) - Math.min(...all) < 2 * all.length;
};

/** `process 4711 has 1.19 GiB, …`; of several of one size, what they have is written once. */
function namedAmong(listed: readonly { pid: number; bytes: number }[], areOfOneSize: boolean): string {
  if (!areOfOneSize && !areUnsized(listed))
    return listed.map(({ pid, bytes }) => `process ${pid} has ${torchAmount(bytes)}`).join(', ');
  const all = listed.map(({ bytes }) => bytes);
  if (areUnsized(listed))
    return `processes ${listed.map(({ pid }) => pid).join(', ')} are there, and the driver does not tell what they have`;
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const each = least === most ? torchAmount(most) : `${torchAmount(least)} to ${torchAmount(most)}`;
  return `processes ${listed.map(({ pid }) => pid).join(', ')} have ${each} each`;
}

/** What is neither PyTorch's nor free, and the processes that the text names. */
export function othersOnDevice(
  { device, totalBytes, freeBytes, processBytes, otherProcesses }: OutOfMemory,
  torch: number | null,
  backend: string,
): {
  bytes: number | null;
  who: string;
  says: (string | null)[];
  /** Outside PyTorch and of no process that is named, bytes; null where that is not known. */
  outside: number | null;
  /** Whether each of the others, two at least, is about as large as this process, or three at least are as large as each other. */
  isAlike: boolean;
  /** Whether they are named without what they have. */
  areUnsized: boolean;
  /** Whether the numbers of several processes, whose memory is not given, follow one another: they were started together. */
  areOneJob: boolean;
  /** Of this process itself, more than any process has there. */
  outsideOfOwn: number | null;
  /** Whether the figures account for the whole device: they leave no more than a context for anybody else. */
  isAccounted: boolean;
} {
  // What PyTorch has and what the listed processes have is more than what is in use: it is counted in one of them.
  const isAll = (held: number) =>
    totalBytes != null &&
    freeBytes != null &&
    (otherProcesses ?? []).reduce((all, { bytes }) => all + bytes, held) > (totalBytes - freeBytes) * 1.01;
  // In a container the driver does not know this process's number, and lists it among the others.
  const own =
    processBytes == null && torch !== null
      ? ((otherProcesses ?? []).find(
          ({ bytes }) => bytes >= torch * 0.99 && bytes <= torch + CONTEXT_BYTES,
        ) ?? (isAll(torch) ? (otherProcesses ?? []).find(({ bytes }) => bytes >= torch * 0.99) : undefined))
      : undefined;
  const listed = (otherProcesses ?? []).filter(process => process !== own);
  const listedBytes = listed.reduce((all, { bytes }) => all + bytes, 0);
  const held = processBytes ?? own?.bytes ?? (torch === null ? null : torch + CONTEXT_BYTES);
  const rest =
    totalBytes == null || held === null || freeBytes == null
      ? null
      : Math.max(0, totalBytes - freeBytes - held);
  const areAlike = ({ bytes }: { bytes: number }, other: number) =>
    Math.abs(bytes - other) < ALIKE * Math.max(bytes, other);
  // As many ranks as devices, each with a context or a copy of its own on the first one.
  const areOfOneSize =
    listed.length >= SEVERAL && listed.every(process => areAlike(process, listed[0]!.bytes));
  const who = namedAmong(listed, areOfOneSize);
  const unnamed =
    totalBytes != null && freeBytes != null && torch !== null && processBytes == null && own === undefined
      ? totalBytes - freeBytes - torch
      : null;
  const whole = processBytes ?? own?.bytes ?? null;
  const ownRest = whole !== null && torch !== null ? whole - torch : 0;
  const outsideOfOwn = ownRest > CONTEXT_BYTES ? ownRest : null;
  return {
    bytes: listed.length > 0 ? Math.max(listedBytes, rest ?? 0) : rest,
    who: who === '' ? '' : `: ${who}`,
    outside: unnamed !== null && unnamed > 0 ? unnamed : outsideOfOwn,
    outsideOfOwn,
    areUnsized: areUnsized(listed),
    areOneJob: listed.length >= SEVERAL && areUnsized(listed) && areInARow(listed),
    isAccounted:
      listed.length === 0 &&
      totalBytes != null &&
      freeBytes != null &&
      freeBytes <= totalBytes &&
      (whole ?? torch) !== null &&
      totalBytes - freeBytes - (whole ?? torch)! <= Math.min(BESIDE_BYTES, BESIDE * totalBytes),
    isAlike:
      areOfOneSize ||
      (listed.length > 1 &&
        own !== undefined &&
        listed.every(({ bytes }) => Math.abs(bytes - own.bytes) < ALIKE * own.bytes)),
    says: [
      own === undefined
        ? null
        : `Process ${own.pid} has ${torchAmount(own.bytes)}: by its size this process itself, whose number is another one in a container.`,
      who === '' || listedBytes === 0 ? null : `Other processes hold ${torchAmount(listedBytes)}: ${who}.`,
      who === '' && unnamed !== null && unnamed > 0
        ? `${torchAmount(unnamed)} is neither PyTorch’s nor free: this process outside PyTorch (${contextOf(backend)}, a simulator), or others.`
        : null,
      outsideOfOwn === null
        ? null
        : `${torchAmount(outsideOfOwn)} of this process is outside PyTorch: ${contextOf(backend)}${device === 'mps' ? '' : ', a simulator, an inference engine'}.`,
    ],
  };
}
