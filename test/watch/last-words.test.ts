/** Words that stand behind a `finally`: an end where what was planned is done, and none where an error passed them. */
import { expect, test } from 'vitest';
import { reportOfLog } from './report-of-log.ts';

const iter = (epoch: number, at: number) =>
  `2026-03-05 10:00:11 | INFO     | yolox.core.trainer:260 - epoch: ${epoch}/3, iter: ${at}/1200, gpu mem: 4321Mb, iter_time: 0.5s, data_time: 0.01s, total_loss: 12.3, lr: 1.2e-05, size: 640, ETA: 1:00:00\n`;
const DONE =
  '2026-03-05 10:00:18 | INFO     | yolox.core.trainer:196 - Training of experiment is done and the best AP is 0.00\n';
const stateOf = (log: string) => reportOfLog(log).report.run.state;

test.each([
  ['in the middle of an epoch', iter(1, 10) + iter(1, 20) + DONE, 'unknown'],
  ['after the first report', iter(1, 10) + DONE, 'unknown'],
  ['an epoch before the last', iter(2, 1190) + iter(2, 1200) + DONE, 'unknown'],
  ['at the last iteration', iter(3, 1190) + iter(3, 1200) + DONE, 'completed'],
  ['a report before it, of each 25th', iter(3, 1150) + iter(3, 1175) + DONE, 'completed'],
  ['other words, which no error passes', `${iter(1, 10)}${iter(1, 20)}Training finished\n`, 'completed'],
])('%s', (_, log, state) => {
  expect(stateOf(log)).toBe(state);
});

test('an error behind them, far from the end, came before the training had finished', () => {
  const error = 'Traceback (most recent call last):\n  File "t.py", line 3, in f\nValueError: no boxes\n';
  const failureOf = (log: string) => reportOfLog(log).report.failure?.message;
  expect(failureOf(iter(1, 10) + iter(1, 20) + DONE + error)).not.toContain('had finished');
  expect(failureOf(iter(3, 1190) + iter(3, 1200) + DONE + error)).toContain('had finished');
});
