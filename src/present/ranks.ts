/** Several ranks in few words, and what several of them report alike. */
import type { LogEntry } from '../contract/index.ts';
import type { NewestRank } from './styled-text.ts';

const MOST_LISTED = 6;

/** The numbers in few words: `3`, `3 and 7`, `48–55`, `3, 9–12 and 4 more`. */
export function listedRanks(ranks: readonly number[], most = MOST_LISTED): string {
  const runs: [number, number][] = [];
  for (const rank of [...ranks].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && rank === last[1] + 1) last[1] = rank;
    else runs.push([rank, rank]);
  }
  const parts = runs.map(([from, to]) =>
    from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`,
  );
  const shown = parts.slice(0, most);
  const left = runs.slice(most).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  if (left > 0) return `${shown.join(', ')} and ${left} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Entries of the ranks' logs that are alike but for their numbers, as one. */
export interface EventGroup {
  key: string;
  /** Of the newest. */
  timeMs: number;
  level: LogEntry['level'];
  /** In ascending order. */
  ranks: number[];
  /** Numbers that differ as a range: `sim:0–7 pool use 82–87%`. */
  message: string;
}

/** Entries further apart are no longer about the same. */
const TOGETHER_MS = 60_000;
const NUMBER = /\d+(?:\.\d+)?/g;

interface Gathered {
  newest: LogEntry;
  /** With the event that each entry is of. */
  ranks: Map<number, number>;
  /** Lowest and highest of each number. */
  numbers: [number, number][];
}

/** The newest `most` groups of all ranks, newest first. A rank's own entries are put together only where they are of one event, as those of its devices are. */
export function groupedEvents(ranks: readonly Pick<NewestRank, 'log'>[], most: number): EventGroup[] {
  const entries = ranks
    .flatMap(({ log }) => log.slice(-most))
    .sort((a, b) => b.timeMs - a.timeMs || a.rank - b.rank || b.seq - a.seq);
  const groups: Gathered[] = [];
  const open = new Map<string, Gathered>();
  for (const entry of entries) {
    const key = `${entry.level} ${entry.message.replaceAll(NUMBER, '#')}`;
    const group = open.get(key);
    const numbers = entry.message.match(NUMBER) ?? [];
    if (
      group !== undefined &&
      (group.ranks.get(entry.rank) ?? entry.seq) === entry.seq &&
      group.newest.timeMs - entry.timeMs <= TOGETHER_MS
    ) {
      group.ranks.set(entry.rank, entry.seq);
      numbers.forEach((text, i) => {
        const range = group.numbers[i]!;
        range[0] = Math.min(range[0], Number(text));
        range[1] = Math.max(range[1], Number(text));
      });
      continue;
    }
    if (groups.length >= most) continue;
    const fresh: Gathered = {
      newest: entry,
      ranks: new Map([[entry.rank, entry.seq]]),
      numbers: numbers.map(text => [Number(text), Number(text)]),
    };
    groups.push(fresh);
    open.set(key, fresh);
  }
  return groups.map(({ newest, ranks, numbers }) => {
    let at = 0;
    const message = newest.message.replaceAll(NUMBER, text => {
      const [low, high] = numbers[at++]!;
      return low === high ? text : `${low}–${high}`;
    });
    const { timeMs, level, rank, seq } = newest;
    return {
      key: `${rank}:${seq}:${newest.message}`,
      timeMs,
      level,
      ranks: [...ranks.keys()].sort((a, b) => a - b),
      message,
    };
  });
}
