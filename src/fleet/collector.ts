/**
 * Takes a stream's pieces and writes the run folders that they are of. A piece is acknowledged when it is on the disk; until then, and
 * after a crash, the server delivers it again. Collectors of one name share the stream, and write one folder.
 */
import { join } from 'node:path';
import type { JsMsg } from '@nats-io/jetstream';
import { onAbort } from '../base/index.ts';
import { COLLECTOR_FOLDER, noteCluster } from '../log/index.ts';
import { applyToLog, applyToWhole, type Outcome } from './collected-file.ts';
import { type FileName, fileOfSubject, isLog, wantSubject } from './names.ts';
import { type Connected, pause } from './nats.ts';
import { onceOfAKind } from './once.ts';
import { decode, isGoneIn, type Piece, type Want, wholeIn } from './piece.ts';
import { apiCode, unreadOf } from './stream.ts';
import { AGAIN_MS, Unsynced } from './unsynced.ts';

const SYNC_MS = 500;
/** Bytes that may wait for the disk. */
const MOST_WAITING = 16 * 2 ** 20;
/** The server delivers again what was not acknowledged for so long. */
const ACK_WAIT_MS = 30_000;
const MOST_UNACKNOWLEDGED = 20_000;
/** Bytes that are asked of the server at once. */
const PULLED_BYTES = 8 * 2 ** 20;
/** A piece that does not fit is tried so often; then the next announcement of the file's end is waited for. */
const MOST_DELIVERIES = 20;
/** From this delivery on what is missing is asked for: before, another collector may be about to write it. */
const WANTED_FROM = 2;
const WANT_MS = 2000;
/** After trouble, the first time soon: a shipper may be about to make the stream. */
const SOON_MS = 100;
const RETRY_MS = 1000;
const NO_CONSUMER = 10014;
/** Files that are remembered, of each kind of memory. */
const MOST_REMEMBERED = 100_000;

export interface CollectOptions {
  runs: string;
  stream: string;
  /** null: of all clusters, each in a folder of its name. */
  cluster: string | null;
  /** Of the consumer: collectors of one name share the work. */
  name: string;
  onProblem: (sentence: string) => void;
}

export interface CollectStats {
  pieces: number;
  bytes: number;
  /** Pieces that were there already. */
  known: number;
  /** Pieces that came too early, or did not fit. */
  wanted: number;
}

export class Collector {
  readonly stats: CollectStats = { pieces: 0, bytes: 0, known: 0, wanted: 0 };
  readonly #from: Connected;
  readonly #options: CollectOptions;
  readonly #problem: (kind: string, sentence: string) => void;
  readonly #written: Unsynced;
  /** By file that is no log: the newest piece that was applied, so that an older one that comes again changes nothing. */
  readonly #newest = new Map<string, number>();
  readonly #wantedMs = new Map<string, number>();
  /** Runs whose cluster is recorded: that of a collector of one cluster is in no path. */
  readonly #noted = new Set<string>();

  constructor(from: Connected, options: CollectOptions) {
    this.#from = from;
    this.#options = options;
    this.#problem = onceOfAKind(options.onProblem);
    this.#written = new Unsynced((path, error) => this.#unwritten(path, error));
  }

  /** Collects until the signal aborts, or, with `once`, until nothing is left in the stream. */
  async collect(signal: AbortSignal, once = false): Promise<void> {
    const timer = setInterval(() => void this.#written.sync(), SYNC_MS);
    let restMs = SOON_MS;
    try {
      while (!signal.aborted) {
        try {
          await this.#consume(signal, once);
          if (once) return;
          restMs = SOON_MS;
        } catch (error) {
          this.#unread(error as Error);
        }
        await pause(restMs, signal);
        restMs = Math.min(RETRY_MS, 2 * restMs);
      }
    } finally {
      clearInterval(timer);
      await this.#written.sync();
      await this.#from.nats.flush().catch(() => {});
    }
  }

  async #makeConsumer(): Promise<void> {
    const { manager, jetstream } = this.#from;
    const { stream, cluster, name } = this.#options;
    try {
      await manager.consumers.info(stream, name);
    } catch (error) {
      if (apiCode(error) !== NO_CONSUMER) throw error;
      await manager.consumers.add(stream, {
        durable_name: name,
        ack_policy: jetstream.AckPolicy.Explicit,
        deliver_policy: jetstream.DeliverPolicy.All,
        filter_subject: cluster === null ? `${stream}.>` : `${stream}.${cluster}.>`,
        ack_wait: ACK_WAIT_MS * 1e6,
        max_ack_pending: MOST_UNACKNOWLEDGED,
      });
    }
  }

