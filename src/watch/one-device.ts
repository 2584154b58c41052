/** A figure of memory without a device's number, and the first device in the text of a refusal: a run of one rank calls it by one name. */
import type { DeviceMemory } from '../contract/index.ts';

const FIRST = /^([a-z]{2,8}):0$/;

export class OneDevice {
  #names = new Set<string>();
  #ranks = new Set<number>();

  /** What is emitted, by the name that its device has had before. */
  named<T extends object>(rank: number, data: T): T {
    this.#ranks.add(rank);
    const { memory, refused } = data as { memory?: readonly DeviceMemory[]; refused?: unknown };
    if (memory === undefined) return data;
    const [only] = this.#names;
    if (refused === undefined) for (const { device } of memory) this.#names.add(device);
    else if (this.#names.size === 1 && this.#ranks.size === 1)
      return {
        ...data,
        memory: memory.map(reading =>
          FIRST.exec(reading.device)?.[1] === only ? { ...reading, device: only! } : reading,
        ),
      };
    return data;
  }
}
