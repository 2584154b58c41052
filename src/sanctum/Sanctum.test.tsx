import { cleanup, render } from 'ink-testing-library';
import { afterEach, describe, expect, test } from 'vitest';
import { device, NOW, rank, snapshot } from '../../test/sanctum/snapshots.ts';
import { Dashboard, type SanctumState } from './dashboard.ts';
import type { Command } from './keys.ts';
import { Sanctum } from './Sanctum.tsx';

const devices = [device(60), device(70, { device: 'sim:1' })];
const at = (updates: number) => snapshot({ ranks: [rank({ updates })], devices });

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
  cleanup();
});

/** The dashboard under Ink, its rows, and what was asked of its owner. */
function open({ replay = false } = {}) {
  let state: SanctumState = {
    snapshot: at(84),
    replay: replay ? { position: 84, length: 200, playing: true, speed: 1 } : null,
  };
  const changed = new Set<() => void>();
  const commands: Command[] = [];
  const frames: (readonly string[])[] = [];
  const dashboard = new Dashboard({
    source: {
      subscribe: listener => {
        changed.add(listener);
        return () => changed.delete(listener);
      },
      getState: () => state,
    },
    replay,
    width: 100,
    height: 30,
    color: false,
    timeZone: 'UTC',
    now: () => NOW,
    onCommand: command => commands.push(command),
  });
  dashboard.start();
  stop = () => dashboard.stop();
  const { stdin } = render(<Sanctum dashboard={dashboard} draw={rows => frames.push(rows)} />);
  const change = (next: Partial<SanctumState>) => {
    state = { ...state, ...next };
    for (const listener of changed) listener();
  };
  const soon = () => new Promise(resolve => setTimeout(resolve, 20));
  return {
    commands,
    frames,
    text: () => frames.at(-1)!.join('\n'),
    press: async (keys: string) => {
      await soon();
      stdin.write(keys);
      await soon();
    },
    change,
    update: async (next: Partial<SanctumState>) => {
      change(next);
      await new Promise(resolve => setTimeout(resolve, 150));
    },
  };
}

describe('the mounted dashboard', () => {
  test('draws its first frame and then one for every change', async () => {
    const { frames, text, update } = open();
    expect(frames).toHaveLength(1);
    expect(text()).toContain('Batch:84/200');
    await update({ snapshot: at(85) });
    expect(text()).toContain('Batch:85/200');
    expect(frames).toHaveLength(2);
  });

  test('draws at most ten frames a second, the newest state last', async () => {
    const { frames, text, change } = open();
    const began = performance.now();
    for (let updates = 85; updates < 115; updates++) {
      change({ snapshot: at(updates) });
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    await expect.poll(text).toContain('Batch:114/200');
    expect(frames.length).toBeLessThanOrEqual((performance.now() - began) / 100 + 2);
  });

  test('p freezes the view and counts what comes behind it, p follows again', async () => {
    const { press, text, update } = open();
    await press('p');
    expect(text()).toContain('‖ PAUSED');
    await update({ snapshot: at(90) });
    expect(text()).toContain('‖ PAUSED +6');
    expect(text()).toContain('Batch:84/200');
    await press('p');
    expect(text()).not.toContain('PAUSED');
    expect(text()).toContain('Batch:90/200');
  });

  test('d shows the next device, two at once go around', async () => {
    const { press, text } = open();
    expect(text()).toContain('MEMORY  sim:0');
    await press('d');
    expect(text()).toContain('MEMORY  sim:1');
    await press('ddd');
    expect(text()).toContain('MEMORY  sim:0');
  });

  test('? opens the help and closes it', async () => {
    const { press, text } = open();
    await press('?');
    expect(text()).toContain('leave the view; the training goes on');
    const top = text();
    await press('\x1b[B');
    expect(text()).not.toBe(top);
    await press('?');
    expect(text()).toContain('Batch:84/200');
  });

  test('q and Ctrl-C are handed to the owner', async () => {
    const { press, commands } = open();
    await press('\x03');
    await press('q');
    expect(commands).toEqual([{ do: 'interrupt' }, { do: 'leave' }]);
  });

  test('a replay hands on play, scrubbing and speed', async () => {
    const { press, commands, text } = open({ replay: true });
    for (const key of [' ', '\x1b[D', '\x1b[C', '\x1b[1;2C', '+', '-']) await press(key);
    expect(commands).toEqual([
      { do: 'play' },
      { do: 'scrub', updates: -1 },
      { do: 'scrub', updates: 1 },
      { do: 'scrub', updates: 10 },
      { do: 'speed', direction: 1 },
      { do: 'speed', direction: -1 },
    ]);
    expect(text()).toContain('84/200 events');
  });
});
