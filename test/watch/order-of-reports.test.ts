/** A log without times whose numbers fall: its curves are drawn in the order of its lines. */
import { expect, test } from 'vitest';
import { runDocument } from '../../src/report/index.ts';
import { reportOfLog } from './report-of-log.ts';

const lossOf = (text: string) => {
  const { sections } = runDocument(reportOfLog(text).report, { nowMs: 2e12, timeZone: 'UTC', version: '0' });
  const plots = sections.flatMap(({ blocks }) => blocks.flatMap(it => (it.type === 'plot' ? [it.plot] : [])));
  const plot = plots.find(({ title }) => title === 'Loss')!;
  return { unit: plot.x.unit, x: plot.series[0]!.points.map(({ x }) => x), ends: [plot.x.min, plot.x.max] };
};
const lines = (numbers: number[], front = (_: number) => '') =>
  numbers.map((number, i) => `${front(i)}step ${number} loss 2.${90 - i}\n`).join('');
const BACK = [10, 20, 30, 10, 20, 30, 40];

test('a log without times whose numbers fall is drawn in order', () => {
  expect(lossOf(lines(BACK))).toEqual({ unit: 'order', x: [1, 2, 3, 4, 5, 6, 7], ends: [1, 7] });
});

test('one whose numbers rise is drawn by them', () => {
  expect(lossOf(lines([10, 20, 30, 40]))).toMatchObject({ unit: 'step', x: [10, 20, 30, 40] });
});

test('one with times is drawn by them', () => {
  const clock = (i: number) => `2031-04-05 06:0${i}:00,000 INFO `;
  expect(lossOf(lines(BACK, clock)).unit).toBe('minutes');
});

test.each([
  ['the first report of a training from nothing, at the interval of a log', [100, 200, 300, 100, 200], 0],
  ['a training that goes on from a checkpoint', [100, 200, 300, 400, 500, 600, 200, 300], 199],
  ['an excerpt whose first report comes again', [5000, 5010, 5020, 5000, 5010], 4999],
])('%s', (_, numbers, resumedAtStep) => {
  const starts = reportOfLog(lines(numbers)).events.filter(({ type }) => type === 'TRAINING_STARTED');
  expect(starts.map(({ data }) => data)).toMatchObject([{}, { resumedAtStep }]);
});
