/** A long log, which a thread reads, becomes the report that reading it here gives. */
import { execFileSync } from 'node:child_process';
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GIB } from '../../src/base/index.ts';
import { reportOfRun } from '../../src/cli/run-report.ts';
import { openRun } from '../../src/log/index.ts';
import { event, reading, update } from '../events.ts';
import { writeRun } from '../log-files.ts';
import { scratch } from '../scratch.ts';

test('with a leak, a restart, garbage and a torn end', async () => {
  const folder = writeRun(scratch('long-log'), 'long', [event('TRAINING_STARTED', { name: 'long' })]);
  const log = openSync(join(folder, 'events-0.jsonl'), 'a');
  const filler = 'x'.repeat(4000);
  let block = '';
  for (let seq = 1; seq < 9000; seq++) {
    const memory = reading(1 + seq / 2000, 8, {
      activeBytes: Math.round((1 + seq / 2000) * GIB),
      peakActiveBytes: Math.round((2 + seq / 2000) * GIB),
      peakScope: 'update',
      allocRetries: seq > 8000 ? seq - 8000 : 0,
      deviceFreeBytes: GIB,
      deviceTotalBytes: 10 * GIB,
    });
    const one = { ...update(seq, [memory]), filler };
    if (seq === 3000) block += `${JSON.stringify(event('TRAINING_STARTED', { name: 'again' }, seq))}\n`;
    else block += `${seq % 1000 === 7 ? '{"garbage' : JSON.stringify(one)}\n`;
  }
  writeSync(log, `${block}{"torn`);
  const esper = [join('dist', 'cli', 'esper.js'), 'report', folder, '--json'];
  const printed = execFileSync(process.execPath, esper, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const here = await reportOfRun(openRun(folder)!, () => {});
  expect(here.alarms!.length).toBeGreaterThan(0);
  expect(here.run.unreadableLines).toBe(10);
  expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(here)));
});
