/** Every figure of a report in one table, each with its range, what it is made of, and its record. */
import { amount, count, NOT_MEASURED, printable, signed, uncapitalised } from '../base/index.ts';
import {
  type BrokenLoss,
  type DeviceReport,
  type Interval,
  isOver,
  type OwnReport,
  type RunReport,
} from '../contract/index.ts';
import { beyondDevice } from '../figures/index.ts';
import {
  countedNumber,
  countedOf,
  findingName,
  interval,
  many,
  milliseconds,
  minutes,
  notFinite,
  scaled,
  share,
  short,
} from '../present/index.ts';
import { hasOutlook } from './conclusions.ts';
import type { DocumentBlock, TableRow } from './document.ts';
import { joinedNotes, notFiniteText, figureRow as row } from './figure-row.ts';
import { newestRows } from './newest-rows.ts';
import { lostTime, pressureText, time } from './words.ts';

const half = (interval: Interval | null, format: (value: number) => string, made: string): string =>
  interval === null ? '' : `${format(interval.low)} to ${format(interval.high)}${made}`;

/** What of the pool was not needed; no rows in a report that was made before these figures were. */
function poolRows({ poolPeaks, fragmentation, cudaMemoryFragmentation: idle }: DeviceReport): TableRow[] {
  if (fragmentation === undefined || idle === undefined) return [];
  return [
    row(
      'TELE-777',
      'Fragmentation',
      fragmentation === null ? null : share(fragmentation),
      poolPeaks == null || fragmentation === null
        ? ''
        : `at the peaks: ${amount(poolPeaks.activeBytes)} active, ${amount(poolPeaks.reservedBytes)} reserved`,
    ),
    row(
      'TELE-774',
      'Idle share of the pool',
      idle === null ? null : share(idle),
      idle === null ? '' : 'in no tensor after the newest update',
    ),
  ];
}

function memoryRows(device: DeviceReport, report: RunReport): TableRow[] {
  const { failure, run } = report;
  const ended = failure?.rank === device.rank && failure.outOfMemory !== null;
  const { highestPressure: highest, isUpperBound, attribution, forecast, spikes } = device;
  const { lostFraction, lostMs, updates, busy, compared } = attribution;
  const [highestSpike] = spikes.highest;
  const impossible = beyondDevice(highest?.peakBytes ?? null, device.totalBytes);
  return [
    row(
      'TELE-794',
      'Verdict',
      device.findings[0] === undefined ? null : findingName(device.findings[0]),
      device.findings.map(finding => `${findingName(finding)} (${finding.confidence})`).join(', '),
    ),
    row('TELE-731', 'Memory of the device', amount(device.totalBytes)),
    row(
      'TELE-760',
      'Highest pressure',
      pressureText(highest?.pressureFraction ?? null, isUpperBound),
      highest === null
        ? ''
        : `${countedNumber(countedOf(run), highest.batch)}: ${amount(highest.peakBytes)} of ${amount(highest.budgetBytes)}${impossible === null ? '' : `, which ${impossible}`}`,
    ),
    row(
      'TELE-762',
      'Headroom, after the newest update',
      amount(device.headroomBytes),
      'stranded pieces unusable',
    ),
    row('TELE-763', 'Headroom at best', amount(device.headroomAtBestBytes), 'every stranded piece usable'),
    ...poolRows(device),
    row('TELE-750', 'Allocation retries', device.retries === null ? null : count(device.retries)),
    row(
      'TELE-751',
      'Out-of-memory errors',
      device.ooms === null ? null : count(device.ooms),
      ended ? 'before the one that ended the run' : '',
    ),
    row(
      'TELE-798',
      'Updates at the wall',
      device.updatesAtTheWall === null ? null : count(device.updatesAtTheWall),
      'updates with a retry or an out-of-memory error',
    ),
    row(
      'TELE-799',
      'Spikes',
      highest === null ? null : count(spikes.count),
      highestSpike === undefined
        ? ''
        : `highest ${signed(highestSpike.heightBytes)} in ${countedNumber(countedOf(run), highestSpike.batch)}`,
    ),
    row(
      'TELE-795',
      'Lost time',
      attribution.status === 'unmeasured' ? null : lostTime(attribution),
      joinedNotes(
        half(lostFraction, share, ' (95%)'),
        half(lostMs, time, ''),
        `${many(busy, 'busy update')} of ${count(updates)}, ${count(compared)} compared`,
      ),
    ),
    ...(hasOutlook(report, isOver(run.state)) ? forecastRows(forecast) : []),
  ];
}

function forecastRows(forecast: DeviceReport['forecast']): TableRow[] {
  const end = forecast.of === 'device' ? 'a full device' : 'out of memory';
  const ahead =
    forecast.updates === null
      ? forecast.status === 'unmeasured'
        ? null
        : forecast.status
      : count(forecast.updates.mid);
  return [
    row('TELE-796', `Updates to ${end}`, ahead, half(forecast.updates, count, ' (90%)')),
    row(
      'TELE-797',
      `Time to ${end}`,
      forecast.minutes === null ? ahead : minutes(forecast.minutes.mid),
      forecast.minutes === null ? '' : `${interval(forecast.minutes, minutes)} (90%)`,
    ),
  ];
}

