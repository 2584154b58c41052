/** A program run for each notice, its figures in the environment. One at a time, not tried again, ended when it takes too long. */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { AlarmNotice } from '../alarms/index.ts';
import { onAbort } from '../base/index.ts';
import { type Attempt, Delivery, type DeliveryOptions } from './delivery.ts';

export interface CommandOptions extends Omit<DeliveryOptions, 'name' | 'attempt' | 'attempts'> {
  /** Program and arguments; no shell reads them. */
  run: readonly string[];
  timeoutMs: number;
}

/** Characters of one field: the system takes 128 KiB of a variable, and all together have a limit too. */
const LONGEST = 4000;
/** The end of a text for a program: NUL, which no variable can hold. */
const passable = (text: string) => text.replaceAll('\0', '').slice(0, LONGEST);

/**
 * Runs the program, and ends its group when the fourth descriptor ends without a line: then its parent was killed.
 * The watching shell is nobody's child, so that the program has none that it did not start.
 */
const HELD =
  'command -v -- "$1" >/dev/null 2>&1 || exit 127; ( ( read -r _ <&3 || kill -9 0 ) & ) ; exec 3<&- ; exec "$@"';
const NOT_STARTED: Record<number, string> = {
  126: 'did not start: it may not be run',
  127: 'did not start: there is no such program',
};

/** ESPER_ALARM holds the whole notice as JSON, the others a field each; not measured is empty. */
const environmentOf = (notice: AlarmNotice): Record<string, string> => ({
  ESPER_ALARM: JSON.stringify(notice, (_, value) => (typeof value === 'string' ? passable(value) : value)),
  ESPER_ALARM_WHAT: notice.what,
  ESPER_ALARM_RULE: passable(notice.rule),
  ESPER_ALARM_LEVEL: notice.level,
  ESPER_ALARM_REASON: passable(notice.reason),
  ESPER_ALARM_RUN: passable(notice.run),
  ESPER_ALARM_RANK: String(notice.rank),
  ESPER_ALARM_DEVICE: passable(notice.device ?? ''),
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
      const child = spawn('/bin/sh', ['-c', HELD, 'sh', program, ...args], {
        stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
        detached: true,
        env: { ...process.env, ...environmentOf(notice) },
      });
      const hold = child.stdio[3] as Writable;
      hold.on('error', () => {});
      const end = (reason: string) => {
        ended = reason;
        try {
          process.kill(-child.pid!, 'SIGKILL');
        } catch {
          // It was never started, or is gone already.
        }
      };
      const timer = setTimeout(end, timeoutMs, `took longer than ${timeoutMs} ms`);
      const settle = (reason: string | null) => {
        clearTimeout(timer);
        hold.end('\n');
        forget();
        resolve(reason === null ? { result: 'done' } : { result: 'refused', reason: `${program} ${reason}` });
      };
      const forget = onAbort(signal, () => end('ended with the alarms'));
      child.once('error', error => settle(`did not start: ${error.message}`));
      child.once('exit', (code, by) =>
        settle(ended || (code === 0 ? null : (NOT_STARTED[code ?? 0] ?? `ended with ${code ?? by}`))),
      );
    });
  return new Delivery({ ...options, name: 'command', attempt, attempts: 1 });
}
