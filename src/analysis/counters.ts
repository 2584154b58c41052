/** Growth of the allocator's cumulative counters, which anyone may reset. */
import type { DeviceMemory } from '../contract/index.ts';
import { type Counter, counterFields, counterNames } from './point.ts';

export interface Growth {
  grown: Record<Counter, number>;
  /** Whether any counter was told. */
  isCounted: boolean;
}

const none = (): Record<Counter, number> => ({
  retries: 0,
  ooms: 0,
  deviceAllocs: 0,
  deviceFrees: 0,
  streamSyncs: 0,
});

export class Counters {
  #before = none();
  #grown = none();
  #isCounted = false;

  /** One that fell was reset: all of it is new. */
  read(reading: DeviceMemory): void {
    for (const name of counterNames) {
      const value = reading[counterFields[name]] as number | null | undefined;
      if (value == null) continue;
      this.#isCounted = true;
      this.#grown[name] += value >= this.#before[name] ? value - this.#before[name] : value;
      this.#before[name] = value;
    }
  }

  /** Growth since it was taken last. */
  take(): Growth {
    const growth = { grown: this.#grown, isCounted: this.#isCounted };
    this.#grown = none();
    this.#isCounted = false;
    return growth;
  }

  /** A new process counts from zero. */
  restart(): void {
    this.#before = none();
  }
}
