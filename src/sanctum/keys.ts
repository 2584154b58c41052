/** What a key does: to what the viewer has chosen, and, where it concerns others, as a command to them. */

import type { Stroke } from './keyboard.ts';

export interface Overlay {
  what: 'help' | 'verdict' | 'figures';
  /** The first row that is shown; of the figures the one that is chosen. */
  from: number;
}

/** What the viewer chose. */
export interface KeyChoices {
  deviceIndex: number;
  rankIndex: number;
  /** Which of the rank's figures is drawn large; null: what training is for. */
  curveIndex: number | null;
  /** What lies over the dashboard, and the first of its rows that is shown; null while nothing does. */
  overlay: Overlay | null;
  /** Frozen; never in a replay, which stands still by itself. */
  paused: boolean;
}

export const noChoices: KeyChoices = {
  deviceIndex: 0,
  rankIndex: 0,
  curveIndex: null,
  overlay: null,
  paused: false,
};

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
  /** Indexes of the ranks that need a look, the worst first; made when it is asked for. */
  worst: () => readonly number[];
  /** The last row that the open overlay may begin with; of the figures the last. */
  overlayEnd: number;
  /** The figure that is drawn large now. */
  curve: number;
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
  if (choices.overlay !== null)
    return { choices: pressInOverlay(choices, choices.overlay, stroke, situation) };
  if (name === 'return' || name === 'enter')
    return { choices: { ...choices, overlay: { what: 'verdict', from: 0 } } };
  const replayed = situation.replay ? replayCommand(stroke) : undefined;
  if (replayed) return { choices, command: replayed };
  switch (input) {
    case 'q':
      return { choices, command: { do: 'leave' } };
    case '?':
      return { choices: { ...choices, overlay: { what: 'help', from: 0 } } };
    case 'v':
      return { choices: { ...choices, overlay: { what: 'verdict', from: 0 } } };
    case 'c':
      return { choices: { ...choices, overlay: { what: 'figures', from: situation.curve } } };
    case 'p':
      return { choices: { ...choices, paused: !choices.paused } };
    case 'd':
      return { choices: nextDevice(choices) };
    case 'r':
      return { choices: movedRank(choices, 1, situation.firstDeviceOfRank) };
    case 'w':
      return { choices: nextWorst(choices, situation) };
    default:
      return { choices: movedRank(choices, rankSteps[name ?? ''] ?? 0, situation.firstDeviceOfRank) };
  }
}

const nextDevice = (choices: KeyChoices): KeyChoices => ({
  ...choices,
  deviceIndex: choices.deviceIndex + 1,
});

/** Ranks of a row of the strip. */
export const STRIP_COLUMNS = 64;
/** Ranks that the arrows move by: one, or a row of the strip. */
const rankSteps: Record<string, number> = { left: -1, right: 1, up: -STRIP_COLUMNS, down: STRIP_COLUMNS };

const toRank = (
  choices: KeyChoices,
  rankIndex: number,
  firstDeviceOfRank: Situation['firstDeviceOfRank'],
): KeyChoices => ({
  ...choices,
  rankIndex,
  deviceIndex: firstDeviceOfRank[rankIndex] ?? choices.deviceIndex,
});

/** One further goes round; a row further that is not there stays. */
function movedRank(
  choices: KeyChoices,
  by: number,
  firstDeviceOfRank: Situation['firstDeviceOfRank'],
): KeyChoices {
  const ranks = firstDeviceOfRank.length;
  const to = choices.rankIndex + by;
  if (by === 0 || ranks < 2 || (Math.abs(by) > 1 && (to < 0 || to >= ranks))) return choices;
  return toRank(choices, (to + ranks) % ranks, firstDeviceOfRank);
}

/** The worst rank; from there the next worst. */
function nextWorst(choices: KeyChoices, { worst, firstDeviceOfRank }: Situation): KeyChoices {
  const all = worst();
  const next = all[(all.indexOf(choices.rankIndex) + 1) % Math.max(1, all.length)];
  return next === undefined ? choices : toRank(choices, next, firstDeviceOfRank);
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

/** Rows that an overlay moves by, of the keys that move it. */
const moves: Record<string, number> = {
  up: -1,
  down: 1,
  pageup: -BIG_STEP,
  pagedown: BIG_STEP,
  space: BIG_STEP,
  home: -Infinity,
  end: Infinity,
};

/** Keys that close an overlay beside Escape and q: those that opened it. */
const closing: Record<Overlay['what'], readonly string[]> = {
  help: ['?'],
  verdict: ['v', '\r', '\n'],
  figures: ['c', '\r', '\n'],
};

function pressInOverlay(
  choices: KeyChoices,
  { what, from }: Overlay,
  { input, name }: Stroke,
  situation: Situation,
): KeyChoices {
  const { overlayEnd, firstDeviceOfRank, curve } = situation;
  if (name === 'escape' || input === 'q' || closing[what].includes(input))
    return { ...choices, overlay: null };
  if (input === '?') return { ...choices, overlay: { what: 'help', from: 0 } };
  if (input === 'v') return { ...choices, overlay: { what: 'verdict', from: 0 } };
  if (input === 'c') return { ...choices, overlay: { what: 'figures', from: curve } };
  if (what === 'verdict' && input === 'd') return nextDevice(choices);
  if (what === 'verdict' && input === 'r') return movedRank(choices, 1, firstDeviceOfRank);
  if (what === 'verdict' && input === 'w') return nextWorst(choices, situation);
  const by = moves[name ?? ''] ?? 0;
  const to = Math.max(0, Math.min(overlayEnd, from + by));
  const chosen = what === 'figures' && by !== 0 ? { curveIndex: to } : {};
  return { ...choices, ...chosen, overlay: { what, from: to } };
}
