/** Figures of a trainer's own, beside an update or logged by themselves. */
import { type EventOf, eachOwnFigure, type TelemetryEvent } from '../contract/index.ts';
import type { RankDraft } from './draft.ts';

/** Takes the figures of its own that an event brings, at a batch. */
export function takeOwn(draft: RankDraft, event: TelemetryEvent, batch: number): void {
  eachOwnFigure(event, (name, value) => draft.own.put(name, value, batch, event.timeMs));
}

export function figuresLogged(draft: RankDraft, event: EventOf<'FIGURES_LOGGED'>): void {
  const { batch, step } = draft.state;
  takeOwn(draft, event, event.data.batch ?? batch ?? step ?? 0);
}
