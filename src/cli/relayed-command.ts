/**
 * A command whose output can be read without being in its way: a relay, a process of its own, starts it, hands every byte
 * on and gives us a copy. It lives on when this process dies, and so does the command. See `relay.py`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { LineSplitter } from '../watch/index.ts';
import { OF_SIGNAL } from './ending.ts';

/** How the command ended: a code, a signal, or not started at all with the reason. */
export interface CommandEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** null where it was started. */
  problem: string | null;
}

const relay = fileURLToPath(new URL('../../python/esper_telemetry/attach/relay.py', import.meta.url));

export class RelayedCommand {
  /** Standard output and error output as they come, to their ends soon after the command's; the second is empty where both are one. */
  readonly outputs: Readable[];
  readonly ended: Promise<CommandEnd>;
  /** Bytes of the outputs that could not be read: the command printed them faster than they were taken. */
  unreadBytes = 0;
  /** Rejects where the relay cannot be started. */
  readonly started: Promise<void>;
  #channel: Duplex;
  #child: ChildProcess;

  /**
   * Starts the command in this process's group, with its standard input.
   * @param python a Python 3 for the relay
   */
  constructor(python: string, command: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(python, ['-I', '-S', relay, ...command], {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'pipe', 'pipe'],
      env,
    });
    const [output, errors, channel] = this.#child.stdio.slice(3);
    this.outputs = [output as Readable, errors as Readable];
    this.#channel = channel as Duplex;
    this.#channel.on('error', () => {});
    this.started = new Promise((resolve, reject) => {
      this.#child.once('spawn', resolve);
      this.#child.once('error', reject);
    });
    this.ended = new Promise(resolve => {
      const end = (found: Partial<CommandEnd>) =>
        resolve({ code: null, signal: null, problem: null, ...found });
      const lines = new LineSplitter(line => {
        const [word, number, ...rest] = line.split(' ');
        if (word === 'ended') end(endOf(Number(number)));
        else if (word === 'unread') this.unreadBytes = Number(number);
        else if (word === 'failed') end({ code: Number(number), problem: rest.join(' ') });
      });
      this.#channel.on('data', (chunk: Uint8Array) => lines.push(chunk));
      // Nothing came of the command's end: the relay itself was ended.
      this.#child.once('close', (code, signal) => end({ code, signal }));
    });
  }

  /** Hands a signal on that reached this process; not where the command had it as well. */
  signal(name: NodeJS.Signals): void {
    this.#channel.write(`signal ${constants.signals[name]}\n`);
  }

  /** While a view has the terminal, nothing is written on it. */
  hold(held: boolean): void {
    this.#channel.write(held ? 'hold\n' : 'release\n');
  }

  /** Lets this process end while the relay goes on. */
  leave(): void {
    this.#child.unref();
    for (const pipe of [...this.outputs, this.#channel]) pipe.destroy();
  }
}

/** Of Python's return code, which is below zero for a signal. */
function endOf(status: number): Partial<CommandEnd> {
  if (status >= 0) return { code: status };
  const name = Object.entries(constants.signals).find(([, number]) => number === -status)?.[0];
  return name === undefined ? { code: OF_SIGNAL - status } : { signal: name as NodeJS.Signals };
}
