/** What `free` prints: the host's memory, and whether the kernel is about to kill for it. */
import { binaryUnit } from '../base/index.ts';
import type { Answer } from './answer.ts';

const HEAD = /^\s{4,20}total\s+used\s+free\s+shared\s+buff\/cache\s+available\s*$/m;
const ROW = /^(Mem|Swap):\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+\S+\s+\S+\s+(\S+))?\s*$/gm;
const AMOUNT = /^(\d{1,15}(?:\.\d{1,3})?)([BKMGT]i?)?$/;
/** Share of the memory below which what is available is nothing. */
const LEFT = 0.05;

/** null where the text is not `free`'s. */
export function readFreeTable(text: string): Answer | null {
  if (!HEAD.test(text)) return null;
  const rows = new Map([...text.matchAll(ROW)].map(row => [row[1]!, row.slice(2)]));
  const [total, used, , available] = rows.get('Mem') ?? [];
  const [all, left] = [size(total), size(available)];
  if (all === null || left === null || all === 0) return null;
  const swap = rows.get('Swap');
  const isShort = left < LEFT * all;
  return {
    what: 'what free prints of the host’s memory',
    whose: 'host',
    state: null,
    confidence: 'certain',
    says: `The host has ${total} of memory${/[A-Z]/i.test(total!) ? '' : ' (in the unit that free was asked for: KiB, or MiB with -m)'}, ${used} of it is used and ${available} is available${isShort ? ': the kernel kills a process once that is gone. No GPU is to blame' : ': it is not short of memory'}.`,
    evidence: swap === undefined ? [] : [`Swap: ${swap[1]} of ${swap[0]} used.`],
    next: isShort
      ? [
          'See who holds it (ps aux --sort=-rss): DataLoader workers, checkpoints and optimizer states on the host, page-locked buffers.',
        ]
      : [],
  };
}

function size(text: string | undefined): number | null {
  const [, number, unit = 'K'] = AMOUNT.exec(text ?? '') ?? [];
  return number === undefined ? null : Number(number) * binaryUnit(unit[0]!);
}
