/** A collective operation that hung: who waited, who is behind, who is missing. */
import type { Ending, Finding } from '../contract/index.ts';
import { textFinding } from './text-finding.ts';

/** Missing ranks for each that waited, above which the text is more likely an excerpt. */
const MOST_MISSING = 7;

/** `2/9`, the number and the GUID of a group that is not the one of all ranks. */
const OF_PART = /^[1-9]\d{0,5}\/[1-9]/;

/** HCCL's number of the rank whose answer did not come; other numbers stand for none. */
const REMOTE = /\bremote rank:? ?\[(\d{1,6})\]/;

/** One half of a transfer: that a rank sends where another receives is as it should be. */
const HALF = /^(?:send|recv)$/i;

type Collective = NonNullable<Ending['collectives']>[number];

const wholeOf = (operation: string): string => (HALF.test(operation) ? 'send or recv' : operation);

/** The watchdog’s own heartbeat failed: a call of NCCL’s or CUDA’s that it made did not return. */
const STUCK = /watchdog hang|watchdog got stuck|Heartbeat monitor timed out/;

/** Whether all that is known of a rank is that its watchdog made no progress. */
const isHeartbeat = ({ operation, work, limitMs, ranMs, lastEnqueued }: Collective): boolean =>
  ranMs != null && operation == null && work == null && limitMs == null && lastEnqueued == null;

