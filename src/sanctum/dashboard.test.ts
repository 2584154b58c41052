import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { device, NOW, rank, snapshot } from '../../test/sanctum/snapshots.ts';
import { Dashboard, type SanctumState } from './dashboard.ts';
import { openSanctum, type SanctumHandle } from './open-sanctum.ts';
import { VirtualTerminal } from './virtual-terminal.ts';

const devices = [device(60), device(70, { device: 'sim:1' })];
const at = (updates: number) => snapshot({ ranks: [rank({ updates })], devices });

let handle: SanctumHandle | undefined;
afterEach(() => handle?.close());

/** The dashboard on a terminal, its frames, and its calls to its owner. */
function open({ replay = false } = {}) {
  let state: SanctumState = {
    snapshot: at(84),
    replay: replay ? { position: 84, length: 200, playing: true, speed: 1 } : null,
  };
  const changed = new Set<() => void>();
  const asked: string[] = [];
  const terminal = new VirtualTerminal(100, 30);
  handle = openSanctum({
    subscribe: listener => {
      changed.add(listener);
      return () => changed.delete(listener);
    },
    getState: (isKept = false) => (isKept ? structuredClone(state) : state),
    mode: replay ? 'replay' : 'live',
    controls: {
      togglePlay: () => asked.push('play'),
      scrub: updates => asked.push(`scrub ${updates}`),
      changeSpeed: direction => asked.push(`speed ${direction}`),
    },
    onInterrupt: () => asked.push('interrupt'),
    onLeave: () => asked.push('leave'),
    stdout: terminal.stdout,
    stdin: terminal.stdin,
    env: { NO_COLOR: '1' },
    timeZone: 'UTC',
    now: () => NOW,
  });
  const change = (next: Partial<SanctumState>) => {
    state = { ...state, ...next };
    for (const listener of changed) listener();
  };
  const changeInPlace = (snapshot: SanctumState['snapshot']) => {
    Object.assign(state.snapshot, snapshot);
    for (const listener of changed) listener();
  };
  const text = () => terminal.text().join('\n');
  return {
    terminal,
    asked,
    text,
    change,
    changeInPlace,
    shows: (part: string) => expect.poll(text).toContain(part),
  };
}

describe('the dashboard on a terminal', () => {
  test('draws its first frame and then one for every change', async () => {
    const { terminal, text, change, shows } = open();
    expect(terminal.frames).toBe(1);
    expect(text()).toContain('Batch:84/200');
    change({ snapshot: at(85) });
    await shows('Batch:85/200');
    expect(terminal.frames).toBe(2);
    change({});
    await setTimeout(150);
    expect(terminal.frames, 'the same rows are no new frame').toBe(2);
  });

  test('draws at most ten frames a second, the newest state last, and never half a frame', async () => {
    const { terminal, change, shows } = open();
    const began = performance.now();
    for (let updates = 85; updates < 115; updates++) {
      change({ snapshot: at(updates) });
      await setTimeout(5);
    }
    await shows('Batch:114/200');
    expect(terminal.frames).toBeLessThanOrEqual((performance.now() - began) / 100 + 2);
    expect(terminal.torn).toBe(0);
  });

  test('p freezes the view and counts what comes behind it, p follows again', async () => {
    const { terminal, text, change, shows } = open();
    terminal.type('p');
    await shows('‖ PAUSED');
    change({ snapshot: at(90) });
    await shows('‖ PAUSED +6');
    expect(text()).toContain('Batch:84/200');
    terminal.type('p');
    await shows('Batch:90/200');
    expect(text()).not.toContain('PAUSED');
  });

  test('p keeps what is shown, also where the next event changes it in place', async () => {
    const { terminal, text, shows, changeInPlace } = open();
    terminal.type('p');
    await shows('‖ PAUSED');
    changeInPlace(at(90));
    await shows('‖ PAUSED +6');
    expect(text()).toContain('Batch:84/200');
    terminal.type('p');
    await shows('Batch:90/200');
  });

  test('d shows the next device; keys that come at once are as many keys', async () => {
    const { terminal, text, shows } = open();
    expect(text()).toContain('MEMORY  sim:0');
    terminal.type('d');
    await shows('MEMORY  sim:1');
    terminal.type('ddd');
    await shows('MEMORY  sim:0');
  });

  test('? opens the help and closes it', async () => {
    const { terminal, text, shows } = open();
    terminal.type('?');
    await shows('leave the view; the training goes on');
    const top = text();
    terminal.type('\x1b[B');
    await expect.poll(text).not.toBe(top);
    terminal.type('\x1b');
    await shows('Batch:84/200');
  });

  test('q and Ctrl-C are handed to the owner', async () => {
    const { terminal, asked } = open();
    terminal.type('\x03');
    terminal.type('q');
    await expect.poll(() => asked).toEqual(['interrupt', 'leave']);
  });

  test('a replay hands on play, scrubbing and speed', async () => {
    const { terminal, asked, text } = open({ replay: true });
    for (const key of [' ', '\x1b[D', '\x1b[C', '\x1b[1;2C', '\x1b[F', '+', '-']) terminal.type(key);
    const expected = ['play', 'scrub -1', 'scrub 1', 'scrub 10', 'scrub Infinity', 'speed 1', 'speed -1'];
    await expect.poll(() => asked).toEqual(expected);
    expect(text()).toContain('84/200 events');
  });
});

test('the clock’s frame comes a second after the newest: none beside events that come each second', () => {
  vi.useFakeTimers();
  try {
    let frames = 0;
    let change = () => {};
    const dashboard = new Dashboard({
      source: {
        subscribe: listener => {
          change = listener;
          return () => {};
        },
        getState: () => ({ snapshot: at(84) }),
      },
      ...{ replay: false, width: 100, height: 30, color: false, timeZone: 'UTC', reportCommand: null },
      now: () => {
        frames++;
        return NOW;
      },
      onCommand: () => {},
    });
    dashboard.start();
    frames = 0;
    for (let second = 0; second < 10; second++) {
      vi.advanceTimersByTime(950);
      change();
      vi.advanceTimersByTime(1);
    }
    expect(frames).toBe(10);
    vi.advanceTimersByTime(3000);
    expect(frames).toBe(13);
    dashboard.stop();
    vi.advanceTimersByTime(3000);
    expect(frames).toBe(13);
  } finally {
    vi.useRealTimers();
  }
});
