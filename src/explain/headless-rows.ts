/** Rows of `nvidia-smi`’s CSV without a head (`noheader`): which of their columns is used, free or the total is not in them. */
import { isHeadlessSmiRow } from '../watch/index.ts';
import type { Answer } from './answer.ts';

/** null where less than half of the text's lines are such rows. */
export function readHeadlessRows(text: string): Answer | null {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  const rows = lines.filter(isHeadlessSmiRow).length;
  return rows === 0 || 2 * rows < lines.length
    ? null
    : {
        what: 'rows of nvidia-smi’s CSV without their head',
        whose: null,
        state: null,
        says: 'Which of their columns is used, free or the total is not in them: they cannot be read.',
        confidence: 'certain',
        evidence: [],
        next: [
          'Record with --format=csv, without noheader, or put the head in front: timestamp, index, memory.used [MiB], memory.total [MiB].',
        ],
      };
}
