/** Composer’s lists that were copied without their heads: values invented. */
import { describe, expect, test } from 'vitest';
import { reportsOf, watched } from './report-of-log.ts';

describe('Composer’s list without its head', () => {
  const list = (batch: string | null, loss: number, bullet = '         ') => [
    ...(batch === null ? [] : [`${bullet}Train time/batch: ${batch}`]),
    `${bullet}Train memory/peak_reserved_mem: 51.2500`,
    `${bullet}Train loss/train/total: ${loss}`,
    `${bullet}Train metrics/train/Perplexity: 3048.25`,
  ];
  test('is numbered by the batches before it', () => {
    expect(reportsOf(...list('365', 10.5), ...list('366', 10.25))).toMatchObject([
      { step: 366, loss: 10.5, memory: [{ peakReservedBytes: 51.25e9 }] },
      { step: 367, loss: 10.25 },
    ]);
  });
  test('is counted where it has none', () => {
    const { report } = watched(...list(null, 10.5, '- '), ...list(null, 10.25, '- '));
    expect(report.run).toMatchObject({ numbered: 'reports', lastBatch: 2 });
  });
  test('under a head has the head’s number', () => {
    const lines = ['[batch=366/48000]:', ...list('365', 10.5), '[batch=367/48000]:', ...list('366', 10.25)];
    expect(watched(...lines)).toMatchObject({ numbers: [366, 367], report: { run: { maxBatches: 48000 } } });
  });
  test('rows of other trainers are none', () => {
    expect(watched('  Train loss: 0.5', '  Train time/epoch: 12').events).toEqual([]);
  });
});
