/** The summary of a rank that is made once it is asked for is, to the byte, the one that is kept from the start; of any log. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { openRun } from '../../src/log/index.ts';
import { type FeedUpdate, RunFeed } from '../../src/serve/run-feed.ts';
import type { Summary } from '../../src/serve/summary.ts';
import { event, reading, update } from '../events.ts';
import { unpack } from '../path/old-runs.ts';
import { scratch } from '../scratch.ts';

vi.setConfig({ testTimeout: 240_000 });

const RANKS = 20;
const KEPT = 3;
const ASKED = 18;
const LONGEST = 60_000;

const contentOf = (summary: Summary) => {
  const { seq, seqEnd, batch, batchEnd, timeMs, timeEndMs, figures, length, span, points } = summary;
  return {
    ...{ length, span, points },
    places: [seq, seqEnd, batch, batchEnd, timeMs, timeEndMs].map(column => [...column.subarray(0, length)]),
    figures: [...figures]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { min, max }]) => [name, [...min.subarray(0, length)], [...max.subarray(0, length)]]),
  };
};

const pathOf = (folder: string, rank: number) => join(folder, `events-${rank}.jsonl`);
const ofRank = (text: string, rank: number) => text.replaceAll('"rank":0,', `"rank":${rank},`);

/** A run of many ranks that all wrote the same. */
function alike(runs: string, id: string, text: string): string {
  const folder = join(runs, id);
  mkdirSync(folder, { recursive: true });
  for (let rank = 0; rank < RANKS; rank++) writeFileSync(pathOf(folder, rank), ofRank(text, rank));
  return folder;
}

function feedOf(folder: string): RunFeed {
  const feed = new RunFeed(openRun(folder)!);
  feed.follow();
  return feed;
}

async function whole(feed: RunFeed, rank: number): Promise<Summary> {
  for (;;) {
    const { summary, indexing } = await feed.summaryOf(rank);
    if (indexing === null) return summary;
    await setTimeout(5);
  }
}

test('of every recorded log, resumed and restarted ones among them, asked for while it is read and afterwards', async () => {
  const runs = scratch('rank-summary');
  const old = join(runs, 'old');
  const logs = unpack(old).map(id => [id, join(old, id, 'events-0.jsonl')] as const);
  for (const file of readdirSync('test/golden/runs').filter(name => name.endsWith('.jsonl')))
    logs.push([basename(file, '.jsonl'), join('test/golden/runs', file)]);
  let rewound = 0;
  for (const [id, path] of logs) {
    const text = readFileSync(path, 'utf8');
    if (text.length > LONGEST) continue;
    if (/resumedAt/.test(text)) rewound++;
    for (const isEarly of [true, false]) {
      const feed = feedOf(alike(runs, `${id}-${isEarly}`, text));
      if (!isEarly) await feed.complete;
      else while (feed.index.eventsOf(ASKED) === 0 && !feed.isComplete) await setTimeout(1);
      const asked = await whole(feed, ASKED);
      expect(contentOf(asked), id).toEqual(contentOf(await whole(feed, KEPT)));
      await feed.stop();
    }
  }
  expect(rewound).toBeGreaterThan(0);
});

const memory = (retries: number) => [reading(1, 2, { allocRetries: retries, ooms: 0 })];
const lines = (rank: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) =>
    JSON.stringify(update(from + i, memory(Math.floor((from + i) / 3)), rank)),
  ).join('\n');

test('it goes on with what comes, and only the points of ranks that somebody wants are made', async () => {
  const runs = scratch('rank-summary-live');
  const started = `${JSON.stringify(event('TRAINING_STARTED', { name: 'live' }))}\n`;
  const folder = alike(runs, 'live', started);
  for (let rank = 0; rank < RANKS; rank++) appendFileSync(pathOf(folder, rank), `${lines(rank, 1, 40)}\n`);
  const feed = feedOf(folder);
  await feed.complete;
  await whole(feed, ASKED);
  const points: FeedUpdate['points'] = [];
  const leave = feed.subscribe(
    update => points.push(...update.points),
    rank => rank === 7 || rank === 19,
  );
  for (let rank = 0; rank < RANKS; rank++) appendFileSync(pathOf(folder, rank), `${lines(rank, 40, 55)}\n`);
  while (feed.index.events < RANKS * 55) await setTimeout(10);
  await setTimeout(50);
  leave();
  expect(new Set(points.map(({ rank }) => rank))).toEqual(new Set([7, 19]));
  // Refusals are counted from update to update, also of a rank whose updates before were passed over.
  const refused = (rank: number) =>
    points.filter(own => own.rank === rank).map(({ point }) => point.figures['cuda:0/refusals']);
  expect(refused(19)).toEqual(refused(7));
  expect(refused(19).filter(count => count === 1)).toHaveLength(5);
  const kept = contentOf(await whole(feed, KEPT));
  expect(kept.points).toBe(54);
  for (const rank of [ASKED, 19]) expect(contentOf(await whole(feed, rank))).toEqual(kept);
  expect(contentOf(await whole(feed, RANKS)).points).toBe(0);
  await feed.stop();
});

test('of logs that somebody joined in one file', async () => {
  const folder = join(scratch('rank-summary-joined'), 'joined');
  mkdirSync(folder);
  const all = Array.from({ length: RANKS }, (_, rank) => lines(rank, 0, 30));
  writeFileSync(pathOf(folder, 0), `${all.join('\n')}\n`);
  const feed = feedOf(folder);
  await feed.complete;
  expect(contentOf(await whole(feed, ASKED))).toEqual(contentOf(await whole(feed, KEPT)));
  await feed.stop();
});
