/** Memory of a device that belongs to no process that `nvidia-smi` lists: of one that died and was not cleaned up, or that it does not see. */
import type { Held } from './held-beyond.ts';

/** The driver's own, a display's and what rows round off: less is nobody's. MiB, and a share of the device. */
const OWN_MIB = 1024;
const OWN = 0.1;

export interface Unlisted {
  mib: number;
  says: string;
  next: string[];
}

/**
 * null where the processes that are listed there have it.
 * @param usedMib what the device has in use
 * @param isNone whether the table states that there is no process
 */
export function unlistedOn(
  held: readonly Held[],
  { index, usedMib, totalMib }: { index: number; usedMib: number; totalMib: number },
  isNone = false,
): Unlisted | null {
  const here = held.filter(process => process.index === index);
  if (here.length === 0 && !isNone) return null;
  const listed = here.reduce((all, process) => all + process.usedMib, 0);
  const mib = usedMib - listed;
  if (mib < Math.max(OWN_MIB, OWN * totalMib)) return null;
  return {
    mib,
    says: `${here.length === 0 ? `The table lists no process that holds its ${mib} MiB` : `${mib} MiB of it belong to no process in the table: those that are listed there hold ${listed} MiB`}.`,
    next: [
      'In a container nvidia-smi sees no processes, nor those of other users everywhere: look on the host, and with sudo fuser -v /dev/nvidia*.',
      'Where there is none, a process that died is still being cleaned up (ps aux: state D or Z), or holds it through a child: end that; only then reset the GPU.',
    ],
  };
}
