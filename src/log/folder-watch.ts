/** Notifies of changes in a folder, also in one that is made later or made again. */
import { type FSWatcher, watch } from 'node:fs';

export class FolderWatch {
  changed = false;
  #folder: string;
  #signal: AbortSignal;
  #watcher: FSWatcher | null = null;
  #wake: (() => void) | null = null;

  constructor(folder: string, signal: AbortSignal) {
    this.#folder = folder;
    this.#signal = signal;
    signal.addEventListener('abort', this.#notify, { once: true });
  }

  /** Call it before each look at the folder: from here on a change is reported. */
  begin(): void {
    this.changed = false;
    if (this.#watcher !== null) return;
    try {
      this.#watcher = watch(this.#folder, kind => {
        // It may be the folder itself that is gone, and this watcher deaf from now on: the next look takes a new one.
        if (kind === 'rename') this.#unwatch();
        this.#notify();
      });
      this.#watcher.on('error', this.#unwatch);
    } catch {
      // Not there yet, out of watches, or no file system that has them: the timeout wakes.
    }
  }

  /** No change is reported until the next `begin`. */
  rest(): void {
    this.#unwatch();
  }

  /** Resolves at a change since `begin`, at the abort, or after `timeoutMs`. */
  async change(timeoutMs: number): Promise<void> {
    if (this.changed || this.#signal.aborted) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  end(): void {
    this.#unwatch();
    this.#signal.removeEventListener('abort', this.#notify);
  }

  #notify = () => {
    this.changed = true;
    this.#wake?.();
  };

  #unwatch = () => {
    this.#watcher?.close();
    this.#watcher = null;
  };
}
