/** A served folder of runs for tests: real files, a real port. */

import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GIB } from '../../src/base/index.ts';
import { CONTRACT_VERSION, type TelemetryEvent } from '../../src/contract/index.ts';
import { LogWriter } from '../../src/log/index.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/serve/index.ts';

export const BEGAN = 1_700_000_000_000;

export interface Served {
  runs: string;
  server: RunningServer;
  get: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>;
  /** The JSON that is answered. */
  ask: <T>(path: string) => Promise<T>;
  end: () => Promise<void>;
}
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export async function serve(options: Partial<ServerOptions> = {}): Promise<Served> {
  const runs = mkdtempSync(join(tmpdir(), 'esper-serve-'));
  const server = await startServer({ runs, port: 0, host: '127.0.0.1', ...options });
  // Plain node:http: fetch would tidy the path and refuse to send another Host.
  const get: Served['get'] = (path, headers = {}, method = 'GET') =>
    new Promise((resolve, reject) => {
      // A connection each: one that has been idle may be closed by the server just when it is used again.
      const to = { host: '127.0.0.1', port: server.port, agent: false };
      const asked = request({ ...to, path, method, headers }, answer => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', chunk => {
          body += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body }));
      });
      asked.on('error', reject);
      asked.end();
    });
  return {
    runs,
    server,
    get,
    ask: async path => {
      // A busy machine may answer before it has read the whole log, and marks that; asked without a pause, it refuses.
      for (; ; await sleep(50)) {
        const { status, body } = await get(path);
        if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
        const value = JSON.parse(body);
        if (value.indexing == null) return value;
      }
    },
    end: async () => {
      await server.close();
      rmSync(runs, { recursive: true, force: true });
    },
  };
}

export const event = (seq: number, type: string, data: object, rank = 0): TelemetryEvent =>
  ({ v: CONTRACT_VERSION, seq, timeMs: BEGAN + seq * 1000, run: 'r', rank, type, data }) as TelemetryEvent;

/** An update whose KL is `kl` and whose device holds `percent` of 8 reserved GiB. */
export const update = (seq: number, percent = 50, kl = 0.01, batch = seq, rank = 0): TelemetryEvent =>
  event(
    seq,
    'PPO_UPDATE_COMPLETED',
    {
      batch,
      policy: { approxKl: kl },
      memory: [
        {
          device: 'cuda:0',
          allocatedBytes: Math.round((percent / 100) * 8 * GIB),
          peakAllocatedBytes: Math.round((percent / 100) * 8 * GIB),
          reservedBytes: 8 * GIB,
          deviceTotalBytes: 24 * GIB,
          deviceFreeBytes: 12 * GIB,
          allocRetries: 0,
          ooms: 0,
        },
      ],
    },
    rank,
  );

/** Makes the run one that goes on: this process writes it, until the test ends. */
export const hold = (folder: string): LogWriter => new LogWriter(folder);
