/** A shell in a real terminal, by tmux: what is typed, what is shown, and in which state the terminal is. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;
/** The end of a test's title. */
export const unlessTmux = hasTmux ? '' : ' (skipped: no tmux)';

export const PROMPT = 'ready>';

export class TmuxShell {
  #socket = `esper-${randomUUID()}`;

  constructor(columns: number, rows: number) {
    const shell = `env -u NO_COLOR PS1='${PROMPT} ' ESPER_RUNS= bash --norc --noprofile`;
    const size = ['-x', `${columns}`, '-y', `${rows}`];
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, shell);
    onTestFinished(() => void spawnSync('tmux', ['-L', this.#socket, 'kill-server']));
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }

  /** Keys by tmux's names: `q`, `C-c`, `Enter`. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Types a command and Enter. */
  run(command: string): void {
    this.#tmux('send-keys', '-l', command);
    this.press('Enter');
  }

  /** Pastes text as a user would. */
  paste(text: string): void {
    this.#tmux('set-buffer', text);
    this.#tmux('paste-buffer', '-p');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  }

  screen = (): string => this.#tmux('capture-pane', '-p');

  shows = (part: string | RegExp) => expect.poll(this.screen).toMatch(part);

  /** `1` or `0` of alternate screen, cursor and wrapping, and the process in the foreground. */
  state(): string {
    const flags = '#{alternate_on} #{cursor_flag} #{wrap_flag} #{pane_current_command}';
    return this.#tmux('display-message', '-p', flags).trim();
  }

  /** Ids of processes on this terminal whose command line contains `part`. */
  processes(part: string): number[] {
    const terminal = this.#tmux('display-message', '-p', '#{pane_tty}').trim().replace('/dev/', '');
    return execFileSync('ps', ['-t', terminal, '-o', 'pid=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter(line => line.includes(part))
      .map(line => Number.parseInt(line, 10));
  }
}
