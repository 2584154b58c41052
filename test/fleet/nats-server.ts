/** Real NATS servers for tests: each in a store of its own on free ports, and started again in the same place after a kill. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Debian puts it where only root's PATH leads. */
const program = ['/usr/sbin/nats-server', 'nats-server'].find(
  path => (!path.includes('/') || existsSync(path)) && spawnSync(path, ['-v']).status === 0,
);
export const hasNats = program !== undefined;
/** The end of a test's title. */
export const unlessNats = hasNats ? '' : ' (skipped: no nats-server)';

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Below the ports that the system gives out: nobody gets it by chance before it is bound, or while its server is away. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(port)) return port;
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.setTimeout(1000, () => {
      socket.destroy();
      resolve(false);
    });
  });

export class NatsServer {
  readonly port: number;
  readonly #config: string;
  readonly #store: string;
  #process: ChildProcess | null = null;

  private constructor(folder: string, port: number, config: string, name: string) {
    this.port = port;
    this.#store = folder;
    this.#config = join(folder, `${name}.conf`);
    writeFileSync(
      this.#config,
      `host: 127.0.0.1\nport: ${port}\nserver_name: ${name}\njetstream { store_dir: "${join(folder, name)}" }\n${config}\n`,
    );
  }

  /** @param config more of its configuration: users, TLS, a cluster */
  static async start(folder: string, config = '', name = 'n1', port?: number): Promise<NatsServer> {
    const server = new NatsServer(folder, port ?? (await freePort()), config, name);
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    const log = ['-l', `${this.#config}.log`];
    this.#process = spawn(program!, ['-c', this.#config, ...log], { stdio: 'ignore', cwd: this.#store });
    const own = this.#process;
    for (let i = 0; i < 600 && !(await answers(this.port)); i++) {
      if (own.exitCode !== null)
        throw new Error(
          `nats-server ended with ${own.exitCode}: ${readFileSync(`${this.#config}.log`, 'utf8')}`,
        );
      await sleep(50);
    }
  }

  /** Ended, without a chance to put anything in order where the signal is SIGKILL. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const own = this.#process;
    this.#process = null;
    if (own === null || own.exitCode !== null || own.signalCode !== null) return;
    const ended = new Promise(resolve => own.once('exit', resolve));
    own.kill(signal);
    await ended;
  }
}

/** Three servers that replicate. */
export async function startCluster(folder: string): Promise<NatsServer[]> {
  const routes = [await freePort(), await freePort(), await freePort()];
  const ports = [await freePort(), await freePort(), await freePort()];
  const all = routes.map(port => `nats://127.0.0.1:${port}`).join(', ');
  return Promise.all(
    routes.map((route, i) =>
      NatsServer.start(
        folder,
        `cluster { name: test, listen: "127.0.0.1:${route}", routes: [${all}] }`,
        `c${i + 1}`,
        ports[i],
      ),
    ),
  );
}
