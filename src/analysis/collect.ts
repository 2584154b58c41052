/**
 * A run's events → points: what each update says of each device of its rank. Whoever wants to know more of them than
 * one at a time keeps it in bounded memory.
 */
import { type DeviceMemory, isUnknown, type TelemetryEvent, type UnknownEvent } from '../contract/index.ts';
import { Counters } from './counters.ts';
import { type Done, figuresOf, stepDone, updateDone } from './figures-of.ts';
import type { Point } from './point.ts';

/** Takes the points of one device of one rank. */
export interface PointSink {
  take(point: Point): void;
  /** The trainer began anew: what follows is of another process. */
  restart(): void;
}

export class Collector {
  readonly #ranks = new Map<number, RankCollector>();
  readonly #open: (rank: number, device: string) => PointSink;

  /** @param open called once for each device of each rank, when it is first heard of */
  constructor(open: (rank: number, device: string) => PointSink) {
    this.#open = open;
  }

  take(event: TelemetryEvent | UnknownEvent): void {
    let rank = this.#ranks.get(event.rank);
    if (rank === undefined) {
      rank = new RankCollector(device => this.#open(event.rank, device));
      this.#ranks.set(event.rank, rank);
    }
    rank.take(event);
  }
}

class RankCollector {
  readonly #open: (device: string) => PointSink;
  readonly #devices = new Map<string, { sink: PointSink; counters: Counters }>();
  #nextSeq = 0;
  #updates = 0;
  #index = 0;

  constructor(open: (device: string) => PointSink) {
    this.#open = open;
  }

  take(event: TelemetryEvent | UnknownEvent): void {
    if (event.seq < this.#nextSeq) return;
    this.#nextSeq = event.seq + 1;
    if (isUnknown(event)) return;
    switch (event.type) {
      case 'PPO_UPDATE_COMPLETED':
        this.#update(event.timeMs, updateDone(event.data), event.data.memory ?? []);
        break;
      case 'STEP_COMPLETED':
        this.#update(event.timeMs, stepDone(event.data), event.data.memory ?? []);
        break;
      case 'MEMORY_SAMPLED':
        for (const reading of event.data.memory) this.#device(reading.device).counters.read(reading);
        break;
      case 'TRAINING_STARTED':
        if (this.#updates > 0) this.#restart();
    }
  }

  #update(timeMs: number, done: Done, memory: readonly DeviceMemory[]): void {
    for (const reading of memory) {
      const { sink, counters } = this.#device(reading.device);
      counters.read(reading);
      sink.take({
        index: this.#index,
        at: this.#updates,
        timeMs,
        ...done,
        ...figuresOf(reading),
        ...counters.take(),
      });
    }
    this.#updates++;
    this.#index++;
  }

  #restart(): void {
    this.#updates = 0;
    for (const { sink, counters } of this.#devices.values()) {
      counters.restart();
      sink.restart();
    }
  }

  #device(name: string): { sink: PointSink; counters: Counters } {
    let device = this.#devices.get(name);
    if (device === undefined) {
      device = { sink: this.#open(name), counters: new Counters() };
      this.#devices.set(name, device);
    }
    return device;
  }
}
