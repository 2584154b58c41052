/**
 * A draft of a run's next snapshots. Only the ranks and devices that events touch are copied, once each and for each snapshot, so reducing
 * many events costs little more than reading them, and no snapshot that came in or was handed out is ever changed. Who only looks at the
 * run, and keeps nothing, is shown the draft itself: of many ranks nearly all change from one look to the next.
 */
import type { DeviceState, RankState, SanctumSnapshot } from '../contract/index.ts';
import { inOrder, RankDraft } from './draft.ts';
import { initialRank } from './initial.ts';
import { aroundIn, totalsOf } from './ledger.ts';

const byRank = (a: RankState, b: RankState) => a.rank - b.rank;

/** A run's state as events change it; snapshots of it are handed out at any time. */
export class RunDraft {
  run: string | null;
  #before: SanctumSnapshot;
  #ranks = new Map<number, RankDraft>();
  #known: ReturnType<typeof byRankIn> | null = null;
  /** States are changed in place, so the list holds until a rank is touched for the first time. */
  #now: RankState[] | null = null;
  #order: RankDraft[] | null = null;
  /** The states of all drafts, in order; null since a rank was touched for the first time. */
  #shown: { ranks: RankState[]; devices: DeviceState[] } | null = null;

  constructor(before: SanctumSnapshot) {
    this.#before = before;
    this.run = before.run.id;
  }

  /** The rank that an event is of. */
  rank(rank: number): RankDraft {
    let draft = this.#ranks.get(rank);
    if (draft === undefined) {
      this.#known ??= byRankIn(this.#before);
      const { ranks, devices } = this.#known;
      draft = new RankDraft(ranks.get(rank) ?? initialRank(rank), devices.get(rank) ?? []);
      this.#ranks.set(rank, draft);
      this.#now = null;
      this.#order = null;
      this.#shown = null;
    }
    draft.open();
    return draft;
  }

  /** All ranks as they are now, in order, but for their histories and logs, which are those of before the draft. */
  ranksNow(): readonly RankState[] {
    this.#now ??= [
      ...this.#before.ranks.filter(this.#isUntouched),
      ...[...this.#ranks.values()].map(draft => draft.state),
    ].sort(byRank);
    return this.#now;
  }

  get #inOrder(): readonly RankDraft[] {
    this.#order ??= [...this.#ranks.values()].sort((a, b) => byRank(a.state, b.state));
    return this.#order;
  }

  /** All ranks and devices as they are, in order: the drafts' own states, which the next event changes. */
  now(): { ranks: RankState[]; devices: DeviceState[] } {
    for (const { rank } of this.#before.ranks.filter(this.#isUntouched)) this.rank(rank);
    const drafts = this.#inOrder;
    for (const draft of drafts) {
      draft.settle();
      if (draft.hasNewDevice) this.#shown = null;
      draft.hasNewDevice = false;
    }
    this.#shown ??= {
      ranks: drafts.map(({ state }) => state),
      devices: drafts.flatMap(draft => [...draft.devices.values()].map(({ state }) => state).sort(inOrder)),
    };
    const { ranks, devices } = this.#shown;
    const around = aroundIn(ranks);
    for (const state of devices) {
      const { driver, totalBytes, usedBytes, usedPercent, ledger } = totalsOf(state, around(state));
      state.driver = driver;
      state.totalBytes = totalBytes;
      state.usedBytes = usedBytes;
      state.usedPercent = usedPercent;
      Object.assign(state.ledger, ledger);
    }
    return this.#shown;
  }

  /** All ranks and devices, changed and unchanged, in order. */
  finish(): { ranks: RankState[]; devices: DeviceState[] } {
    const drafts = this.#inOrder;
    const others = this.#before.ranks.filter(this.#isUntouched);
    const ranks = [...others, ...drafts.map(draft => draft.finish())];
    if (others.length > 0) ranks.sort(byRank);
    const around = aroundIn(ranks);
    const devices = [
      ...this.#before.devices
        .filter(this.#isUntouched)
        .map(device => ({ ...device, ...totalsOf(device, around(device)) })),
      ...drafts.flatMap(draft =>
        [...draft.devices.values()].map(device => device.finish(around)).sort(inOrder),
      ),
    ];
    if (others.length > 0) devices.sort(inOrder);
    return { ranks, devices };
  }

  #isUntouched = ({ rank }: { rank: number }) => !this.#ranks.has(rank);
}

/** What a snapshot holds of each rank, indexed to avoid a walk over all. */
function byRankIn({ ranks, devices }: SanctumSnapshot) {
  const owned = new Map<number, DeviceState[]>();
  for (const device of devices) {
    const others = owned.get(device.rank);
    if (others === undefined) owned.set(device.rank, [device]);
    else others.push(device);
  }
  return { ranks: new Map(ranks.map(rank => [rank.rank, rank])), devices: owned };
}
