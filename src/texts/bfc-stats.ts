/** Lines of `Stats:` that the allocator of TensorFlow and XLA (BFC) prints of itself: `Limit:   11711928320`, in bytes, perhaps behind a logger's words, or printed bold on a page. */
const STAT = /^(?:.{0,200} )?\s{0,20}\*{0,2}(Limit|InUse|MaxInUse|MaxAllocSize): {2,40}(\d{1,19})\*{0,2}\s*$/;

export interface BfcStat {
  name: 'Limit' | 'InUse' | 'MaxInUse' | 'MaxAllocSize';
  bytes: number;
}

/** null for any other line. */
export function bfcStat(line: string): BfcStat | null {
  if (!line.includes(':  ')) return null;
  const stat = STAT.exec(line);
  return stat === null ? null : { name: stat[1] as BfcStat['name'], bytes: Number(stat[2]) };
}

/** What that allocator prints where the device had nothing for it from the beginning. Lower case, as it is. */
export const EMPTY_POOL = '<allocator contains no memory>';