function learningRows({ run, learning }: RunReport): TableRow[] {
  const { episodicReturn, highestReturn, loss, broken, updateMs, stepsPerSecond, totalSteps } = learning;
  const usual = (
    id: string,
    name: string,
    interval: Interval | null,
    format: (value: number) => string,
    beside = '',
  ) =>
    row(
      id,
      name,
      interval === null ? null : format(interval.mid),
      joinedNotes(half(interval, format, ' (95%), newest quarter'), beside),
    );
  // A loop of steps has a return where it is of reinforcement learning: nobody looks for it elsewhere.
  const counted = countedOf(run);
  const isPpo = counted === 'batch' || counted === 'report';
  return [
    ...(isPpo || episodicReturn !== null ? [usual('TELE-021', 'Return', episodicReturn, short)] : []),
    ...(isPpo || highestReturn !== null
      ? [row('TELE-021', 'Highest return', highestReturn === null ? null : short(highestReturn))]
      : []),
    // Not finite is measured.
    loss === null && broken !== null
      ? row('TELE-050', brokenName(broken), notFinite(broken), `${many(broken.updates, 'update')} in a row`)
      : usual('TELE-050', 'Loss', loss, short, notFiniteText(learning.notFinite?.loss)),
    usual(
      'TELE-040',
      isPpo ? 'Time of an update, rollout included' : 'Time of a step',
      updateMs,
      milliseconds,
    ),
    usual(
      'TELE-710',
      isPpo || totalSteps !== null || stepsPerSecond === null ? 'Steps per second' : 'Samples per second',
      stepsPerSecond,
      scaled,
    ),
    ...(isPpo || totalSteps !== null
      ? [row('TELE-023', 'Environment steps', totalSteps === null ? null : count(totalSteps))]
      : []),
    ...newestRows(learning),
  ];
}

const brokenName = ({ of }: BrokenLoss): string =>
  of === undefined ? 'Loss' : of === 'value' ? 'Value loss' : 'Policy loss';

/** Of a figure of the trainer's own: the newest value, what is usual, and its extremes. */
function ownRow({ name, newest, batch, usual, lowest, highest, values, nonFinite }: OwnReport): TableRow {
  // What the end of a training prints, or one report, has no range.
  const isOne = values === 1 || (batch === null && lowest === highest);
  return row(
    '',
    printable(name),
    newest === null ? null : short(newest),
    joinedNotes(
      batch === null ? '' : `at ${count(batch)}`,
      usual === null || isOne ? '' : `${short(usual.low)} to ${short(usual.high)} (95%), newest quarter`,
      lowest === null || highest === null || isOne ? '' : `all ${short(lowest)} to ${short(highest)}`,
      notFiniteText(nonFinite),
    ),
  );
}

/** `200 planned`; where not each step is reported, which number was planned. */
function plannedText({ maxBatches, lastBatch, updates, ...run }: RunReport['run']): string {
  if (maxBatches === null) return '';
  const isEach = lastBatch === null || lastBatch <= updates;
  return isEach
    ? `${count(maxBatches)} planned`
    : `reported, up to ${countedNumber(countedOf(run), lastBatch)} of ${count(maxBatches)} planned`;
}

/** Of the worst device, then of learning, then of the log; what was not measured is named below it. */
export function figureBlocks(report: RunReport): DocumentBlock[] {
  const { devices, run } = report;
  const [worst] = devices;
  const of = devices.length > 1 && worst !== undefined ? ` of ${worst.device}, rank ${worst.rank}` : '';
  const rows = [
    ...(worst === undefined
      ? [row('TELE-794', 'Memory', null, 'no device was reported')]
      : memoryRows(worst, report)),
    ...learningRows(report),
    ...(report.own ?? []).map(ownRow),
    row('TELE-010', 'Updates', count(run.updates), plannedText(run)),
    row('TELE-704', 'Events lost', count(run.lostEvents), `of ${count(run.events + run.lostEvents)}`),
  ];
  const missing = rows.filter(({ cells }) => cells[1] === NOT_MEASURED).map(nameAndRecord);
  return [
    {
      type: 'table',
      caption: `Figures${of}`,
      head: ['figure', 'value', 'range and basis', 'record'],
      rows: rows.filter(({ cells }) => cells[1] !== NOT_MEASURED),
    },
    ...(missing.length === 0
      ? []
      : [{ type: 'text' as const, text: `Not measured: ${missing.join('; ')}.`, tone: 'dim' as const }]),
  ];
}

/** `headroom at best (TELE-763)` */
const nameAndRecord = ({ cells: [name = '', , , id = ''] }: TableRow): string =>
  `${uncapitalised(name)}${id === '' ? '' : ` (${id})`}`;
