/**
 * Sanctum beside a watched log, in a process of its own: however busy or broken the view is, the log is read and the
 * pipe drained. While it has the terminal nothing else is written there; messages wait.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { INTERRUPTED } from './ending.ts';
import { commandLine, runWord } from './invocation.ts';
import { holdLeash, leashedEnv } from './leash.ts';
import { sayError } from './say.ts';

const STDIN = 0;
const STDOUT = 1;

/** The run to look at. */
export interface ViewedRun {
  id: string;
  /** The folder of all runs. */
  runs: string;
  /** The run's own folder. */
  path: string;
}

export class WatchView {
  /** Resolves once the view, if there is one, was left. */
  closed: Promise<void> = Promise.resolve();
  wasOpened = false;
  #isOpen = false;
  #waiting: string[] = [];

  /** Writes to stderr, at once or when the view was left. */
  notice(text: string): void {
    if (this.#isOpen) this.#waiting.push(text);
    else sayError(`esper: ${text}`);
  }

  /** Writes what waited. */
  notices(): void {
    this.#isOpen = false;
    for (const text of this.#waiting.splice(0)) this.notice(text);
  }

  /**
   * Opens Sanctum on the run; without a terminal it prints a notice and goes on without.
   * @param onInterrupt the viewer pressed Ctrl-C.
   * @param through output that must rest while the view has its terminal.
   */
  open(run: ViewedRun, onInterrupt: () => void, through?: { hold(held: boolean): void }): void {
    this.wasOpened = true;
    let terminal: number | null = null;
    let child: ChildProcess;
    try {
      // Standard input or output may be a pipe: then keys come from, and frames go to, the terminal itself.
      if (!isatty(STDIN) || !isatty(STDOUT)) terminal = openSync('/dev/tty', 'r+');
      const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
      const sanctum = new URL(`./sanctum.${extension}`, import.meta.url).pathname;
      child = spawn(process.execPath, [...process.execArgv, sanctum, run.id, '--runs', run.runs], {
        stdio: [isatty(STDIN) ? STDIN : terminal!, isatty(STDOUT) ? STDOUT : terminal!, 'inherit', 'pipe'],
        env: leashedEnv(process.env),
      });
      // Killed, this process leaves no view on the terminal.
      holdLeash(child);
    } catch (error) {
      this.notice(
        `Sanctum needs a terminal (${(error as Error).message}): going on without. To look: ${commandLine('sanctum', [runWord(run.path)])}`,
      );
      return;
    } finally {
      if (terminal !== null) closeSync(terminal);
    }
    this.#isOpen = true;
    if (isatty(STDOUT)) through?.hold(true);
    this.closed = new Promise(resolve => {
      const left = (code: number | null) => {
        through?.hold(false);
        this.notices();
        resolve();
        if (code === INTERRUPTED) onInterrupt();
      };
      child.once('exit', left);
      child.once('error', error => {
        this.#waiting.push(`Sanctum did not open: ${error.message}`);
        left(null);
      });
    });
  }
}
