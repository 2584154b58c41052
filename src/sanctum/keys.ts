/** What a key does: to what the viewer has chosen, and, where it concerns others, as a command to them. */

import type { Stroke } from './keyboard.ts';

/** What the viewer chose. */
export interface KeyChoices {
  deviceIndex: number;
  rankIndex: number;
  /** First row of the help that is shown; null while it is closed. */
  helpFrom: number | null;
  /** Frozen; never in a replay, which stands still by itself. */
  paused: boolean;
}

export const noChoices: KeyChoices = { deviceIndex: 0, rankIndex: 0, helpFrom: null, paused: false };

export type Command =
  | { do: 'leave' }
  | { do: 'interrupt' }
  | { do: 'suspend' }
  | { do: 'play' }
  /** Updates forward, or back where negative; ±Infinity for the ends. */
  | { do: 'scrub'; updates: number }
  | { do: 'speed'; direction: 1 | -1 };

export interface Situation {
  replay: boolean;
  /** Ranks of the snapshot, each with the index of its first device; null where it has none. */
  firstDeviceOfRank: readonly (number | null)[];
  /** The last row that the help may begin with. */
  helpEnd: number;
}

const BIG_STEP = 10;

/** What one key does. */
export function press(
  choices: KeyChoices,
  stroke: Stroke,
  situation: Situation,
): { choices: KeyChoices; command?: Command } {
  const { input, name, ctrl } = stroke;
  if (ctrl) {
    if (name === 'c') return { choices, command: { do: 'interrupt' } };
    if (name === 'z') return { choices, command: { do: 'suspend' } };
    return { choices };
  }
  if (choices.helpFrom !== null)
    return { choices: pressInHelp(choices, choices.helpFrom, stroke, situation) };
  const replayed = situation.replay ? replayCommand(stroke) : undefined;
  if (replayed) return { choices, command: replayed };
  switch (input) {
    case 'q':
      return { choices, command: { do: 'leave' } };
    case '?':
      return { choices: { ...choices, helpFrom: 0 } };
    case 'p':
      return { choices: { ...choices, paused: !choices.paused } };
    case 'd':
      return { choices: { ...choices, deviceIndex: choices.deviceIndex + 1 } };
    case 'r': {
      const ranks = Math.max(1, situation.firstDeviceOfRank.length);
      const rankIndex = (choices.rankIndex + 1) % ranks;
      const deviceIndex = situation.firstDeviceOfRank[rankIndex] ?? choices.deviceIndex;
      return { choices: { ...choices, rankIndex, deviceIndex } };
    }
    default:
      return { choices };
  }
}

function replayCommand({ input, name, shift }: Stroke): Command | undefined {
  const step = shift ? BIG_STEP : 1;
  if (name === 'left') return { do: 'scrub', updates: -step };
  if (name === 'right') return { do: 'scrub', updates: step };
  if (name === 'home') return { do: 'scrub', updates: -Infinity };
  if (name === 'end') return { do: 'scrub', updates: Infinity };
  if (input === ' ' || input === 'p') return { do: 'play' };
  if (input === '+' || input === '=') return { do: 'speed', direction: 1 };
  if (input === '-' || input === '_') return { do: 'speed', direction: -1 };
  return undefined;
}

/** Rows that the help moves by, of the keys that move it. */
const moves: Record<string, number> = {
  up: -1,
  down: 1,
  pageup: -BIG_STEP,
  pagedown: BIG_STEP,
  space: BIG_STEP,
  home: -Infinity,
  end: Infinity,
};

function pressInHelp(
  choices: KeyChoices,
  from: number,
  { input, name }: Stroke,
  { helpEnd }: Situation,
): KeyChoices {
  if (name === 'escape' || input === '?' || input === 'q') return { ...choices, helpFrom: null };
  const by = moves[name ?? ''] ?? 0;
  return { ...choices, helpFrom: Math.max(0, Math.min(helpEnd, from + by)) };
}
