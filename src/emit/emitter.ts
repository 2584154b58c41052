/**
 * Measurements → lines. An Emitter stamps the envelope of one rank's events and hands each finished line to
 * its sink before `emit` returns. It never throws: telemetry must not stop training.
 */
import { CONTRACT_VERSION, type EventType, type LineSink, type Payload } from '../contract/index.ts';
import { figuresPayload, type StepFigures, stepPayload } from './own-payloads.ts';

export interface EmitterOptions {
  /** Run id. */
  run: string;
  rank: number;
  sink: LineSink;
  /** seq of the first event: 0, or one past the log's tail when a run is resumed. */
  firstSeq?: number;
  /** Wall clock, milliseconds since the epoch. */
  now?: () => number;
}

export class Emitter {
  readonly run: string;
  readonly rank: number;
  #seq: number;
  #sink: LineSink;
  #now: () => number;
  #owedMs = 0;
  #head: string;
  /** Events that could not be serialised. Their seq is spent, so that readers see the gap. */
  failed = 0;

  constructor({ run, rank, sink, firstSeq = 0, now = Date.now }: EmitterOptions) {
    this.run = run;
    this.rank = rank;
    this.#sink = sink;
    this.#seq = firstSeq;
    this.#now = now;
    this.#head = `,"run":${JSON.stringify(run)},"rank":${rank},"type":"`;
  }

  /** seq of the next event. */
  get nextSeq(): number {
    return this.#seq;
  }

  /**
   * Emits one event.
   * @param gatheredMs what gathering `data` took, milliseconds; the event carries it in `telemetryMs`
   * together with what writing the previous event took.
   */
  emit<T extends EventType>(type: T, data: Payload<T>, gatheredMs = 0): void {
    const began = performance.now();
    const seq = this.#seq++;
    const telemetryMs = Math.round((this.#owedMs + gatheredMs) * 1e4) / 1e4;
    try {
      this.#sink.append(
        `{"v":"${CONTRACT_VERSION}","seq":${seq},"timeMs":${this.#now()}${this.#head}${type}","data":${JSON.stringify(data)},"telemetryMs":${telemetryMs}}\n`,
      );
    } catch {
      this.failed++;
    }
    this.#owedMs = performance.now() - began;
  }

  /**
   * One step of a loop that is not PPO: `emitter.step({ step, loss, accuracy })`. Known names are those of its payload; any
   * other is a figure of your own.
   */
  step(figures: StepFigures): void {
    this.emit('STEP_COMPLETED', stepPayload(figures));
  }

  /**
   * Figures of your own, at any time: `emitter.log({ 'val/loss': 0.41 })`. Names have 1 to 80 printable characters and no comma.
   * @param batch the update or step that they belong to; null: the newest
   */
  log(figures: Readonly<Record<string, unknown>>, batch: number | null = null): void {
    this.emit('FIGURES_LOGGED', figuresPayload(figures, batch));
  }
}
