/**
 * Sanctum on a terminal. The first frame is drawn before Ink is loaded, which takes longer than all else. However it
 * ends, the terminal is given back as it was.
 */
import { Dashboard, type SanctumSource } from './dashboard.ts';
import type { Command } from './keys.ts';
import { Screen } from './screen.ts';
import { hasColor } from './terminal.ts';

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
  /** IANA name; null for this machine’s own. */
  timeZone?: string | null;
  now?: () => number;
}

export interface SanctumHandle {
  /** `left` after q, `ended` after `close`; rejects where the view itself failed. The terminal is restored by then. */
  closed: Promise<'left' | 'ended'>;
  close(): void;
}

/** Signals that end a process without telling anyone; Ctrl-C is a key here, SIGINT comes from elsewhere. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

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
  now = Date.now,
}: SanctumOptions): SanctumHandle {
  const { promise: closed, resolve, reject } = withResolvers<'left' | 'ended'>();
  const screen = new Screen(stdout);
  let unmount: (() => void) | undefined;
  let over = false;

  const onCommand = (command: Command): void => {
    if (command.do === 'leave') finish('left');
    if (command.do === 'interrupt') onInterrupt();
    if (command.do === 'play') controls?.togglePlay();
    if (command.do === 'scrub') controls?.scrub(command.updates);
    if (command.do === 'speed') controls?.changeSpeed(command.direction);
  };
  const dashboard = new Dashboard({
    source: { subscribe, getState },
    replay: mode === 'replay',
    width: screen.columns,
    height: screen.rows,
    color: hasColor(env, true),
    timeZone,
    now,
    onCommand,
  });
  const draw = () => screen.draw(dashboard.rows());

  const onResize = () => {
    screen.clear();
    dashboard.resize(screen.columns, screen.rows);
    draw();
  };
  const restore = () => {
    if (stdin.isTTY) stdin.setRawMode(false);
    screen.close();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    restore();
    process.removeListener(signal, onSignal);
    // Nobody else handles it: let it do what it would have done.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const onBroken = () => finish('ended');

  /** Once; later calls do nothing. */
  function finish(how: 'left' | 'ended', error?: unknown): void {
    if (over) return;
    over = true;
    dashboard.stop();
    unmount?.();
    restore();
    stdin.unref?.();
    stdout.off('resize', onResize);
    stdout.off('error', onBroken);
    process.off('exit', restore);
    for (const signal of SIGNALS) process.off(signal, onSignal);
    if (error !== undefined) {
      reject(error);
      return;
    }
    if (how === 'left') onLeave?.();
    resolve(how);
  }

  stdout.on('resize', onResize);
  stdout.on('error', onBroken);
  process.on('exit', restore);
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  if (stdin.isTTY) stdin.setRawMode(true);
  screen.open();
  dashboard.start();
  draw();
  const drawUntilMounted = dashboard.subscribe(draw);

  const takeKeys = async (): Promise<void> => {
    // React's development build costs several times as much.
    process.env.NODE_ENV ??= 'production';
    const { mount } = await import('./Sanctum.tsx');
    if (over) return;
    drawUntilMounted();
    const mounted = mount({ dashboard, draw: screen.draw }, stdin);
    unmount = mounted.unmount;
    await mounted.ended;
  };
  takeKeys().catch(error => finish('ended', error));

  return { closed, close: () => finish('ended') };
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
