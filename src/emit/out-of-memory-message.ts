/**
 * The text of an out-of-memory error → its figures. PyTorch's wordings differ by version and backend, so each figure is
 * looked for by itself. Texts round to hundredths of their unit: so do the bytes read from them.
 */
import type { OutOfMemory } from '../contract/index.ts';

const UNITS: Record<string, number> = { bytes: 1, byte: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const SIZE = String.raw`([\d.]+) ?(bytes?|[KMGT]i?B)`;

const IS_ONE = /out of memory|Tried to allocate|can't allocate memory/i;
const BACKENDS = [
  [/\bMPS backend out of memory/, 'mps'],
  [/\bXPU out of memory/, 'xpu'],
  [/\bDefaultCPUAllocator\b/, 'cpu'],
  // HIP devices are `cuda` in PyTorch.
  [/\b(CUDA|HIP) out of memory|\bGPU \d/, 'cuda'],
] as const;

/** Bytes of the first pattern that the text has; null for none, and for what no device can hold. */
function bytesIn(text: string, ...patterns: string[]): number | null {
  for (const pattern of patterns) {
    const [, amount, unit] = new RegExp(pattern.replace('SIZE', SIZE), 'i').exec(text) ?? [];
    if (amount === undefined || unit === undefined) continue;
    const bytes = Math.round(Number(amount) * (UNITS[unit.toLowerCase()] ?? UNITS[unit[0]!.toLowerCase()]!));
    return Number.isSafeInteger(bytes) ? bytes : null;
  }
  return null;
}

function deviceIn(text: string): string | null {
  const backend = BACKENDS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
  if (backend !== 'cuda' && backend !== 'xpu') return backend;
  const index = /\bGPU (\d+)/.exec(text)?.[1];
  return index === undefined ? null : `${backend}:${index}`;
}

/** What reserved and unallocated memory there is, in newer texts; older ones tell all that is reserved. */
function reservedUnallocated(text: string, allocatedBytes: number | null): number | null {
  const told = bytesIn(text, 'SIZE is reserved by PyTorch but unallocated');
  if (told !== null) return told;
  const reserved = bytesIn(text, 'SIZE reserved in total by PyTorch');
  return reserved === null || allocatedBytes === null || reserved < allocatedBytes
    ? null
    : reserved - allocatedBytes;
}

/** Metal tells what PyTorch has and what the process has besides. */
function metalProcess(text: string, allocatedBytes: number | null): number | null {
  const others = bytesIn(text, 'other allocations: SIZE');
  return others === null || allocatedBytes === null ? null : allocatedBytes + others;
}

/**
 * Figures of an out-of-memory error's text, bytes; null each where the text does not tell it.
 * @returns null where the text is of another error.
 */
export function parseOutOfMemory(text: string): OutOfMemory | null {
  if (!IS_ONE.test(text)) return null;
  const allocatedBytes = bytesIn(
    text,
    'SIZE is allocated by PyTorch',
    'SIZE already allocated',
    'MPS allocated: SIZE',
  );
  return {
    device: deviceIn(text),
    triedBytes: bytesIn(text, 'tried to allocate SIZE'),
    // "capacty" is how 2.1 spelt it.
    totalBytes: bytesIn(text, 'total capaci?ty of SIZE', 'SIZE total capacity'),
    freeBytes: bytesIn(text, 'of which SIZE is free', 'SIZE free;'),
    processBytes: bytesIn(text, 'this process has SIZE memory in use') ?? metalProcess(text, allocatedBytes),
    allocatedBytes,
    privatePoolBytes: bytesIn(text, 'SIZE allocated in private pools'),
    reservedUnallocatedBytes: reservedUnallocated(text, allocatedBytes),
  };
}
