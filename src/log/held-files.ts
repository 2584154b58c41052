/** How many logs this process holds open between two looks at them: those beyond are opened for each read. */
import { readFileSync } from 'node:fs';

/** Without a question, and at most. */
const SURELY = 256;
const MOST = 8192;
let held = 0;
let allowed: number | null = null;

/** Files that this process may have open, which Node raises to the highest that it is allowed when it starts; null where it is not reported. */
function openFilesAllowed(): number | null {
  try {
    const found = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found === null ? null : found[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(found[1]);
  } catch {
    return null;
  }
}

/** @returns whether one more may be held: half of those that the process may have open are left to all else */
export function holdFile(): boolean {
  if (held >= SURELY) {
    allowed ??= openFilesAllowed() ?? 2 * SURELY;
    if (held >= Math.min(MOST, allowed / 2)) return false;
  }
  held++;
  return true;
}

export const releaseFile = (): void => {
  held--;
};
