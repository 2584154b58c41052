/**
 * A draft of the next snapshots. Only the ranks and devices that events touch are copied, once each and for each snapshot, so reducing
 * many events costs little more than reading them, and no snapshot that came in or was handed out is ever changed.
 */
import { isPending } from '../alarms/index.ts';
import {
  type DeviceMemory,
  type DeviceState,
  LOG_LENGTH,
  type LogEntry,
  type MemoryHistory,
  type PpoHistory,
  type RankState,
  type SanctumSnapshot,
} from '../contract/index.ts';
import { historyFigures, putNewest } from './device-figures.ts';
import { GrowingHistory, type HistoryPoint, withHistory } from './history.ts';
import { initialDevice, initialRank } from './initial.ts';
import { aroundIn, totalsOf } from './ledger.ts';
import { OwnFiguresDraft } from './own-figures.ts';

/** cuda:2 before cuda:10: digits by their number, what is between them by its characters. */
function byNumber(a: string, b: string): number {
  const [as, bs] = [a.split(/(\d+)/), b.split(/(\d+)/)];
  const at = as.findIndex((part, i) => part !== bs[i]);
  const [own, other] = [as[at], bs[at]];
  if (own === undefined || other === undefined) return as.length - bs.length;
  const isNumber = at % 2 === 1;
  return (isNumber ? Number(own) - Number(other) : 0) || (own < other ? -1 : 1);
}

const byRank = (a: RankState, b: RankState) => a.rank - b.rank;
/** By rank, then by the device's number. */
export const inOrder = (a: DeviceState, b: DeviceState) => a.rank - b.rank || byNumber(a.device, b.device);

/** One rank, to be changed in place: its state, its devices, and what their histories and log gain. */
export class RankDraft {
  readonly state: RankState;
  readonly devices = new Map<string, DeviceDraft>();
  readonly own: OwnFiguresDraft;
  /** Devices that the newest event was about, and those whose alarms wait for time to pass. */
  readonly touched = new Set<DeviceDraft>();
  readonly waiting = new Set<DeviceDraft>();
  readonly #history: GrowingHistory<PpoHistory>;
  #log: LogEntry[] = [];
  /** As it was handed out; null since an event came. */
  #made: RankState | null = null;

  constructor(state: RankState, devices: DeviceState[]) {
    const { history } = state;
    this.#history = new GrowingHistory(history);
    this.state = { ...state };
    this.own = new OwnFiguresDraft(state);
    for (const device of devices) {
      const draft = new DeviceDraft(device);
      this.devices.set(device.device, draft);
      if (isPending(device.alarms)) this.waiting.add(draft);
    }
  }

  /** An event of the rank comes: what was handed out stays as it was. */
  open(): void {
    this.#made = null;
  }

  /** An event is about all devices. */
  touchAll(): void {
    for (const device of this.devices.values()) this.touched.add(device);
  }

  /** The device of this name, that an event is about; a new one where the rank has not shown it yet. */
  device(name: string): DeviceDraft {
    let device = this.devices.get(name);
    if (device === undefined) {
      device = new DeviceDraft(initialDevice(this.state.rank, name));
      this.devices.set(name, device);
    }
    this.touched.add(device);
    return device;
  }

  /** Adds the newest update to the history. */
  record(point: HistoryPoint): void {
    this.#history.add(point);
  }

  /** Forgets the points after this batch, which a resumed run makes again. */
  rewind(batch: number): void {
    this.#history.rewind(batch);
    this.own.rewind(batch);
    for (const device of this.devices.values()) device.rewind(batch);
  }

  /** Adds a line to the rank's log. */
  note({ timeMs, seq }: { timeMs: number; seq: number }, level: LogEntry['level'], message: string): void {
    this.#log.push({ timeMs, rank: this.state.rank, seq, level, message });
    if (this.#log.length >= 2 * LOG_LENGTH) this.#log.splice(0, this.#log.length - LOG_LENGTH);
  }

  /** The rank as it is now; the same object until an event comes. */
  finish(): RankState {
    if (this.#made !== null) return this.#made;
    if (this.#log.length > 0) {
      this.state.log = [...this.state.log, ...this.#log].slice(-LOG_LENGTH);
      this.#log = [];
    }
    this.#made = withHistory({ ...this.state, ...this.own.finish() }, this.#history.now());
    return this.#made;
  }
}

/** One device of a rank, to be changed in place. */
export class DeviceDraft {
  readonly state: DeviceState;
  readonly #history: GrowingHistory<MemoryHistory>;

  constructor(state: DeviceState) {
    this.#history = new GrowingHistory(state.history, ({ figures }) =>
      historyFigures(figures as DeviceMemory),
    );
    this.state = { ...state, counters: { ...state.counters } };
  }

  /** Adds the newest reading to the history. */
  record(point: HistoryPoint<DeviceMemory>): void {
    this.#history.add(point);
  }

  rewind(batch: number): void {
    this.#history.rewind(batch);
  }

  /** The device as it is now, but for its history, which is that of before the draft. */
  now(): DeviceState {
    const { state } = this;
    if (state.reading !== null) putNewest(state, state.reading);
    return state;
  }

  /** @param around what it needs of all ranks as they are now */
  finish(around: ReturnType<typeof aroundIn>): DeviceState {
    const state = this.now();
    return withHistory(
      { ...state, counters: { ...state.counters }, ...totalsOf(state, around(state)) },
      this.#history.now(),
    );
  }
}

/** A run's state as events change it; snapshots of it are handed out at any time. */
export class Draft {
  run: string | null;
  #before: SanctumSnapshot;
  #ranks = new Map<number, RankDraft>();
  #known: ReturnType<typeof byRankIn> | null = null;
  /** States are changed in place, so the list holds until a rank is touched for the first time. */
  #now: RankState[] | null = null;
  #order: RankDraft[] | null = null;

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

  /** All ranks and devices, changed and unchanged, in order. */
  finish(): { ranks: RankState[]; devices: DeviceState[] } {
    this.#order ??= [...this.#ranks.values()].sort((a, b) => byRank(a.state, b.state));
    const drafts = this.#order;
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
