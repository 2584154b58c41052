/** Growth of the allocator's cumulative counters, which anyone may reset. */
import type { DeviceMemory } from '../contract/index.ts';
import { type Counter, counterFields, counterNames } from './point.ts';

type Growth = Record<Counter, number>;

const none = (): Growth => ({ retries: 0, ooms: 0, deviceAllocs: 0, deviceFrees: 0, streamSyncs: 0 });

export class Counters {
  #before: Growth = none();
  #grown: Growth = none();

  /** One that fell was reset: all of it is new. */
  read(reading: DeviceMemory): void {
    for (const name of counterNames) {
      const value = reading[counterFields[name]] as number | null | undefined;
      if (value == null) continue;
      this.#grown[name] += value >= this.#before[name] ? value - this.#before[name] : value;
      this.#before[name] = value;
    }
  }

  /** Growth since it was taken last. */
  take(): Growth {
    const grown = this.#grown;
    this.#grown = none();
    return grown;
  }

  /** A new process counts from zero. */
  restart(): void {
    this.#before = none();
  }
}
