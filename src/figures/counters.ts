/**
 * Growth of the allocator's cumulative counters. Each process counts from zero and anyone may reset them: only this file
 * knows how a growth is taken.
 */
import type { DeviceMemory } from '../contract/index.ts';

export const counterNames = [
  'allocRetries',
  'ooms',
  'deviceAllocs',
  'deviceFrees',
  'syncAllStreams',
] as const;
export type CounterName = (typeof counterNames)[number];
export type CounterValues = Record<CounterName, number>;

export const zeroCounters = (): CounterValues => ({
  allocRetries: 0,
  ooms: 0,
  deviceAllocs: 0,
  deviceFrees: 0,
  syncAllStreams: 0,
});

/** By how much a counter grew from one reading to the next. One that fell was reset: all of it is new. */
export const growthOf = (before: number, now: number): number => (now >= before ? now - before : now);

/** Requests that the device refused, retried or not. */
export const refusalsIn = ({ allocRetries, ooms }: CounterValues): number => allocRetries + ooms;

export interface CounterGrowth {
  /** 0 for a counter that was not read. */
  grown: CounterValues;
  /** Whether any counter was read. */
  isCounted: boolean;
}

/** Growth of one device's counters between the moments at which it is asked for. */
export class GrowingCounters {
  #before = zeroCounters();
  #grown = zeroCounters();
  #isCounted = false;

  read(reading: DeviceMemory): void {
    const before = this.#before;
    for (let i = 0; i < counterNames.length; i++) {
      const name = counterNames[i]!;
      const value = reading[name];
      if (value == null) continue;
      this.#isCounted = true;
      if (value === before[name]) continue;
      this.#grown[name] += growthOf(before[name], value);
      before[name] = value;
    }
  }

  /** Growth since it was taken last. */
  take(): CounterGrowth {
    const growth = { grown: this.#grown, isCounted: this.#isCounted };
    this.#grown = zeroCounters();
    this.#isCounted = false;
    return growth;
  }

  /** A new process counts from zero. */
  restart(): void {
    this.#before = zeroCounters();
  }
}
