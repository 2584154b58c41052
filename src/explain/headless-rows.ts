/** Rows of `nvidia-smi`’s CSV without a head (`noheader`): used, free and total memory cannot be distinguished. */
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
        says: 'The rows do not name their columns: used, free and total memory cannot be distinguished.',
        confidence: 'certain',
        evidence: [],
        next: [
          'Record with --format=csv, without noheader. For these rows: put the names of the columns that were asked for in front, as in "index, memory.used [MiB], memory.total [MiB]".',
        ],
      };
}