/** A collective that hung: who waited, and who is missing. */
export function hung({ collectives, by }: Ending, evidence: (string | null)[]): Finding {
  const given = collectives ?? [];
  // Beside an operation that timed out, a watchdog that hangs is of a rank of which it is not known whether it waited.
  const isTimeout = given.some(({ operation, work, limitMs }) => (operation ?? work ?? limitMs) != null);
  const stuck = isTimeout ? given.filter(isHeartbeat) : [];
  const all = given.filter(one => !stuck.includes(one));
  const stuckRanks = stuck.flatMap(({ rank }) => rank ?? []).sort((a, b) => a - b);
  const known =
    all.find(({ operation }) => operation != null) ?? all.find(({ ranMs }) => ranMs != null) ?? all[0];
  const waited = all.flatMap(({ rank }) => (rank == null ? [] : [rank])).sort((a, b) => a - b);
  const missing = Array.from(
    { length: Math.max(-1, ...waited, ...stuckRanks) + 1 },
    (_, rank) => rank,
  ).filter(rank => !waited.includes(rank) && !stuckRanks.includes(rank));
  const behind = all.reduce(
    (least, { lastCompleted }) => Math.min(least, lastCompleted ?? least),
    Number.POSITIVE_INFINITY,
  );
  const groups = new Set(all.flatMap(({ group }) => group ?? []));
  // Each group of ranks counts its own works.
  const isOneGroup = groups.size < 2;
  // Not of all ranks: who else is of it is not in the text.
  const isPart = isOneGroup && OF_PART.test([...groups][0] ?? '');
  const late = all.filter(({ lastCompleted }) => lastCompleted != null && lastCompleted === behind);
  const differs =
    isOneGroup && all.some(({ lastCompleted }) => lastCompleted != null && lastCompleted !== behind);
  // Before PyTorch 2.3 only the operation that hung is known of each rank; of a text that is cut, so it is of some.
  const works = all.filter(({ work, rank }) => work != null && rank != null);
  const least = Math.min(...works.map(({ work }) => work!));
  const most = Math.max(...works.map(({ work }) => work!));
  const isUnevenWork =
    isOneGroup && !differs && least < most && works.some(({ lastCompleted }) => lastCompleted == null);
  const named = all.flatMap(({ operation }) => operation ?? []);
  const operations = new Set(named.map(wholeOf));
  const isEven = !differs && !isUnevenWork && operations.size < 2 && missing.length === 0;
  const remote = REMOTE.exec(evidence.join('\n'))?.[1] ?? null;
  // PyTorch's own account of a rank stands in another line than the operation, and may be there of another rank alone.
  const completed =
    known?.lastCompleted ??
    all.find(({ work, lastCompleted }) => lastCompleted != null && work === known?.work)?.lastCompleted;
  const enqueued = all.flatMap(({ lastEnqueued }) => lastEnqueued ?? []);
  const [fewest, newest] = [Math.min(...enqueued), Math.max(...enqueued)];
  const what = [
    known?.operation,
    known?.work == null ? null : `work ${known.work}`,
    known?.limitMs == null ? null : `limit ${known.limitMs / 1000} s`,
    known?.ranMs == null ? null : `ran ${known.ranMs} ms`,
    completed == null ? null : `last completed ${completed}`,
    enqueued.length === 0 || !isOneGroup
      ? null
      : `last enqueued ${fewest === newest ? fewest : `${fewest} to ${newest}`}`,
  ].filter(part => part != null);
  const isStuck = what.every(part => part.startsWith('ran ')) && STUCK.test(evidence.join('\n'));
  const isNamed = !isStuck && isOneGroup && waited.length > 0;
  return textFinding({
    kind: 'not memory',
    confidence: isStuck ? 'likely' : 'certain',
    says: isStuck
      ? `NCCL’s watchdog made no progress${known?.ranMs == null ? '' : ` for ${known.ranMs / 1000} s`} and ended the process: a call of NCCL’s or CUDA’s did not return, most often since a collective waits for another rank. It is not out of memory.`
      : `A collective operation hung and timed out (${by}${what.length > 0 ? `: ${what.join(', ')}` : ''})${isNamed ? `: ${list(waited)} waited${missing.length > 0 ? `; ${list(missing)} ${missing.length > 1 ? 'have' : 'has'} no line` : isEven && waited.length > 1 ? ', all in the same operation' : ''}` : ''}. It is not out of memory.`,
    evidence: [
      isOneGroup
        ? null
        : `They are of ${groups.size} groups of ranks: ${[...groups].map(group => `${list(ranksOf(all, group))} of ${group}`).join(', ')}. Each counts its own works: theirs cannot be compared.`,
      isOneGroup && operations.size > 1
        ? `The ranks are in different operations (${[...operations].map(operation => inOperation(all, operation)).join(', ')}): they have fallen out of step.`
        : null,
      waited.length === 0 || (isNamed && missing.length === 0)
        ? null
        : `${list(waited)} waited${missing.length > 0 ? `; ${list(missing)} ${missing.length > 1 ? 'have' : 'has'} no line: ${!isOneGroup ? 'look there first, where they are of one of these groups' : isPart ? `look there first, where they are of the same group (${[...groups][0]}): it need not have all ranks` : missing.length > MOST_MISSING * waited.length ? 'look there first, if this is all of the output' : 'look there first'}` : ''}.`,
      differs
        ? `Behind the others: ${list(late.flatMap(({ rank }) => rank ?? []))}, last completed ${behind}: the suspect.`
        : null,
      isUnevenWork
        ? `Behind the others: ${list(
            works
              .filter(({ work }) => work === least)
              .map(({ rank }) => rank!)
              .sort((a, b) => a - b),
          )}, in work ${least} where another rank is in ${most}: the suspect, as far as these are works of one group.`
        : null,
      isEven && !isStuck && waited.length > 1
        ? `All of them are in the same operation: none of these is behind. Either a rank is not in this text, or the operation itself did not get through.`
        : null,
      stuckRanks.length === 0
        ? null
        : `The watchdog${stuckRanks.length > 1 ? 's' : ''} of ${list(stuckRanks)} made no progress for ${stuck[0]!.ranMs! / 1000} s: a call of NCCL’s or CUDA’s did not return there.`,
      remote === null ? null : `It waited for rank ${remote}: look there first.`,
      ...evidence,
    ],
    next: [
      isEven
        ? 'Look for ranks that have no line here, on other nodes too. Where there is none, look at the network between them (NCCL_DEBUG=INFO, dmesg for Xid), or, where one rank saves or evaluates for long meanwhile, give the operation more time (timeout of init_process_group).'
        : isOneGroup && operations.size > 1
          ? 'Look for what makes ranks take different ways in the code: a branch that only some of them enter, a number of batches or of saves that differs from rank to rank.'
          : 'Look at the rank that is missing or behind: its data ended earlier, it died, or it went another way in the code.',
      ...(by === 'gloo' && !isEven
        ? [
            'Where one rank saves or evaluates for long meanwhile, give the operation more time (timeout of init_process_group).',
          ]
        : []),
      by === 'hccl'
        ? 'Find where it hangs: py-spy dump, and Ascend’s own log of each rank (/root/ascend/log). HCCL_EXEC_TIMEOUT is how long it waits.'
        : by === 'gloo'
          ? 'Find where it hangs: py-spy dump of each rank.'
          : 'Find where it hangs: TORCH_NCCL_TRACE_BUFFER_SIZE=2000, py-spy dump.',
    ],
  });
}

const ranksOf = (all: Collective[], group: string): number[] =>
  all.flatMap(({ rank, group: own }) => (own === group && rank != null ? [rank] : [])).sort((a, b) => a - b);

/** `rank 3 in ALLREDUCE`; the operation alone where no rank is known. */
function inOperation(all: Collective[], operation: string): string {
  const ranks = all.flatMap(({ rank, operation: own }) =>
    own != null && wholeOf(own) === operation && rank != null ? [rank] : [],
  );
  return ranks.length === 0 ? operation : `${list(ranks.sort((a, b) => a - b))} in ${operation}`;
}

/** `rank 3`, `ranks 0–3, 7`; of up to three in a row each is named. */
function list(ranks: number[]): string {
  const runs: number[][] = [];
  for (const rank of ranks) {
    const run = runs.at(-1);
    if (run !== undefined && rank <= run.at(-1)! + 1) run.push(rank);
    else runs.push([rank]);
  }
  const names = runs.map(run => (run.length < 4 ? run.join(', ') : `${run[0]}–${run.at(-1)}`));
  return `rank${ranks.length > 1 ? 's' : ''} ${names.join(', ')}`;
}
