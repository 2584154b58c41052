/** That more than one process was killed, and which: the one that is named may not be the one that filled the host. */
import type { Ending } from '../contract/index.ts';
import { torchAmount } from './text-finding.ts';

/** Processes that are named. */
const NAMED = 8;

/** A sentence; null where one was killed alone. */
export function othersKilled({ others, pid, process, heldBytes, rank }: Ending): string | null {
  if (others == null || others.length === 0) return null;
  const all = [{ pid, process, heldBytes, rank }, ...others];
  const held = all.filter(one => one.heldBytes != null);
  const [largest] = held.toSorted((a, b) => b.heldBytes! - a.heldBytes!);
  if (largest !== undefined && held.length === all.length) {
    const sum = held.reduce((bytes, one) => bytes + one.heldBytes!, 0);
    return `${all.length} processes were killed in the text. Together they held ${torchAmount(sum)}; the largest was process ${largest.pid} (${largest.process}) with ${torchAmount(largest.heldBytes!)}.`;
  }
  const names = all
    .slice(0, NAMED)
    .map(one => (one.rank == null ? `${one.pid}` : `${one.pid} (rank ${one.rank})`));
  const more = all.length > NAMED ? ` and ${all.length - NAMED} more` : '';
  return `${all.length} processes were killed in the text: ${names.join(', ')}${more}.`;
}
