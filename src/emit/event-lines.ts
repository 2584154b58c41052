/**
 * Events of one rank → lines of its log, gathered as bytes, for a program that writes many at once. They carry no `telemetryMs`: it
 * is another process, and what it takes is no time of the training's.
 */
import { CONTRACT_VERSION, type EventType, type Payload } from '../contract/index.ts';
import { JsonBytes, type JsonPiece, pieceOf } from './json-bytes.ts';

const START = pieceOf(`{"v":"${CONTRACT_VERSION}","seq":`);
const TIME = pieceOf(',"timeMs":');
const END = pieceOf('}\n');

export class EventLines {
  /** Events that could not be serialised. Their seq is spent, so that readers see the gap. */
  failed = 0;
  #json = new JsonBytes();
  #lines = 0;
  #seq = 0;
  #who: string;
  /** What stands between time and data, by the event's type. */
  #heads = new Map<EventType, JsonPiece>();

  /** Of a run by its id, and a rank whose log is new. */
  constructor(run: string, rank: number) {
    this.#who = `"run":${JSON.stringify(run)},"rank":${rank}`;
  }

  /** Bytes that are gathered. */
  get size(): number {
    return this.#json.length;
  }

  /** Never throws. @param timeMs milliseconds since the epoch */
  add<T extends EventType>(type: T, data: Payload<T>, timeMs: number): void {
    const json = this.#json;
    const start = json.length;
    const seq = this.#seq++;
    try {
      json.copy(START);
      json.number(seq);
      json.copy(TIME);
      json.number(timeMs);
      json.copy(this.#headOf(type));
      json.value(data);
      json.copy(END);
      this.#lines++;
    } catch {
      json.length = start;
      this.failed++;
    }
  }

  /** The lines that are gathered, which are whole, and how many; the bytes are used again for those that come. */
  take(): { bytes: Uint8Array; lines: number } {
    const taken = { bytes: this.#json.bytes.subarray(0, this.#json.length), lines: this.#lines };
    this.#json.length = 0;
    this.#lines = 0;
    return taken;
  }

  #headOf(type: EventType): JsonPiece {
    let head = this.#heads.get(type);
    if (head === undefined) {
      head = pieceOf(`,${this.#who},"type":"${type}","data":`);
      this.#heads.set(type, head);
    }
    return head;
  }
}
