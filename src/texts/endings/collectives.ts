/** Collectives that hang, ranks that never joined, connections that broke: NCCL's watchdog and its likes, Gloo, HCCL, the store. */
import { type EndingReader, type MaybeEnding, numberOf } from './ending-reader.ts';

export const collectiveReaders: readonly EndingReader[] = [timeout, notify, rendezvous, connection];

/** Where the line of another rank begins, in what a page has joined: `… timing out. [rank1]:[E1123 …`. */
const NEXT_RANK = /(?<=\S )(?=\[rank\d{1,6}\]:\[[EWI]\d)/;

/** All ranks of one line: a page may have joined those of several. */
function timeout(line: string): MaybeEnding {
  const [first = null, ...more] = line.split(NEXT_RANK).flatMap(part => timeoutOf(part) ?? []);
  if (first === null || more.length === 0) return first;
  const collectives = [first, ...more].flatMap(({ collectives: own }) => own ?? []);
  const byRank = new Map<number | null, (typeof collectives)[number]>();
  for (const collective of collectives) {
    const { rank = null } = collective;
    const known = byRank.get(rank);
    byRank.set(rank, known === undefined ? collective : { ...collective, ...knownOf(known) });
  }
  return { ...first, collectives: [...byRank.values()] };
}

const knownOf = (figures: object) =>
  Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure !== null));

/** NCCL's watchdog in its wordings, and Gloo's. */
function timeoutOf(line: string): MaybeEnding {
  if (/ProcessGroupNCCL watchdog hang|Heartbeat monitor timed out|watchdog got stuck for/.test(line))
    return stuck(line);
  // A terminal may have cut the line behind these words.
  const isTimeout =
    line.includes('collective operation timeout') || line.includes('Watchdog caught collective');
  const isStatus =
    line.includes('Timeout at NCCL work') ||
    line.includes('failure detected by watchdog') ||
    line.includes('dump signal due to a collective timeout') ||
    (line.includes('detected by watchdog at work') && line.includes('last enqueued'));
  const isGloo = /Timed out waiting \d{1,12}ms for \w{1,12} operation/.test(line);
  if (!isTimeout && !isStatus && !isGloo) return null;
  const collective = collectiveIn(line);
  if (isGloo) {
    const [, limit, operation] = /waiting (\d{1,12})ms for (\w{1,12}) operation/.exec(line) ?? [];
    collective.limitMs ??= numberOf(limit) ?? null;
    collective.operation ??= operation ?? null;
  }
  return {
    kind: 'collective timeout',
    by: isGloo ? 'gloo' : libraryOf(line),
    ...(collective.rank !== null && { rank: collective.rank }),
    collectives: [collective],
  };
}

/** Ascend’s and Intel’s watchdogs print NCCL’s words with names of their own. */
const libraryOf = (line: string): string =>
  /\b(?:ProcessGroup|Work)HCCL\b/.test(line)
    ? 'hccl'
    : /\b(?:ProcessGroup|Work)XCCL\b/.test(line)
      ? 'xccl'
      : 'nccl';

/** HCCL: `EI0002: … The wait execution of the Notify register times out. … tag[AllReduce_…]`. */
function notify(line: string): MaybeEnding {
  if (!/Notify register times out|hccl fftsplus task timeout/i.test(line)) return null;
  const seconds = numberOf(/\btimeout:(\d{1,9})\b/.exec(line)?.[1]);
  return {
    kind: 'collective timeout',
    by: 'hccl',
    collectives: [
      {
        rank: null,
        operation: /\btag ?\[([A-Za-z]{3,40})_/.exec(line)?.[1] ?? null,
        work: null,
        limitMs: seconds === undefined ? null : seconds * 1000,
        ranMs: null,
        lastEnqueued: null,
        lastCompleted: null,
      },
    ],
  };
}

/** `[PG ID 11 PG GUID 119 Rank 1]`, `[PG 1 (default_pg) Rank 3]`: the rank is the one within it. */
const GROUP = /\[PG (?:ID )?(\d{1,6})(?: PG GUID (\w{1,20}))?(?:\s?\(\w{1,40}\))? Rank \d{1,6}\]/;

/** What a line has of an operation that hung; null for what it does not have. */
export function collectiveIn(line: string) {
  const figure = (pattern: RegExp) => numberOf(pattern.exec(line)?.[1]) ?? null;
  const group = GROUP.exec(line)
    ?.slice(1)
    .filter(part => part !== undefined)
    .join('/');
  return {
    ...(group !== undefined && { group: group as string | null }),
    rank: figure(/\bRank (\d{1,6})\]/) ?? figure(/\brank(\d{1,6})\]/),
    operation: /\bOpType=(\w{1,40})/.exec(line)?.[1] ?? null,
    work:
      figure(/\bSeqNum=(\d{1,15})/) ??
      figure(/at NCCL work: (\d{1,15})/) ??
      figure(/watchdog at work: (\d{1,15})/) ??
      figure(/work sequence id: (\d{1,15})/),
    limitMs: figure(/\bTimeout\(ms\)=(\d{1,15})/),
    ranMs: figure(/\bran for (\d{1,15})(?: m(?:illi)?s|$)/),
    lastEnqueued: figure(/[Ll]ast enqueued (?:NCCL )?work: (\d{1,15})/),
    lastCompleted: figure(/last completed (?:NCCL )?work: (\d{1,15})/),
  };
}

