/**
 * A draft of the next snapshot. Only the ranks and devices that events touch are copied, once each, so reducing
 * many events costs little more than reading them, and the snapshot that came in is never changed.
 */
import {
  type DeviceState,
  LOG_LENGTH,
  type LogEntry,
  type RankState,
  type SanctumSnapshot,
} from '../contract/index.ts';
import { copy, trim } from './history.ts';
import { initialDevice, initialRank } from './initial.ts';

/** cuda:2 before cuda:10. */
const byNumber = new Intl.Collator('en', { numeric: true }).compare;

export class Draft {
  run: string | null;
  #before: SanctumSnapshot;
  #ranks = new Map<number, RankState>();
  /** By rank and name: `0/cuda:0`. */
  #devices = new Map<string, DeviceState>();

  constructor(before: SanctumSnapshot) {
    this.#before = before;
    this.run = before.run.id;
  }

  /** The rank's state, to be changed in place. */
  rank(rank: number): RankState {
    let state = this.#ranks.get(rank);
    if (state === undefined) {
      const old = this.#before.ranks.find(r => r.rank === rank);
      state = old ? { ...old, history: copy(old.history), log: old.log.slice() } : initialRank(rank);
      this.#ranks.set(rank, state);
    }
    return state;
  }

  /** The state of one of the rank's devices, to be changed in place. */
  device(rank: number, device: string): DeviceState {
    const key = `${rank}/${device}`;
    let state = this.#devices.get(key);
    if (state === undefined) {
      const old = this.#before.devices.find(d => d.rank === rank && d.device === device);
      state = old
        ? { ...old, counters: { ...old.counters }, history: copy(old.history) }
        : initialDevice(rank, device);
      this.#devices.set(key, state);
    }
    return state;
  }

  /** Names of the devices that the rank has shown so far; one may come twice. */
  devicesOf(rank: number): string[] {
    return [...this.#before.devices, ...this.#devices.values()]
      .filter(d => d.rank === rank)
      .map(d => d.device);
  }

  /** All ranks and devices, changed and unchanged, bounded and in order. */
  finish(): { ranks: RankState[]; devices: DeviceState[] } {
    for (const rank of this.#ranks.values()) {
      trim(rank.history);
      if (rank.log.length > LOG_LENGTH) rank.log = rank.log.slice(-LOG_LENGTH);
    }
    for (const device of this.#devices.values()) trim(device.history);
    const ranks = new Map([...this.#before.ranks.map(r => [r.rank, r] as const), ...this.#ranks]);
    const devices = new Map([
      ...this.#before.devices.map(d => [`${d.rank}/${d.device}`, d] as const),
      ...this.#devices,
    ]);
    return {
      ranks: [...ranks.values()].sort((a, b) => a.rank - b.rank),
      devices: [...devices.values()].sort((a, b) => a.rank - b.rank || byNumber(a.device, b.device)),
    };
  }
}

/** Adds a line to the rank's log. */
export function note(
  rank: RankState,
  event: { timeMs: number; seq: number },
  level: LogEntry['level'],
  message: string,
): void {
  rank.log.push({ timeMs: event.timeMs, rank: rank.rank, seq: event.seq, level, message });
  if (rank.log.length >= 2 * LOG_LENGTH) rank.log.splice(0, rank.log.length - LOG_LENGTH);
}
