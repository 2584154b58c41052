/** What happens once in a run and is worth a line in its charts. */
import { isWarning, type TelemetryEvent } from '../contract/index.ts';
import type { RunMark } from './api.ts';

export function markOf(event: TelemetryEvent): Omit<RunMark, 'batch'> | null {
  const { rank, timeMs } = event;
  const mark = (kind: RunMark['kind'], text: string, device: string | null = null) => ({
    rank,
    timeMs,
    kind,
    device,
    text,
  });
  switch (event.type) {
    case 'TRAINING_STARTED': {
      const from = event.data.resumedAtBatch ?? event.data.resumedAtStep;
      return mark(
        'started',
        from == null ? 'started' : from === 0 ? 'started again' : `started again at ${from}`,
      );
    }
    case 'TRAINING_COMPLETED':
      return mark('completed', event.data.reason);
    case 'TRAINING_FAILED':
      if (isWarning(event.data)) return mark('completed', 'a warning, and no end');
      return mark('failed', event.data.outOfMemory ? 'out of memory' : (event.data.errorType ?? 'failed'));
    case 'CHECKPOINT_SAVED':
      return mark('checkpoint', 'checkpoint');
    case 'INTERVENTION_APPLIED': {
      const { kind, microbatches, device } = event.data;
      const parts = microbatches == null ? '' : `, ${microbatches} microbatches`;
      return mark('intervention', `${kind}${parts}`, device ?? null);
    }
    case 'INTERVENTION_ENDED': {
      const { kind, helped, reverted, device } = event.data;
      const outcome = helped === true ? 'helped' : helped === false ? 'did not help' : 'ended';
      return mark('intervention', `${kind} ${outcome}${reverted ? ', undone' : ''}`, device ?? null);
    }
    default:
      return null;
  }
}
