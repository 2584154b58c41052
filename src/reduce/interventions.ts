/** What a trainer did about memory pressure: lines of its log. */
import type { EventOf } from '../contract/index.ts';
import type { RankDraft } from './draft.ts';

const two = (fraction: number | null | undefined) => fraction?.toFixed(2) ?? '?';

export function interventionApplied(draft: RankDraft, event: EventOf<'INTERVENTION_APPLIED'>): void {
  const { kind, device, pressureFraction, microbatches } = event.data;
  const parts = microbatches == null ? '' : `, ${microbatches} microbatches`;
  draft.note(event, 'warning', `${device ?? 'memory'} pressure ${two(pressureFraction)}: ${kind}${parts}`);
}

export function interventionEnded(draft: RankDraft, event: EventOf<'INTERVENTION_ENDED'>): void {
  const { kind, helped, reverted, pressureBefore, pressureAfter } = event.data;
  const outcome = helped === true ? 'helped' : helped === false ? 'did not help' : 'ended';
  const change = `pressure ${two(pressureBefore)} → ${two(pressureAfter)}`;
  draft.note(event, 'info', `${kind} ${outcome}, ${change}${reverted ? ', undone' : ''}`);
}
