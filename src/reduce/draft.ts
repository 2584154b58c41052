/** One rank and its devices as events change them in place, and what their histories and logs gain meanwhile. */
import { isPending } from '../alarms/index.ts';
import {
  type DeviceMemory,
  type DeviceState,
  LOG_LENGTH,
  type LogEntry,
  type MemoryHistory,
  type PpoHistory,
  type RankState,
} from '../contract/index.ts';
import { historyFigures, putNewest } from './device-figures.ts';
import { GrowingHistory, type HistoryPoint, withHistory } from './history.ts';
import { initialDevice } from './initial.ts';
import { type aroundIn, totalsOf } from './ledger.ts';
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
  /** A device came that is not in any list yet. */
  hasNewDevice = true;
  readonly #history: GrowingHistory<PpoHistory>;
  #log: LogEntry[] = [];
  /** As it was handed out; null since an event came. */
  #made: RankState | null = null;
  /** Nothing came since the state was whole. */
  #isSettled = false;

  constructor(state: RankState, devices: DeviceState[]) {
    this.#history = new GrowingHistory(state.history);
    this.state = { ...state, history: this.#history.live };
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
    this.#isSettled = false;
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
      this.hasNewDevice = true;
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

  /** What events gathered beside the state is in it from now on. */
  settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { state } = this;
    if (this.#log.length > 0) {
      state.log = [...state.log, ...this.#log].slice(-LOG_LENGTH);
      this.#log = [];
    }
    const { own, ownHistory, ownLeftOut } = this.own.finish();
    state.own = own;
    state.ownHistory = ownHistory;
    state.ownLeftOut = ownLeftOut;
    this.#history.settle();
    for (const device of this.devices.values()) device.settle();
  }

  /** The rank as it is now; the same object until an event comes. */
  finish(): RankState {
    if (this.#made !== null) return this.#made;
    this.settle();
    this.#made = withHistory({ ...this.state }, this.#history.now());
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
    // What is changed in place is the draft's own.
    const [counters, ledger] = [{ ...state.counters }, { ...state.ledger }];
    this.state = { ...state, counters, ledger, history: this.#history.live };
  }

  /** Adds the newest reading to the history. */
  record(point: HistoryPoint<DeviceMemory>): void {
    this.#history.add(point);
  }

  rewind(batch: number): void {
    this.#history.rewind(batch);
  }

  /** The device as it is now. */
  now(): DeviceState {
    const { state } = this;
    if (state.reading !== null) putNewest(state, state.reading);
    return state;
  }

  settle(): void {
    this.#history.settle();
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
