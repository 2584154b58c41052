/** What happens once in a run and is worth a line in its charts. */
import type { TelemetryEvent } from '../contract/index.ts';
import type { Mark } from './api.ts';

export function markOf(event: TelemetryEvent): Omit<Mark, 'batch'> | null {
  const { rank, timeMs } = event;
  const mark = (kind: Mark['kind'], text: string) => ({ rank, timeMs, kind, text });
  switch (event.type) {
    case 'TRAINING_STARTED': {
      const from = event.data.resumedAtBatch ?? event.data.resumedAtStep;
      return mark('started', from == null ? 'started' : `resumed at ${from}`);
    }
    case 'TRAINING_COMPLETED':
      return mark('completed', event.data.reason);
    case 'TRAINING_FAILED':
      return mark('failed', event.data.outOfMemory ? 'out of memory' : (event.data.errorType ?? 'failed'));
    case 'CHECKPOINT_SAVED':
      return mark('checkpoint', 'checkpoint');
    default:
      return null;
  }
}
