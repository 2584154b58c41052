/** A rank that waited for what never came: others that never joined, or what another was to write into the store. */
import { ranksWaitedForIn } from '../texts/index.ts';
import { type TextFinding, textFinding } from './text-finding.ts';

/** `wait timeout after 600000ms, keys: /default_pg/0//7//cuda//…`: the job runs already, and one rank waits for another’s key. */
const KEY = /wait timeout after (\d{1,12})ms, keys: /i;

const REACHED =
  'Check that every node can reach the master’s address and port, and that the number of ranks is right.';

export function waitedFor(evidence: string, seen: (string | null)[]): TextFinding {
  const limit = KEY.exec(evidence)?.[1];
  const named = ranksWaitedForIn(evidence);
  const who = `rank${named.length > 1 ? 's' : ''} ${named.join(', ')}`;
  return textFinding({
    kind: 'not memory',
    says:
      limit === undefined
        ? 'Ranks waited for others that never joined the job, and gave up. It is not out of memory.'
        : `Ranks waited for others that never joined, had ended or hang: one gave up after ${Number(limit) / 1000} s in which nothing came into the store that another was to write. It is not out of memory.`,
    evidence: [
      named.length === 0 ? null : `At the barrier the others waited for ${who}: look at its output first.`,
      ...seen,
    ],
    next: [
      named.length === 0
        ? 'Look at the output of the ranks that are missing: one may have failed before it joined.'
        : `Look at the output of ${who}, and at where it is (py-spy dump): it ended, hangs, or went another way in the code than the others.`,
      ...(named.length > 0 ? [] : [REACHED]),
    ],
  });
}