/** A watchdog's line, and the next one where a terminal has cut it: they are one; null where they are not. */
export const joinedOfWatchdog = (line: string, next: string): string | null =>
  /(?:timing out|work: \d{1,15})\.?\s*$/.test(line) || next.includes('ProcessGroup')
    ? null
    : line.trimEnd() + next.trim();

/** The rest of a watchdog's line that was cut before its operation: `WorkNCCL(SeqNum=19, OpType=ALLREDUCE, …`; null for any other line. */
export function restOfCollective(line: string): ReturnType<typeof collectiveIn> | null {
  return line.includes('WorkNCCL(') ? collectiveIn(line) : null;
}

/** The watchdog itself hangs: `ProcessGroupNCCL's watchdog got stuck for 480 seconds`, `… due to ProcessGroupNCCL watchdog hang`. */
function stuck(line: string): MaybeEnding {
  const rank = numberOf(/\bRank (\d{1,6})\]/.exec(line)?.[1]) ?? null;
  const seconds = numberOf(/stuck for (\d{1,9}) seconds/.exec(line)?.[1]);
  return {
    kind: 'collective timeout',
    by: 'nccl',
    ...(rank !== null && { rank }),
    collectives: [
      {
        rank,
        operation: null,
        work: null,
        limitMs: null,
        ranMs: seconds === undefined ? null : seconds * 1000,
        lastEnqueued: null,
        lastCompleted: null,
      },
    ],
  };
}

/** `Timed out after 601 seconds waiting for clients. 1/2 clients joined.`, `… got error: Wait timeout after 600000ms` */
function rendezvous(line: string): MaybeEnding {
  const isStore =
    /Timed out after \d{1,9} seconds waiting for clients/.test(line) ||
    /client socket has timed out after \d{1,9}m?s while trying to connect/.test(line) ||
    /store->get\(.{0,80} got error: (?:[Ww]ait timeout|Socket Timeout)/.test(line) ||
    /wait timeout after \d{1,12}ms, keys: /.test(line) ||
    STORE_GAVE_UP.test(line);
  if (/Getting socket times out|Communication_Error_Get_Socket/i.test(line))
    return { kind: 'rendezvous timeout', by: 'hccl' };
  return isStore ? { kind: 'rendezvous timeout', by: 'store' } : null;
}

/** `RuntimeError: Wait timeout`, `torch.distributed.DistStoreError: Socket Timeout`, and what torchrun’s own rendezvous raises. */
const STORE_GAVE_UP =
  /(?:^|[\s.])(?:(?:RuntimeError|DistStoreError|TimeoutError): (?:Wait timeout|Socket Timeout)\s*$|(?<!raise )Rendezvous(?:Timeout|Connection)Error\b)/;

/** Ranks that others waited for at PyTorch’s barrier, each once: `Rank 3 successfully reached monitoredBarrier, but received errors while waiting for send/recv from rank 0.` */
export const ranksWaitedForIn = (text: string): number[] => [
  ...new Set(
    [...text.matchAll(/reached monitoredBarrier, but .{1,60} from rank (\d{1,6})/g)].map(([, rank]) =>
      Number(rank),
    ),
  ),
];

/** Another rank ended first, or its network did. */
function connection(line: string): MaybeEnding {
  if (/store->get\(.{0,80} got error: (?:Connection (?:reset|closed|refused)|Broken pipe)/.test(line))
    return { kind: 'connection lost', by: 'store' };
  if (/(?<!raise )\bRendezvousClosedError\b/.test(line)) return { kind: 'connection lost', by: 'rendezvous' };
  if (/\bHorovod has been shut down/.test(line)) return { kind: 'connection lost', by: 'horovod' };
  return /ncclRemoteError|remote process exited or there was a network error|Connection closed by peer \[|Connection reset by peer \[|gloo\/transport\/.{1,120}: Connection reset by peer|Gloo connectFullMesh failed/.test(
    line,
  )
    ? { kind: 'connection lost', by: /gloo/i.test(line) ? 'gloo' : libraryOf(line) }
    : null;
}
