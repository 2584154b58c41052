/** When a log that is read afterwards was written: as its lines show it; one that shows no time took no time. */
import { expect, test } from 'vitest';
import { linesFor, TrainerLogParser } from '../../src/watch/index.ts';
import { printedTime } from '../../src/watch/log-line.ts';
import { reportOfLog } from './report-of-log.ts';

const at = (...parts: [number, number, number, number, number, number, number?]) => {
  const [year, month, ...others] = parts;
  return new Date(year, month - 1, ...others).getTime();
};

test.each([
  ['2026-03-01 10:00:05,120 INFO step 1', at(2026, 3, 1, 10, 0, 5, 120)],
  ['2026-03-01,10:00:05 | INFO | Train Epoch: 0 [ 16/128 (12%)]', at(2026, 3, 1, 10, 0, 5)],
  ['2026-03-01 10:00.05 [info     ] SAC: epoch=1', at(2026, 3, 1, 10, 0, 5)],
  ['03/14/2026 10:00:05 - INFO - __main__ - ***** Running training *****', at(2026, 3, 14, 10, 0, 5)],
  ['[03/04/2026 10:00:05] loss 0.5', at(2026, 3, 4, 10, 0, 5)],
  // No month is the fourteenth.
  ['14/03/2026 10:00:05 - INFO - ', null],
  ['step 12/10/2026 of 20', null],
  ['10:00:05 step 1', null],
])('%s', (line, expected) => {
  expect(printedTime(line)).toBe(expected);
});

test('a training lasts as long as its log shows', () => {
  const line = (second: number, step: number) =>
    `03/01/2026 10:00:0${second} - INFO - __main__ - step ${step}/3 loss: 0.${9 - step}`;
  const { events } = reportOfLog([line(1, 1), line(4, 2), line(9, 3), ''].join('\n'));
  const times = events.map(({ timeMs }) => timeMs);
  expect(Math.max(...times) - Math.min(...times)).toBe(8000);
});

test('a log that shows no time took none, however long its reading takes', () => {
  const events: number[] = [];
  const reader = new TrainerLogParser({
    name: 'test',
    source: 'test.log',
    format: null,
    map: new Map(),
    onEvent: ({ timeMs }) => events.push(timeMs),
    onNotice: () => {},
  });
  for (const [i, nowMs] of [1e12, 1e12 + 5000, 1e12 + 9000].entries())
    linesFor(reader, { nowMs, live: false }).push(Buffer.from(`step ${i + 1}/3 loss: 0.5\n`));
  reader.end('ended', 1e12 + 9000);
  expect(events.length).toBeGreaterThan(3);
  expect(new Set(events)).toEqual(new Set([1e12]));
});
