/** Whose verdict is made first; and a list of thousands of runs is not gone through for each of them. */
import { expect, test } from 'vitest';
import type { RunStore } from '../../src/serve/run-store.ts';
import type { VerdictReaders } from '../../src/serve/verdict-readers.ts';
import { type Listing, VerdictRounds } from '../../src/serve/verdict-rounds.ts';

const RUNS = 1000;

/** A run that ended, looked at, without a verdict. */
const ended = (id: string) =>
  ({
    ...{ id, path: `/no/${id}`, run: {}, row: { read: true, state: 'completed' } },
    ...{ look: new Map(), judged: null, judgedMs: Number.NEGATIVE_INFINITY },
  }) as unknown as Listing;

/** The order in which verdicts are made. @param each called with every run that is judged */
async function order(all: Listing[], each: (id: string, rounds: VerdictRounds<Listing>) => void) {
  const made: string[] = [];
  let looks = 0;
  const readers = {
    judge: async (known: Listing) => {
      made.push(known.id);
      known.judged = known.look;
      each(known.id, rounds);
      return null;
    },
  };
  let isDone = false;
  const list = {
    newestFirst: () => {
      looks++;
      return all;
    },
    has: (known: Listing) => all.includes(known),
    isWanted: () => true,
    judged: () => {},
    done: () => {
      isDone = true;
    },
  };
  const rounds: VerdictRounds<Listing> = new VerdictRounds(
    list,
    readers as unknown as VerdictReaders,
    { isReading: false } as RunStore,
  );
  await rounds.make();
  expect(isDone).toBe(true);
  return { made, looks };
}

test('the newest first, and the list is gone through a few times for all of them', async () => {
  const all = Array.from({ length: RUNS }, (_, i) => ended(`run${i}`));
  const { made, looks } = await order(all, () => {});
  expect(made).toEqual(all.map(({ id }) => id));
  expect(looks).toBeLessThan(5);
});

test('what a page shows goes before what is newer, and what went is passed over', async () => {
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map(ended);
  const { made } = await order(all, (id, rounds) => {
    if (id === 'a') rounds.show([all[4]!, all[0]!, all[3]!]);
    if (id === 'd') all.splice(1, 1);
  });
  expect(made).toEqual(['a', 'e', 'd', 'c', 'f']);
});

test('one that has grown meanwhile is judged again after the next look at all runs', async () => {
  const all = ['a', 'b'].map(ended);
  const { made } = await order(all, (id, rounds) => {
    if (id !== 'a' || all[0]!.look?.size === 1) return;
    all[0]!.look = new Map([['events-0.jsonl', { ino: 1, size: 1, mtimeMs: 1 }]]);
    void rounds.make();
  });
  expect(made).toEqual(['a', 'a', 'b']);
});
