/**
 * The stream that a fleet's files travel through: made where it is missing, checked where it is there. It keeps what came for a time and up
 * to a size, read or not, and then lets the oldest go: a shipper does not fill more than half of it with what nobody has read yet.
 */
import type { ConsumerInfo, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { amount } from '../base/index.ts';
import { type Connected, FleetError, pause } from './nats.ts';

export const defaultStream = {
  name: 'esper',
  maxAgeMs: 7 * 24 * 3_600_000,
  maxBytes: 4 * 2 ** 30,
  replicas: 1,
} as const;

/** What was asked for; where it is undefined, the default for a new stream, and anything for one that is there. */
export interface StreamWish {
  name: string;
  maxAgeMs?: number;
  maxBytes?: number;
  replicas?: number;
}

const RETRY_MS = 2000;
const NANOS = 1_000_000;
const NOT_FOUND = 10059;
const NO_ROOM = new Set([10023, 10047, 10028]);

/** The number of an error of the server's; null for any other. */
export const apiCode = (error: unknown): number | null => {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' ? code : null;
};

/** Throws a {@link FleetError} where its settings would lose data, or are not those that were asked for. */
export async function makeOrCheckStream({ manager, jetstream }: Connected, wish: StreamWish): Promise<void> {
  const { name } = wish;
  const { maxAgeMs = defaultStream.maxAgeMs, maxBytes = defaultStream.maxBytes } = wish;
  const replicas = wish.replicas ?? defaultStream.replicas;
  const there = await streamInfo({ manager }, name);
  if (there !== null) {
    check(there.config, wish);
    return;
  }
  try {
    await manager.streams.add({
      name,
      description: 'Run folders on their way from esper ship to esper collect',
      subjects: [`${name}.>`],
      retention: jetstream.RetentionPolicy.Limits,
      storage: jetstream.StorageType.File,
      discard: jetstream.DiscardPolicy.Old,
      max_age: maxAgeMs * NANOS,
      max_bytes: maxBytes,
      num_replicas: replicas,
      duplicate_window: 120_000 * NANOS,
      allow_direct: true,
    });
  } catch (error) {
    // Another shipper was faster.
    const made = await streamInfo({ manager }, name);
    if (made !== null) {
      check(made.config, wish);
      return;
    }
    const { message } = error as Error;
    const code = apiCode(error);
    if (code !== null && NO_ROOM.has(code))
      throw new FleetError(
        `The server has no room for the stream ${name} of ${amount(maxBytes)}: give a smaller --max-bytes (${message}).`,
      );
    if (/replicas|peers/i.test(message))
      throw new FleetError(`The stream ${name} cannot have ${replicas} replicas: ${message}.`);
    throw error;
  }
}

/**
 * The same, and waits for as long as the server does not answer: `onWaiting` is given the reason once. False where the signal aborted
 * first. Throws a {@link FleetError}.
 */
export async function preparedStream(
  connected: Connected,
  wish: StreamWish,
  signal: AbortSignal,
  onWaiting: (reason: string) => void,
): Promise<boolean> {
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      await makeOrCheckStream(connected, wish);
      return true;
    } catch (error) {
      if (error instanceof FleetError) throw error;
      if (isFirst) onWaiting((error as Error).message);
    }
    await pause(RETRY_MS, signal);
  }
  return false;
}

function check(config: StreamConfig, wish: StreamWish): void {
  const { name } = wish;
  const wrong = (what: string, is: unknown, wanted: unknown) => {
    throw new FleetError(
      `The stream ${name} has ${what} ${is}, and ${wanted} is needed: "nats stream edit ${name}" changes it, or give another --stream.`,
    );
  };
  if (!config.subjects?.includes(`${name}.>`)) wrong('subjects', config.subjects?.join(', '), `${name}.>`);
  if (config.retention !== 'limits') wrong('retention', config.retention, 'limits');
  if (config.storage !== 'file') wrong('storage', config.storage, 'file');
  if (config.discard !== 'old') wrong('discard', config.discard, 'old');
  if (config.max_msgs > 0) wrong('max_msgs', config.max_msgs, 'no limit');
  if (config.max_msgs_per_subject > 0) wrong('max_msgs_per_subject', config.max_msgs_per_subject, 'no limit');
  const { replicas, maxAgeMs, maxBytes } = wish;
  if (replicas !== undefined && config.num_replicas !== replicas)
    wrong('replicas', config.num_replicas, replicas);
  if (maxAgeMs !== undefined && config.max_age !== maxAgeMs * NANOS)
    wrong('a max_age of', `${config.max_age / NANOS / 1000} s`, `${maxAgeMs / 1000} s`);
  if (maxBytes !== undefined && config.max_bytes !== maxBytes) wrong('max_bytes', config.max_bytes, maxBytes);
}

/** null where there is no such stream. Throws where the server does not answer. */
async function streamInfo({ manager }: Pick<Connected, 'manager'>, name: string): Promise<StreamInfo | null> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (apiCode(error) === NOT_FOUND) return null;
    throw error;
  }
}

/** Share of the stream's bytes from which on a shipper waits, if nobody has read them. */
const MOST_UNREAD = 0.5;

/** Share of the stream's bytes, and bytes, that one shipper sends before it looks again. */
const MOST_SHARE = 1 / 50;
const MOST_STEP = 32 * 2 ** 20;

/**
 * Whether there is room for more, and for how many bytes until the next look: no shipper pushes out what no collector has read. null where
 * there is no such stream. Throws where the server does not answer.
 */
export async function roomIn(
  { manager }: Connected,
  name: string,
): Promise<{ hasRoom: boolean; step: number } | null> {
  const info = await streamInfo({ manager }, name);
  if (info === null) return null;
  const { state, config } = info;
  if (config.max_bytes <= 0) return { hasRoom: true, step: MOST_STEP };
  const [most, step] = [config.max_bytes * MOST_UNREAD, Math.min(MOST_STEP, config.max_bytes * MOST_SHARE)];
  if (state.bytes < most || state.messages === 0) return { hasRoom: true, step };
  const lags: number[] = [];
  for await (const consumer of manager.consumers.list(name)) lags.push(unreadOf(consumer));
  // Nobody reads: all of it is unread. Several copies are made: the slowest counts.
  const unread = lags.length === 0 ? state.messages : Math.max(...lags);
  return { hasRoom: (unread / state.messages) * state.bytes < most, step };
}

/** Messages that a consumer has not acknowledged. */
export const unreadOf = ({ num_pending, num_ack_pending }: ConsumerInfo): number =>
  num_pending + num_ack_pending;
