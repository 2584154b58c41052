/** The figures of a trainer's own that an event brings, whichever event it is. */
import type { TelemetryEvent } from './event.ts';
import { isOwnName, isOwnValue, type OwnValue } from './own-figures.ts';

/** A step's rate of tokens: a known figure of a few kinds of loop, shown as those of a trainer's own are. */
const TOKENS = 'tokens/s';

/** Hands on each figure of its own that an event brings, in the event's order; nothing of what is no number, or has no name. */
export function eachOwnFigure(event: TelemetryEvent, take: (name: string, value: OwnValue) => void): void {
  const rate = event.type === 'STEP_COMPLETED' ? event.data.tokensPerSecond : null;
  if (isOwnValue(rate)) take(TOKENS, rate);
  const figures =
    event.type === 'FIGURES_LOGGED'
      ? event.data.figures
      : event.type === 'PPO_UPDATE_COMPLETED' || event.type === 'STEP_COMPLETED'
        ? event.data.extra
        : undefined;
  if (figures === undefined) return;
  for (const name in figures) {
    const value = figures[name];
    if (isOwnValue(value) && isOwnName(name)) take(name, value);
  }
}
