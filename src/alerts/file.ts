/** Notices as JSON lines appended to a file. */
import { appendFileSync } from 'node:fs';
import type { AlarmSink } from './delivery.ts';

/** Written before `deliver` returns; what the disk refused is lost and counted. */
export function fileSink(path: string): AlarmSink {
  let delivered = 0;
  let lost = 0;
  let problem: string | null = null;
  return {
    name: 'file',
    deliver(notice) {
      try {
        appendFileSync(path, `${JSON.stringify(notice)}\n`);
        delivered++;
      } catch (error) {
        lost++;
        problem = (error as Error).message;
      }
    },
    close: async () => {},
    stats: () => ({ delivered, retries: 0, lost, waiting: 0, problem }),
  };
}
