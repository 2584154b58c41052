/**
 * The pools of allocators beside PyTorch's, as loops on JAX and MuJoCo Warp print them: `JAX mem used: 0.20 GiB, peak: 0.57 GiB, limit: 18.95 GiB`,
 * `Warp mempool used: 0.24 GiB, high-water: 5.00 GiB`. Each is a device of its own name; a limit is what its pool may come to.
 */
import type { DeviceMemory } from '../contract/index.ts';
import { bytesOf, printedFigure } from './printed.ts';

const AMOUNT = String.raw`(\d{1,6}(?:\.\d{1,6})?) ?([KMGT]i?B)\b`;
const POOL = new RegExp(
  `(?:^|[\\s:])(?!cpu|ram|host|sys)(\\w{2,12}) mem(?:ory)?(?: ?pool)? used: ${AMOUNT}, (?:peak|high[- ]water(?: mark)?): ${AMOUNT}(?:, limit: ${AMOUNT})?`,
  'i',
);
/** Words for the device as a whole, whatever allocates there. */
const DEVICE = /^(?:gpu|cuda|device|vram)$/i;

/** null for any other line. */
export function poolIn(text: string): DeviceMemory | null {
  const found = POOL.exec(text);
  if (found === null) return null;
  const [used, peak, limit] = [2, 4, 6].map(at => {
    const read = found[at] === undefined ? null : printedFigure(`${found[at]}${found[at + 1]}`);
    return read === null ? null : bytesOf(read, found[at + 1]!);
  });
  if (used == null || peak == null || used.bytes > peak.bytes) return null;
  const name = found[1]!.toLowerCase();
  return {
    device: DEVICE.test(name) ? 'cuda' : name,
    allocatedBytes: used.bytes,
    peakAllocatedBytes: peak.bytes,
    peakScope: 'run',
    ...(limit != null && { deviceTotalBytes: limit.bytes }),
    ...(used.resolutionBytes !== null && { resolutionBytes: used.resolutionBytes }),
  };
}
