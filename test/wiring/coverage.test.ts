/** Every figure of the snapshot has its record, or is listed here to be none. */
import { expect, test } from 'vitest';
import { SanctumSnapshot } from '../../src/contract/index.ts';
import { allRecords } from '../../src/figures/index.ts';
import { leaves } from './leaves.ts';

const records = allRecords();

/** Names, labels and clocks; what a projection repeats; what is kept for the reducer's own use. */
const noFigures: RegExp[] = [
  /^v$|^run\.(id|name|algorithm|task|worldSize|endedMs|updateGapMs)$|^status\.reasons$/,
  /^tamiyo\.(rank|numbered|stepsPerEpoch)$|^tamiyo\.ppo\.(status|reasons|nonFiniteValues.*)$|^tamiyo\.infrastructure\.(device|memoryStatus)$/,
  // What a rank knows: `tamiyo` and `vitals` are its projections, which the records name.
  /^ranks\[\]\.(?!newestTelemetryMs|lostEvents|unknownEvents|phases)/,
  /^ranks\[\]\.phases\[\]\.((before|after)\.timeMs|phase|role|worker|device|resolutionBytes)$/,
  /^devices\[\]\.(rank|device|uuid|pciBusId|name|batch|timeMs|peakScope|poolPeaks\.\w+)$/,
  /^devices\[\]\.(infrastructure|reading\.(?!peakReservedBytes)|alarms|counters|history|told)\b/,
  /^devices\[\]\.driver\.(?!utilizationPercent|temperatureCelsius|powerWatts)/,
  /^devices\[\]\.pressure\.(status|isUpperBound)$/,
];

/** Measured and kept, for analysis and exporters; on no screen. */
const notShown = new Set([
  'tamiyo.ppo.maxGradNorm',
  'tamiyo.ppo.meanValue',
  'tamiyo.ppo.meanReturn',
  'tamiyo.ppo.steps',
  'tamiyo.ppo.episodes',
  'devices[].peakAllocatedBytes',
  'devices[].usedBytes',
  'devices[].deviceFrees',
  'devices[].pressure.peakBytes',
  'devices[].ledger.totalBytes',
  'devices[].ledger.contradiction',
  'ranks[].phases[].readings',
  'ranks[].phases[].unseen',
  'ranks[].phases[].before.reservedBytes',
  'ranks[].phases[].before.usedBytes',
  'ranks[].phases[].after.usedBytes',
]);

test('every figure of the snapshot has its record', () => {
  const recorded = new Set<string>(records.map(record => record.path));
  const paths = [...leaves(SanctumSnapshot, '', ['vitals.memoryAlarmDevices'])].filter(
    path => !noFigures.some(none => none.test(path)),
  );
  const unrecorded = paths.filter(path => !recorded.has(path) && !notShown.has(path));
  expect(unrecorded, 'a declaration in src/figures, or a word here why there is none').toEqual([]);
  expect([...notShown].filter(path => recorded.has(path) || !paths.includes(path))).toEqual([]);
});

test('every record has its own number and its own figure, in order', () => {
  const ids = records.map(record => record.id);
  expect(ids).toEqual([...new Set(ids)].sort());
  expect(new Set(records.map(record => record.figure)).size).toBe(records.length);
});
