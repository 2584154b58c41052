/** Lines that hold memory are the report's, not the snapshot's: an update's figures do not change by them. A refusal is noted. */
import { byHeld, type EventOf } from '../contract/index.ts';
import type { RankDraft } from './draft.ts';

export function memoryAttributed(draft: RankDraft, event: EventOf<'MEMORY_ATTRIBUTED'>): void {
  const { moment, device, lines } = event.data;
  if (moment !== 'refused') return;
  const [top] = byHeld(lines);
  draft.note(
    event,
    'critical',
    `memory refused on ${device}${top === undefined ? '' : `; ${top.line} holds most of what has a line`}`,
  );
}
