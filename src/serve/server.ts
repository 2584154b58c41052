/** The server's life: it listens, and it ends without cutting anyone off in the middle of an answer. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { App, type AppOptions } from './app.ts';
import { basePathOf } from './base-path.ts';
import { isLoopback, newToken } from './guard.ts';
import { builtWeb } from './static-files.ts';

export interface ServerOptions
  extends Partial<Pick<AppOptions, 'web' | 'allowedHosts' | 'metrics' | 'reportPage' | 'version'>> {
  /** The path that everything is under, such as `/esper`; none by default. */
  basePath?: string;
  /** Folder of all runs. */
  runs: string;
  /** 0 for any free port. */
  port: number;
  /** Address to listen at. Any other than loopback asks everyone for a token. */
  host: string;
  /** Asked of everyone, on loopback too; without it a new one is made where the address is not loopback. */
  token?: string;
}

export interface RunningServer {
  /** With the token, where one is needed. */
  url: string;
  port: number;
  token: string | null;
  /** A new look at every run, for who exports figures. */
  newest: App['newest'];
  /** Ends the streams, finishes what is being answered, and closes. */
  close(): Promise<void>;
}

const CLOSING_MS = 2000;
const MAX_PORT = 65_535;

/** Throws an Error of one sentence where the address cannot be listened at. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, runs, web = builtWeb(), ...rest } = options;
  if (host.trim() === '')
    throw new Error('--host takes an address: 127.0.0.1, or 0.0.0.0 for all of this machine.');
  if (port > MAX_PORT) throw new Error(`--port takes a number up to ${MAX_PORT}, not ${port}.`);
  const basePath = basePathOf(options.basePath ?? '');
  const token = options.token ?? (isLoopback(host) ? null : newToken());
  // The printed address must be one that is answered.
  const allowedHosts = [...(rest.allowedHosts ?? []), host.includes(':') ? `[${host}]` : host];
  const app = new App({ ...rest, allowedHosts, runs, web, token, basePath });
  const server = createServer(
    // A request line and its headers are all that a question needs.
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 5_000,
      // How soon an overdue one is found out.
      connectionsCheckingInterval: 2_000,
    },
    getRequestListener(app.hono.fetch),
  );
  server.maxConnections = 1024;
  await listen(server, port, host);
  const at = (server.address() as AddressInfo).port;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${at}${basePath}/${token === null ? '' : `?token=${encodeURIComponent(token)}`}`,
    port: at,
    token,
    newest: () => app.newest(),
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      await app.close();
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why: Record<string, string> = {
        EADDRINUSE: `Port ${port} is taken: choose another with --port, or 0 for any.`,
        EACCES: `Port ${port} needs more rights: choose one above 1023 with --port.`,
        EADDRNOTAVAIL: `${host} is no address of this machine: choose another with --host.`,
        ENOTFOUND: `${host} is no address of this machine: choose another with --host.`,
      };
      reject(
        new Error(why[error.code ?? ''] ?? `Cannot listen at ${host}:${port}: ${error.message}.`, {
          cause: error,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}
