/**
 * The terminal while Sanctum has it: alternate screen and raw mode from `open` to `close`, and given back as it was
 * however the process ends or is stopped: exit, crash, SIGTERM, SIGHUP, SIGINT, SIGQUIT, and SIGTSTP until SIGCONT.
 */
import { Keyboard, type Stroke } from './keyboard.ts';
import { Screen } from './screen.ts';

/** Signals that end a process without asking it; Ctrl-C is a key here, SIGINT comes from elsewhere. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

export interface SessionOptions {
  stdout: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream;
  onStroke: (stroke: Stroke) => void;
  /** The screen is empty and may have another size: draw all of it. */
  onCleared: () => void;
  /** The terminal itself is gone. */
  onGone: () => void;
}

export class TerminalSession {
  readonly screen: Screen;
  #keyboard: Keyboard;
  #options: SessionOptions;
  #isOpen = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.screen = new Screen(options.stdout);
    this.#keyboard = new Keyboard(options.stdin, options.onStroke, options.onGone);
  }

  open(): void {
    const { stdout, onGone } = this.#options;
    this.#isOpen = true;
    stdout.on('resize', this.#onResize);
    stdout.on('error', onGone);
    process.on('exit', this.#restore);
    // Before the report of a crash is printed: on the alternate screen it would vanish.
    process.on('uncaughtExceptionMonitor', this.#restore);
    for (const signal of ENDING) process.prependListener(signal, this.#onEnding);
    process.on('SIGTSTP', this.#onStop);
    process.on('SIGCONT', this.#onContinue);
    this.#keyboard.open();
    this.screen.open();
  }

  /** Ctrl-Z: stops the whole job, as the terminal itself would have done. */
  suspend(): void {
    this.#stop(0);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { stdout, onGone } = this.#options;
    this.screen.close();
    this.#keyboard.close();
    stdout.off('resize', this.#onResize);
    stdout.off('error', onGone);
    process.off('exit', this.#restore);
    process.off('uncaughtExceptionMonitor', this.#restore);
    for (const signal of ENDING) process.off(signal, this.#onEnding);
    process.off('SIGTSTP', this.#onStop);
    process.off('SIGCONT', this.#onContinue);
  }

  #restore = (): void => {
    this.#keyboard.raw(false);
    this.screen.close();
  };

  #onResize = (): void => {
    this.screen.clear();
    this.#options.onCleared();
  };

  #onEnding = (signal: NodeJS.Signals): void => {
    this.#restore();
    process.removeListener(signal, this.#onEnding);
    // Nobody else handles it: let it do what it would have done.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };

  #onStop = (): void => this.#stop(process.pid);

  /** @param target whom to stop: a process, or 0 for this one's group */
  #stop(target: number): void {
    this.#restore();
    process.off('SIGTSTP', this.#onStop);
    // Returns once the process is continued, or at once where no shell could continue it.
    process.kill(target, 'SIGTSTP');
    process.on('SIGTSTP', this.#onStop);
    this.#onContinue();
  }

  #onContinue = (): void => {
    if (!this.#isOpen) return;
    // The shell may have set another mode meanwhile: only a change reaches the terminal.
    this.#keyboard.raw(false);
    this.#keyboard.raw(true);
    this.screen.open();
    this.#options.onCleared();
  };
}
