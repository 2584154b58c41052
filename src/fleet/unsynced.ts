/** Files that were written and are not on the disk yet, and the messages that are acknowledged when they are. */
import { closeSync, fdatasync } from 'node:fs';
import { openRegular } from '../disk/index.ts';

/** Files that are synced at once. */
const MOST_SYNCING = 16;
/** What failed comes again after so long. */
export const AGAIN_MS = 5000;

interface Message {
  data: Uint8Array;
  ack(): void;
  nak(ms: number): void;
}

export class Unsynced {
  readonly #onError: (path: string, error: Error) => void;
  #waiting = new Map<string, Message[]>();
  #syncing: Promise<void> = Promise.resolve();
  /** Bytes of the messages that wait. */
  bytes = 0;

  constructor(onError: (path: string, error: Error) => void) {
    this.#onError = onError;
  }

  add(path: string, message: Message): void {
    const waiting = this.#waiting.get(path);
    if (waiting === undefined) this.#waiting.set(path, [message]);
    else waiting.push(message);
    this.bytes += message.data.length;
  }

  /** Everything that was added is on the disk and acknowledged, or refused, when it resolves. Never throws. */
  sync(): Promise<void> {
    this.#syncing = this.#syncing.then(() => this.#syncAll());
    return this.#syncing;
  }

  async #syncAll(): Promise<void> {
    const batch = [...this.#waiting];
    this.#waiting = new Map();
    this.bytes = 0;
    let next = 0;
    const worker = async () => {
      while (next < batch.length) {
        const [path, messages] = batch[next++]!;
        const error = await syncFile(path);
        if (error !== null) this.#onError(path, error);
        try {
          for (const message of messages) error === null ? message.ack() : message.nak(AGAIN_MS);
        } catch {
          // No connection any more: they come again.
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(MOST_SYNCING, batch.length) }, worker));
  }
}

/** A file that was removed meanwhile needs no sync. */
function syncFile(path: string): Promise<Error | null> {
  return new Promise(resolve => {
    let fd: number;
    try {
      ({ fd } = openRegular(path));
    } catch (error) {
      resolve((error as NodeJS.ErrnoException).code === 'ENOENT' ? null : (error as Error));
      return;
    }
    fdatasync(fd, error => {
      closeSync(fd);
      resolve(error);
    });
  });
}
