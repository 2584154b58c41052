/** Sanctum on a terminal: the dashboard's rows on the screen, the viewer's keys to the dashboard. */
import { Dashboard, type SanctumSource } from './dashboard.ts';
import type { Command } from './keys.ts';
import { hasColor } from './terminal.ts';
import { TerminalSession } from './terminal-session.ts';

export interface ReplayControls {
  togglePlay(): void;
  /** Updates forward, or back where negative; ±Infinity for the ends. */
  scrub(updates: number): void;
  changeSpeed(direction: 1 | -1): void;
}

export interface SanctumOptions extends SanctumSource {
  mode: 'live' | 'replay';
  /** Needed in a replay. */
  controls?: ReplayControls;
  /** The viewer left; what is watched goes on. Called before the promise resolves. */
  onLeave?: () => void;
  /** Ctrl-C, every time: the view stays open until its owner closes it. */
  onInterrupt: () => void;
  stdout?: NodeJS.WriteStream;
  stdin?: NodeJS.ReadStream;
  env?: Record<string, string | undefined>;
  /** The command that prints the run's report, as it can be typed where the viewer stands. */
  reportCommand?: string | null;
  /** IANA name; null for this machine’s own. */
  timeZone?: string | null;
  now?: () => number;
}

export interface SanctumHandle {
  /** `left` after q, `ended` after `close` or where the terminal is gone. The terminal is restored by then. */
  closed: Promise<'left' | 'ended'>;
  close(): void;
}

/** Opens the dashboard; `stdout` and `stdin` must be terminals (see `canDraw`). */
export function openSanctum({
  subscribe,
  getState,
  mode,
  controls,
  onLeave,
  onInterrupt,
  stdout = process.stdout,
  stdin = process.stdin,
  env = process.env,
  timeZone = null,
  reportCommand = null,
  now = Date.now,
}: SanctumOptions): SanctumHandle {
  const { promise: closed, resolve } = withResolvers<'left' | 'ended'>();
  let isOver = false;

  const onCommand = (command: Command): void => {
    if (command.do === 'leave') finish('left');
    if (command.do === 'interrupt') onInterrupt();
    if (command.do === 'suspend') session.suspend();
    if (command.do === 'play') controls?.togglePlay();
    if (command.do === 'scrub') controls?.scrub(command.updates);
    if (command.do === 'speed') controls?.changeSpeed(command.direction);
  };
  const session = new TerminalSession({
    stdout,
    stdin,
    onStroke: stroke => dashboard.press(stroke),
    onCleared: () => {
      dashboard.resize(screen.columns, screen.rows);
      draw();
    },
    onGone: () => finish('ended'),
  });
  const { screen } = session;
  const dashboard = new Dashboard({
    source: { subscribe, getState },
    replay: mode === 'replay',
    width: screen.columns,
    height: screen.rows,
    color: hasColor(env, true),
    timeZone,
    reportCommand,
    now,
    onCommand,
  });
  const draw = () => screen.draw(dashboard.rows());

  /** Once; later calls do nothing. */
  function finish(how: 'left' | 'ended'): void {
    if (isOver) return;
    isOver = true;
    dashboard.stop();
    session.close();
    if (how === 'left') onLeave?.();
    resolve(how);
  }

  session.open();
  dashboard.subscribe(draw);
  dashboard.start();
  draw();
  return { closed, close: () => finish('ended') };
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}
