/** A program run for each notice, its figures in the environment. One at a time, not tried again, ended when it takes too long. */
import { spawn } from 'node:child_process';
import type { AlarmNotice } from '../alarms/index.ts';
import { type Attempt, Delivery, type DeliveryOptions } from './delivery.ts';

export interface CommandOptions extends Omit<DeliveryOptions, 'name' | 'attempt' | 'attempts'> {
  /** Program and arguments; no shell reads them. */
  run: readonly string[];
  timeoutMs: number;
}

/** ESPER_ALARM holds the whole notice as JSON, the others a field each; not measured is empty. */
export const environmentOf = (notice: AlarmNotice): Record<string, string> => ({
  ESPER_ALARM: JSON.stringify(notice),
  ESPER_ALARM_WHAT: notice.what,
  ESPER_ALARM_RULE: notice.rule,
  ESPER_ALARM_LEVEL: notice.level,
  ESPER_ALARM_REASON: notice.reason,
  ESPER_ALARM_RUN: notice.run,
  ESPER_ALARM_RANK: String(notice.rank),
  ESPER_ALARM_DEVICE: notice.device ?? '',
  ESPER_ALARM_VALUE: String(notice.value ?? ''),
  ESPER_ALARM_BATCH: String(notice.batch ?? ''),
});

/** A Delivery to a program. */
export function commandSink({ run, timeoutMs, ...options }: CommandOptions): Delivery {
  const [program = '', ...args] = run;
  const attempt = (notice: AlarmNotice, signal: AbortSignal) =>
    new Promise<Attempt>(resolve => {
      let ended = '';
      // A group of its own, so that what it started ends with it.
      const child = spawn(program, args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        detached: true,
        env: { ...process.env, ...environmentOf(notice) },
      });
      const end = (reason: string) => {
        ended = reason;
        try {
          process.kill(-child.pid!, 'SIGKILL');
        } catch {
          // It was never started, or is gone already.
        }
      };
      const closing = () => end('ended with the alarms');
      const timer = setTimeout(end, timeoutMs, `took longer than ${timeoutMs} ms`);
      const settle = (reason: string | null) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', closing);
        resolve(reason === null ? { result: 'done' } : { result: 'refused', reason: `${program} ${reason}` });
      };
      signal.addEventListener('abort', closing);
      child.once('error', error => settle(`did not start: ${error.message}`));
      child.once('exit', (code, by) => settle(ended || (code === 0 ? null : `ended with ${code ?? by}`)));
    });
  return new Delivery({ ...options, name: 'command', attempt, attempts: 1 });
}
