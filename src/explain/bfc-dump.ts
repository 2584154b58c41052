/** What TensorFlow’s allocator (BFC) prints of itself when it was refused, without the error that follows. */
import { amount } from '../base/index.ts';
import { share } from '../present/index.ts';
import { bfcStat } from '../texts/index.ts';
import type { Answer } from './answer.ts';

const IN_USE = /Sum Total of in-use chunks: ([\d.]{1,12}[KMGT]?i?B)/;
/** null where the text has no such statistics. */
export function readBfcDump(text: string): Answer | null {
  if (!text.includes('InUse:')) return null;
  const stats = new Map(
    text.split('\n').flatMap(line => {
      const stat = bfcStat(line);
      return stat === null ? [] : [[stat.name, stat.bytes] as const];
    }),
  );
  const [limit, inUse] = [stats.get('Limit'), stats.get('InUse')];
  if (limit === undefined || inUse === undefined || limit === 0) return null;
  const most = stats.get('MaxInUse');
  const largest = stats.get('MaxAllocSize');
  const chunks = IN_USE.exec(text)?.[1];
  return {
    what: 'the statistics of TensorFlow’s allocator (BFC)',
    whose: null,
    state: null,
    confidence: 'likely',
    says: `TensorFlow’s allocator prints this when it was refused: of the ${amount(limit)} that it may use ${amount(inUse)} are in tensors (${share(inUse / limit)}), ${amount(Math.max(0, limit - inUse))} are left. What was asked for, and whether it is the GPU’s memory, stands in the lines before (“Allocator (GPU_0_bfc) ran out of memory trying to allocate …”).`,
    evidence: [
      ...(chunks === undefined ? [] : [`In use, by its own sum: ${chunks}.`]),
      ...(most === undefined ? [] : [`At most ${amount(most)} were in use (${share(most / limit)}).`]),
      ...(largest === undefined ? [] : [`The largest single tensor so far: ${amount(largest)}.`]),
    ],
    next: [
      'Use a smaller batch or mixed precision. The limit is what was free when it started, or what was set: see with nvidia-smi who else holds memory of the device.',
    ],
  };
}