  async #consume(signal: AbortSignal, once: boolean): Promise<void> {
    await this.#makeConsumer();
    const { stream, name } = this.#options;
    const consumer = await this.#from.js.consumers.get(stream, name);
    const messages = await consumer.consume({ max_bytes: PULLED_BYTES, expires: 5000, idle_heartbeat: 1000 });
    const stop = () => void messages.close();
    const forget = onAbort(signal, stop);
    const idle = once ? setInterval(() => void this.#stopWhenEmpty(stop), 300) : null;
    try {
      for await (const message of messages) {
        await this.#take(message);
        if (this.#written.bytes > MOST_WAITING) await this.#written.sync();
      }
    } finally {
      if (idle !== null) clearInterval(idle);
      forget();
      await this.#written.sync();
    }
  }

  async #stopWhenEmpty(stop: () => void): Promise<void> {
    try {
      const { stream, name } = this.#options;
      if (unreadOf(await this.#from.manager.consumers.info(stream, name)) === 0) stop();
    } catch {
      // The next look shows it.
    }
  }

  async #take(message: JsMsg): Promise<void> {
    const name = fileOfSubject(message.subject);
    const piece = message.headers === undefined ? null : decode(message.headers, message.data);
    if (name === null || piece === null) {
      this.#problem(
        `subject ${message.subject}`,
        `A message on ${message.subject} is of no file of a run: it is left out.`,
      );
      message.term();
      return;
    }
    const { runs, cluster } = this.#options;
    const all = cluster === null ? join(runs, name.cluster) : runs;
    const path = join(all, name.run, name.file);
    if (!isLog(name.file)) {
      try {
        if (message.seq < (this.#newest.get(path) ?? 0) || (await this.#isOutdated(message, piece))) {
          message.ack();
          return;
        }
      } catch (error) {
        this.#unread(error as Error);
        message.nak(AGAIN_MS);
        return;
      }
      remember(this.#newest, path, message.seq);
    }
    try {
      if (cluster !== null) this.#note(name.run, cluster);
      const outcome = isLog(name.file)
        ? applyToLog(path, piece)
        : applyToWhole(path, piece, join(runs, COLLECTOR_FOLDER));
      this.#count(outcome, piece.body.length);
      if (outcome.what === 'wanted') this.#want(message, name, outcome);
      else if (outcome.what === 'known' || piece.gone) message.ack();
      else this.#written.add(path, message);
    } catch (error) {
      this.#unwritten(path, error as Error);
      message.nak(AGAIN_MS);
    }
  }

  #note(run: string, cluster: string): void {
    if (this.#noted.has(run)) return;
    try {
      noteCluster(this.#options.runs, run, cluster);
    } catch (error) {
      // Only a label of its metrics: the run's own files go on.
      const { message } = error as Error;
      this.#problem(message, `The cluster of run ${run} cannot be recorded: ${message}.`);
      return;
    }
    if (this.#noted.size >= MOST_REMEMBERED) this.#noted.clear();
    this.#noted.add(run);
  }

  #unread({ message }: Error): void {
    this.#problem(message, `The stream cannot be read now (${message}); it is tried again.`);
  }

  #unwritten(path: string, { message }: Error): void {
    this.#problem(`${path} ${message}`, `${path} cannot be written: ${message}. It is tried again.`);
  }

  /**
   * Whether the stream holds a later state of the file: another collector may have written it already, and this one comes late, or again
   * after a kill. Throws where the server does not answer.
   */
  async #isOutdated(message: JsMsg, { at, whole, gone }: Piece): Promise<boolean> {
    if (!message.redelivered && at > 0 && !gone) return false;
    const { stream } = this.#options;
    const last = await this.#from.manager.streams.getMessage(stream, { last_by_subj: message.subject });
    if (last === null || last.seq <= message.seq) return false;
    return isGoneIn(last.header) !== gone || wholeIn(last.header)?.digest !== whole?.digest;
  }

  #count(outcome: Outcome, bytes: number): void {
    if (outcome.what === 'wanted') this.stats.wanted++;
    else if (outcome.what === 'known') this.stats.known++;
    else {
      this.stats.pieces++;
      this.stats.bytes += bytes;
    }
  }

  #want(message: JsMsg, name: FileName, { from, differs }: { from: number; differs: boolean }): void {
    const { deliveryCount } = message.info;
    const key = `${name.cluster}/${name.run}/${name.file}`;
    const now = Date.now();
    if (deliveryCount >= WANTED_FROM && now - (this.#wantedMs.get(key) ?? 0) > WANT_MS) {
      remember(this.#wantedMs, key, now);
      const want: Want = { run: name.run, file: name.file, from, differs };
      this.#from.nats.publish(wantSubject(this.#options.stream, name), JSON.stringify(want));
    }
    if (deliveryCount >= MOST_DELIVERIES) message.term();
    else message.nak(Math.min(30_000, 250 * 2 ** Math.min(deliveryCount, 10)));
  }
}

function remember(map: Map<string, number>, key: string, value: number): void {
  if (map.size >= MOST_REMEMBERED) map.clear();
  map.set(key, value);
}
