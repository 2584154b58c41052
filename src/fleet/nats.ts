/** NATS: an optional dependency, loaded by the commands that need it and by nothing else. */
import { setTimeout } from 'node:timers/promises';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

type NatsTransport = typeof import('@nats-io/transport-node');
type JetStream = typeof import('@nats-io/jetstream');

/** The version that this package is tested with; package.json pins the same. */
const NATS_VERSION = '3.3.1';

/** One sentence, for people, on what keeps a command from NATS: not installed, not allowed, settings that would lose data. */
export class FleetError extends Error {
  override name = 'FleetError';
}

/** How to reach the servers; secrets are texts, not names of files. */
export interface Access {
  servers: string[];
  user?: string;
  password?: string;
  token?: string;
  /** Text of a credentials file. */
  credentials?: string;
  /** Seed of an nkey. */
  nkey?: string;
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
}

export interface Connected {
  nats: NatsConnection;
  js: JetStreamClient;
  manager: JetStreamManager;
  transport: NatsTransport;
  jetstream: JetStream;
}

/** @param what needs it. Throws a {@link FleetError} where it is not installed. */
async function loadNats(what: string): Promise<{ transport: NatsTransport; jetstream: JetStream }> {
  if (process.env.ESPER_NATS !== 'off')
    try {
      const [transport, jetstream] = await Promise.all([
        import('@nats-io/transport-node'),
        import('@nats-io/jetstream'),
      ]);
      return { transport, jetstream };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    }
  throw new FleetError(
    `${what} needs the NATS client, which is not installed here: ` +
      `npm install @nats-io/transport-node@${NATS_VERSION} @nats-io/jetstream@${NATS_VERSION}.`,
  );
}

const RETRY_MS = 2000;
const REQUEST_MS = 5000;

/**
 * Connects, and waits for as long as no server is there: `onWaiting` is given the reason once. From then on the client reconnects by
 * itself, for ever. Throws a {@link FleetError} where a server refuses who asks; null where the signal aborted first.
 */
export async function connectTo(
  access: Access,
  name: string,
  signal: AbortSignal,
  onWaiting: (reason: string) => void,
): Promise<Connected | null> {
  const { transport, jetstream } = await loadNats(name);
  const { servers, user, password, token, credentials, nkey, tls } = access;
  const encode = (text: string) => new TextEncoder().encode(text);
  let authenticator: ReturnType<NatsTransport['credsAuthenticator']> | undefined;
  try {
    if (credentials !== undefined) authenticator = transport.credsAuthenticator(encode(`${credentials}\n`));
    else if (nkey !== undefined) authenticator = transport.nkeyAuthenticator(encode(nkey));
  } catch (error) {
    throw new FleetError(`The credentials cannot be used: ${(error as Error).message}.`);
  }
  const options = {
    ...{ servers, name, user, pass: password, token, authenticator, tls },
    maxReconnectAttempts: -1,
    reconnectTimeWait: 1000,
    reconnectJitter: 1000,
    // A server whose accounts are being changed refuses for a moment.
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    noAsyncTraces: true,
    timeout: REQUEST_MS,
  };
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      // The servers of a cluster name each other, also to who is refused: a client that listens to that begins with them for ever.
      const first = await transport.connect({ ...options, reconnect: false, ignoreClusterUpdates: true });
      await first.close();
      const nats = await transport.connect(options);
      const js = jetstream.jetstream(nats, { timeout: REQUEST_MS });
      const manager = await jetstream.jetstreamManager(nats, { checkAPI: false, timeout: REQUEST_MS });
      return { nats, js, manager, transport, jetstream };
    } catch (error) {
      const { message } = error as Error;
      if (isRefusal(error as Error))
        throw new FleetError(`${servers.join(', ')} refuses the connection: ${plain(message)}.`);
      if (isFirst) onWaiting(plain(message));
    }
    await pause(RETRY_MS, signal);
  }
  return null;
}

/**
 * What trying again does not mend: who asks is not known, a certificate is not trusted, a file of ours cannot be used. Anything else may be
 * over soon, as a server that goes away in the midst of a greeting.
 */
const isRefusal = (error: Error): boolean => {
  const causes = [error, error.cause as (Error & { code?: string }) | undefined];
  const texts = causes.map(
    one => `${one?.name} ${(one as { code?: string } | undefined)?.code} ${one?.message}`,
  );
  return /authori[sz]ation|authentication|certificate|self.signed|credentials|ENOENT|EACCES|PEM|doesn't exist|does not support/i.test(
    texts.join(' '),
  );
};

/** A sentence's end is ours. */
const plain = (message: string): string => message.replace(/[.\s]+$/, '') || 'no connection';

/** Resolves after the time, or at the abort. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => {});
