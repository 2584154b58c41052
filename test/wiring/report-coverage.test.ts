/** Every figure of the report has its record, is one of the snapshot’s shown again, or is listed here to be none. */
import { expect, test } from 'vitest';
import { RunReport } from '../../src/contract/index.ts';
import { allRecords, recordFor } from '../../src/figures/index.ts';
import { leaves } from './leaves.ts';

const records = allRecords();

/** Figures that the snapshot has at each moment: the report has the highest, the newest, the sum, the usual. */
const ofSnapshot: Record<string, string> = {
  'run.updates': 'TELE-010',
  'run.lastBatch': 'TELE-010',
  'run.firstBatch': 'TELE-010',
  'run.maxBatches': 'TELE-011',
  'run.lostEvents': 'TELE-704',
  'run.state': 'TELE-031',
  'devices[].totalBytes': 'TELE-731',
  'devices[].contradiction.says': 'TELE-775',
  'devices[].highestPressure.pressureFraction': 'TELE-760',
  'devices[].highestPressure.budgetBytes': 'TELE-761',
  'devices[].headroomBytes': 'TELE-762',
  'devices[].headroomAtBestBytes': 'TELE-763',
  'devices[].fragmentation': 'TELE-777',
  'devices[].cudaMemoryFragmentation': 'TELE-774',
  'devices[].retries': 'TELE-750',
  'devices[].ooms': 'TELE-751',
  'learning.episodicReturn': 'TELE-021',
  'learning.highestReturn': 'TELE-021',
  'learning.loss': 'TELE-050',
  'learning.updateMs': 'TELE-040',
  'learning.stepsPerSecond': 'TELE-710',
  'learning.totalSteps': 'TELE-023',
};

/** Names and places; what an estimate is made of; the words of findings, and the lines that they name; the courses that plots draw. */
const noFigures: RegExp[] = [
  /^v$|^run\.(id|name|algorithm|task|startedMs|lastEventMs|numbered|stepsPerEpoch|ranks|starts|events|unreadableLines)$/,
  /^(?:failure|explanation)\b/,
  /^verdict\.(says|isRead|rank|device)$/,
  /^devices\[\]\.(rank|device|host|name|isUpperBound|findings|timeline|held)\b/,
  /^devices\[\]\.contradiction\.(updates|fromBatch|toBatch)$/,
  /^devices\[\]\.(highestPressure\.(batch|peakBytes)|largestPeakBytes)$/,
  /^devices\[\]\.poolPeaks\.\w+$/,
  /^devices\[\]\.forecast\.(status|of|basis|batch|slopeBytes|since|until|points)\b/,
  /^devices\[\]\.attribution\.(?!lostFraction)/,
  /^devices\[\]\.spikes\.highest\b/,
  /^learning\.(timeline|newest|newestAt)\b/,
  // Where it broke, and what the trainer's figures were by then.
  /^learning\.broken\.(?!updates$)/,
  /^learning\.(?:brokenGradient|hugeGradient)\./,
  // How often the loss and the norm, which have their own, were not finite.
  /^learning\.notFinite\./,
  // The words of findings across ranks; a record for the value of each kind, and for the rank that failed first.
  /^acrossRanks\[\]\.(?!rank$|value\b)/,
  // When a rule was met; the figure that it watches is named, and has its own record.
  /^alarms\b/,
  // The trainer's own: only it knows what they mean.
  /^own\b/,
];

test('every figure of the report has its record', () => {
  const recorded = new Set<string>(records.filter(r => r.document === 'report').map(({ path }) => path));
  // An interval is a figure with its range.
  const figures = [...leaves(RunReport)]
    .filter(path => !/\.(low|high)$/.test(path))
    .filter(path => !noFigures.some(none => none.test(path)));
  const unrecorded = figures.filter(
    path => !recorded.has(path) && ofSnapshot[path.replace(/\.mid$/, '')] === undefined,
  );
  expect(unrecorded, 'a declaration in src/figures, or a word here why there is none').toEqual([]);
  expect([...recorded].filter(path => !figures.includes(path))).toEqual([]);
  for (const id of Object.values(ofSnapshot)) expect(recordFor(id)?.id).toBe(id);
});
