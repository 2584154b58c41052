/** What a key does: to what the viewer has chosen, and, where it concerns others, as a command to them. */

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
  | { do: 'play' }
  /** Updates forward, or back where negative; ±Infinity for the ends. */
  | { do: 'scrub'; updates: number }
  | { do: 'speed'; direction: 1 | -1 };

/** What Ink tells of a key. */
export interface Key {
  ctrl?: boolean;
  shift?: boolean;
  escape?: boolean;
  upArrow?: boolean;
  downArrow?: boolean;
  leftArrow?: boolean;
  rightArrow?: boolean;
  pageUp?: boolean;
  pageDown?: boolean;
  home?: boolean;
  end?: boolean;
}

export interface Situation {
  replay: boolean;
  /** Ranks of the snapshot, each with the index of its first device; null where it has none. */
  firstDeviceOfRank: readonly (number | null)[];
  /** The last row that the help may begin with. */
  helpEnd: number;
}

const BIG_STEP = 10;

/** One key; `input` is its character, empty for a key that has none. */
export function press(
  choices: KeyChoices,
  input: string,
  key: Key,
  situation: Situation,
): { choices: KeyChoices; command?: Command } {
  if (key.ctrl) return input === 'c' ? { choices, command: { do: 'interrupt' } } : { choices };
  if (choices.helpFrom !== null)
    return { choices: pressInHelp(choices, choices.helpFrom, input, key, situation) };
  const replayed = situation.replay ? replayCommand(input, key) : undefined;
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

function replayCommand(input: string, key: Key): Command | undefined {
  const step = key.shift ? BIG_STEP : 1;
  if (key.leftArrow) return { do: 'scrub', updates: -step };
  if (key.rightArrow) return { do: 'scrub', updates: step };
  if (key.home) return { do: 'scrub', updates: -Infinity };
  if (key.end) return { do: 'scrub', updates: Infinity };
  if (input === ' ' || input === 'p') return { do: 'play' };
  if (input === '+' || input === '=') return { do: 'speed', direction: 1 };
  if (input === '-' || input === '_') return { do: 'speed', direction: -1 };
  return undefined;
}

function pressInHelp(
  choices: KeyChoices,
  from: number,
  input: string,
  key: Key,
  { helpEnd }: Situation,
): KeyChoices {
  if (key.escape || input === '?' || input === 'q') return { ...choices, helpFrom: null };
  const moves = [
    [key.upArrow, -1],
    [key.downArrow, 1],
    [key.pageUp, -BIG_STEP],
    [key.pageDown || input === ' ', BIG_STEP],
    [key.home, -Infinity],
    [key.end, Infinity],
  ] as const;
  const by = moves.find(([pressed]) => pressed)?.[1] ?? 0;
  return { ...choices, helpFrom: Math.max(0, Math.min(helpEnd, from + by)) };
}
