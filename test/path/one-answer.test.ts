/** One fact, one answer: whatever is asked of a log, by whatever reads it. Each of these was answered in two ways once. */
import { expect, test } from 'vitest';
import { Comparand, compareRuns } from '../../src/analysis/index.ts';
import { GIB, type TelemetryEvent } from '../../src/contract/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { reading, update } from '../events.ts';

function comparand(events: readonly TelemetryEvent[]) {
  const run = new Comparand();
  for (const next of events) run.take(next);
  return { run, report: run.report() };
}

test('headroom is what is left beside the peak and the stranded pieces', () => {
  const memory = reading(3, 6, {
    deviceTotalBytes: 10 * GIB,
    deviceFreeBytes: 2 * GIB,
    peakActiveBytes: 5 * GIB,
    peakScope: 'update',
    inactiveSplitBytes: 1 * GIB,
  });
  const log = Array.from({ length: 60 }, (_, seq) => update(seq, [memory]));
  const { run, report } = comparand(log);
  expect(reduceAll(emptySnapshot(), log).devices[0]!.pressure.headroomBytes).toBe(2 * GIB);
  expect(report.devices[0]!.headroomBytes).toBe(2 * GIB);
  const compared = compareRuns({ run, report }, { run, report }).figures;
  expect(compared.find(({ figure }) => figure === 'headroomBytes')).toMatchObject({ a: 2 * GIB, b: 2 * GIB });
});

test('headroom without a stranded reading is not measured: in the snapshot, the report and a comparison', () => {
  const memory = reading(3, 6, {
    deviceTotalBytes: 10 * GIB,
    deviceFreeBytes: 2 * GIB,
    peakActiveBytes: 5 * GIB,
    peakScope: 'update',
    inactiveSplitBytes: null,
  });
  const log = Array.from({ length: 60 }, (_, seq) => update(seq, [memory]));
  const { run, report } = comparand(log);
  expect(reduceAll(emptySnapshot(), log).devices[0]!.pressure).toMatchObject({
    headroomAtBestBytes: 3 * GIB,
    headroomBytes: null,
  });
  expect(report.devices[0]).toMatchObject({ headroomAtBestBytes: 3 * GIB, headroomBytes: null });
  const compared = compareRuns({ run, report }, { run, report }).figures;
  expect(compared.find(({ figure }) => figure === 'pressureFraction')).toMatchObject({ a: 5 / 8 });
  expect(compared.find(({ figure }) => figure === 'headroomBytes')).toMatchObject({
    status: 'unmeasured',
    a: null,
    b: null,
  });
});
