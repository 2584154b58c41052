/** A run of many ranks that goes on, for benchmarks: each rank's log gets one update a second, the ranks spread over the second. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_VERSION } from '../src/contract/index.ts';
import { LogWriter } from '../src/log/index.ts';
import { update } from './sample-log.ts';

const PER_NODE = 8;
const TICK_MS = 10;
/** What a rank that leaks holds more after each update, and where its device is full. */
const LEAK_BYTES = 512 * 2 ** 20;
const MOST_LEAKED = 68 * 2 ** 30;
const LEAKING = ['allocatedBytes', 'activeBytes', 'peakActiveBytes', 'peakAllocatedBytes'] as const;
/** Logs held open by the writer; the others are opened for each line. */
const MOST_OPEN = 600;

export class LiveRanks {
  readonly id: string;
  readonly folder: string;
  readonly count: number;
  /** Bytes and lines written since {@link start}. */
  bytes = 0;
  lines = 0;
  readonly #fds = new Map<number, number>();
  readonly #seqs: number[];
  readonly #leaking: number | null;
  /** Its lock is what shows that the run goes on; the other ranks are as on another node, out of sight. */
  readonly #first: LogWriter;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param before updates that each rank made before, a second apart
   * @param leaking a rank that holds more after each update; null for none
   */
  constructor(runs: string, count: number, before: number, leaking: number | null = null) {
    this.id = `ranks-${count}`;
    this.#leaking = leaking;
    this.count = count;
    this.folder = join(runs, this.id);
    mkdirSync(this.folder, { recursive: true });
    const began = Date.now() - before * 1000;
    writeFileSync(
      join(this.folder, 'run.json'),
      JSON.stringify({
        v: CONTRACT_VERSION,
        id: this.id,
        name: this.id,
        createdMs: began,
        algorithm: 'PPO',
        task: 'bench',
        command: null,
        config: {},
      }),
    );
    this.#seqs = Array.from({ length: count }, () => before + 1);
    for (let rank = 0; rank < count; rank++) {
      const start = this.#line(rank, 0, began, 'TRAINING_STARTED', {
        name: this.id,
        algorithm: 'PPO',
        task: 'bench',
        device: 'cuda:0',
        worldSize: count,
        hostname: `gpu-${String(Math.floor(rank / PER_NODE)).padStart(3, '0')}`,
        pid: process.pid,
      });
      let text = start;
      for (let seq = 1; seq <= before; seq++) text += this.#updated(rank, seq, began + seq * 1000);
      writeFileSync(this.#path(rank), text);
    }
    this.#first = new LogWriter(this.folder);
  }

  get paths(): string[] {
    return Array.from({ length: this.count }, (_, rank) => this.#path(rank));
  }

  start(): void {
    const began = performance.now();
    let done = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * this.count);
      for (; done < due; done++) this.append(done % this.count);
    }, TICK_MS);
  }

  append(rank: number): void {
    const line = this.#updated(rank, this.#seqs[rank]!++, Date.now());
    this.lines++;
    this.bytes += Buffer.byteLength(line);
    if (rank === 0) {
      this.#first.append(line);
      return;
    }
    let fd = this.#fds.get(rank);
    const isKept = fd !== undefined || this.#fds.size < MOST_OPEN;
    fd ??= openSync(this.#path(rank), 'a');
    if (isKept) this.#fds.set(rank, fd);
    writeSync(fd, line);
    if (!isKept) closeSync(fd);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const fd of this.#fds.values()) closeSync(fd);
    this.#fds.clear();
    this.#first.close();
  }

  #path(rank: number): string {
    return join(this.folder, `events-${rank}.jsonl`);
  }

  #updated(rank: number, seq: number, timeMs: number): string {
    const data = update(seq);
    const [memory] = data.memory!;
    // Ranks differ a little, and so do their updates.
    const scatter = (((rank * 7919 + seq * 104_729) % 997) / 997) * 2 ** 28;
    memory!.peakActiveBytes = Math.round(memory!.peakActiveBytes! + scatter);
    if (rank === this.#leaking)
      for (const key of LEAKING) memory![key] = Math.min(MOST_LEAKED, memory![key]! + seq * LEAK_BYTES);
    memory!.device = `cuda:${rank % PER_NODE}`;
    memory!.uuid = `GPU-${String(rank).padStart(8, '0')}-1b2c-4d3e-8f90-a1b2c3d4e5f6`;
    memory!.pciBusId = `00000000:${(64 + (rank % PER_NODE)).toString(16)}:00.0`;
    return this.#line(rank, seq, timeMs, 'PPO_UPDATE_COMPLETED', data);
  }

  #line(rank: number, seq: number, timeMs: number, type: string, data: object): string {
    return `${JSON.stringify({ v: CONTRACT_VERSION, seq, timeMs, run: this.id, rank, type, data, telemetryMs: 0.02 })}\n`;
  }
}
