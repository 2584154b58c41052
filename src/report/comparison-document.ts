/** A comparison as a document: what changed, in one sentence; every figure with its interval; what was configured otherwise. */
import { amount, count, NOT_MEASURED, printable, UNKNOWN } from '../base/index.ts';
import {
  type ComparedFigure,
  type ComparedOwn,
  type ComparedRun,
  type Interval,
  isOver,
  type RunComparison,
} from '../contract/index.ts';
import { recordFor } from '../figures/index.ts';
import { many, scaled, share, short } from '../present/index.ts';
import { hasOutlook } from './conclusions.ts';
import type { Document, DocumentBlock, ReportTone, Section, TableRow } from './document.ts';
import { dateTime, pressureText, runStates, time } from './words.ts';

type Name = ComparedFigure['figure'];

const names: Record<Name, string> = {
  peakBytes: 'peak of an update',
  restingBytes: 'held after an update',
  reservedBytes: 'reserved',
  pressureFraction: 'memory pressure',
  headroomBytes: 'headroom',
  strandedBytes: 'stranded in the pool',
  fragmentation: 'fragmentation',
  cudaMemoryFragmentation: 'idle share of the pool',
  growthBytes: 'growth per update',
  wallFraction: 'updates at the wall',
  tookMs: 'time of an update',
  stepsPerSecond: 'steps per second',
  lostFraction: 'lost time',
  episodicReturn: 'return at the end',
  loss: 'loss at the end',
};
const recordIds: Partial<Record<Name, string>> = {
  restingBytes: 'TELE-780',
  reservedBytes: 'TELE-772',
  pressureFraction: 'TELE-760',
  headroomBytes: 'TELE-762',
  strandedBytes: 'TELE-782',
  fragmentation: 'TELE-777',
  cudaMemoryFragmentation: 'TELE-774',
  wallFraction: 'TELE-798',
  tookMs: 'TELE-040',
  stepsPerSecond: 'TELE-710',
  lostFraction: 'TELE-795',
  episodicReturn: 'TELE-021',
  loss: 'TELE-050',
};
const parts = { memory: 'Memory', time: 'Time', learning: 'Learning', own: 'Own figures' } as const;

/** One that is known, or one of the trainers' own. */
type Figure = ComparedFigure | ComparedOwn;

const nameOf = ({ figure, part }: Figure): string =>
  part === 'own' ? printable(figure) : names[figure as Name];

/** A value of the figure in its unit; differences are shown with their sign. */
function amountOf({ figure, unit, part }: Figure, value: number): string {
  if (figure === 'pressureFraction' && part !== 'own') return value.toFixed(3);
  switch (unit) {
    case 'bytes':
    case 'bytes per update':
      return amount(value);
    case 'fraction':
      return share(value);
    case 'ms':
      return time(value);
    case 'per second':
      return scaled(value);
    case 'number':
      return short(value);
  }
}

const sign = (value: number, text: string): string => (value > 0 ? `+${text}` : text.replace(/^-/, '−'));
const signedInterval = ({ low, mid, high }: Interval, format: (value: number) => string): string =>
  `${sign(mid, format(mid))} [${sign(low, format(low))}, ${sign(high, format(high))}]`;

/** A loss or a return may lie on either side of zero: a share of one close to zero, or of the other sign, means nothing. */
const LARGEST_SHARE = 10;
const hasShare = ({ unit, a, b, relative }: Figure): boolean =>
  unit === 'number'
    ? a! * b! > 0 && Math.abs(relative!.mid) <= LARGEST_SHARE
    : unit !== 'fraction' && unit !== 'bytes per update';

/** The change in its own unit and as a share of what was; shares of shares mean nothing. */
function changeOf(figure: Figure): string {
  const { change, relative, a, b, unit } = figure;
  if (a === null || b === null) return '';
  if (change === null)
    return figure.pairs === 1 ? `${sign(b - a, amountOf(figure, b - a))}; one number of each run` : '';
  if (relative !== null && hasShare(figure)) return signedInterval(relative, share);
  if (unit === 'fraction' && figure.figure !== 'pressureFraction')
    return `${signedInterval(change, value => share(value).replace('%', ''))} points`;
  return signedInterval(change, value => amountOf(figure, value));
}

/** Clear of zero, and no more than the layout of memory makes by itself. */
const isLayout = ({ status, part, change }: Figure): boolean =>
  status === 'no evidence' && part === 'memory' && change !== null && (change.low > 0 || change.high < 0);

const statusWords: Record<ComparedFigure['status'], string> = {
  changed: 'changed',
  'no evidence': 'no evidence of a change',
  'too few': 'too few updates',
  unmeasured: NOT_MEASURED,
};

function toneOf({ status, better, change }: Figure): ReportTone {
  if (status !== 'changed') return 'dim';
  if (better === null || change === null) return 'plain';
  return change.mid < 0 === (better === 'lower') ? 'good' : 'warning';
}

function row(figure: Figure): TableRow {
  const { a, b, status } = figure;
  const missing = status === 'too few' ? UNKNOWN : NOT_MEASURED;
  const id = figure.part === 'own' ? undefined : recordIds[figure.figure as Name];
  return {
    cells: [
      nameOf(figure),
      a === null ? missing : amountOf(figure, a),
      b === null ? missing : amountOf(figure, b),
      changeOf(figure),
      isLayout(figure) ? 'may be layout alone' : statusWords[status],
      id !== undefined && recordFor(id) !== undefined ? id : '',
    ],
    tone: toneOf(figure),
  };
}

/** What one run or both do not report is named in a line; rows would be empty. */
const isShared = ({ status }: Figure): boolean => status !== 'unmeasured';

function figureBlocks(figures: readonly Figure[]): DocumentBlock[] {
  const tables = (Object.keys(parts) as (keyof typeof parts)[]).flatMap((part): DocumentBlock[] => {
    const rows = figures.filter(figure => figure.part === part && isShared(figure)).map(row);
    if (rows.length === 0) return [];
    return [
      {
        type: 'table',
        caption: parts[part],
        head: [parts[part], 'A', 'B', 'change from A to B', '', 'record'],
        rows,
      },
    ];
  });
  const missing = figures.filter(figure => !isShared(figure)).map(nameOf);
  if (missing.length === 0) return tables;
  return [
    ...tables,
    { type: 'text', text: `Not in both runs, so not compared: ${missing.join(', ')}.`, tone: 'dim' },
  ];
}

function runRows(a: ComparedRun, b: ComparedRun): TableRow[] {
  const line = (name: string, of: (run: ComparedRun) => string): TableRow[] => {
    const cells = [of(a), of(b)];
    return cells.every(text => text === NOT_MEASURED) ? [] : [{ cells: [name, ...cells], tone: 'plain' }];
  };
  const counted = (value: number | null) => (value === null ? NOT_MEASURED : count(value));
  return [
    ...line('run', run => run.id),
    ...line('state', run => `${runStates[run.state]}, ${many(run.updates, 'update')}`),
    ...line('verdict', run => run.verdict),
    ...line('device', run => (run.device === null ? NOT_MEASURED : `${run.device}, rank ${run.rank}`)),
    ...line('highest pressure', run => pressureText(run.highestPressure, run.isUpperBound)),
    ...line('allocation retries', run => counted(run.retries)),
    ...line('out-of-memory errors', run => counted(run.ooms)),
    ...line('spikes', run => counted(run.spikes)),
    ...(a.acrossRanks === undefined && b.acrossRanks === undefined
      ? []
      : line('ranks beside each other', ({ acrossRanks = [] }) => acrossRanks.join('; ') || 'alike')),
    ...line('forecast', run =>
      hasOutlook({ run }, isOver(run.state)) ? (run.forecast ?? NOT_MEASURED) : UNKNOWN,
    ),
  ];
}

function verdictOf({ a, b, figures }: RunComparison): Document['verdict'] {
  const changed = figures.filter(({ status }) => status === 'changed');
  const compared = figures.filter(({ status }) => status === 'changed' || status === 'no evidence');
  if (compared.length === 0)
    return {
      label: 'cannot be compared',
      tone: 'dim',
      says: 'Too few updates after the warm-up have the same figures in both runs.',
    };
  const rest = compared.length - changed.length;
  if (changed.length === 0)
    return {
      label: 'no evidence of a change',
      tone: 'good',
      says: `None of ${many(rest, 'figure')} differs by more than chance, or than two runs of one job do.`,
    };
  const list = changed.map(figure => `${names[figure.figure]} ${changeOf(figure)}`).join('; ');
  return {
    label: `${changed.length} of ${compared.length} changed`,
    tone: changed.some(figure => toneOf(figure) === 'warning') ? 'warning' : 'good',
    says: `${a.verdict === b.verdict ? '' : `The verdict goes from ${a.verdict} to ${b.verdict}. `}From A to B: ${list}.${rest > 0 ? ` No evidence of a change in ${rest === 1 ? 'the other' : `the other ${count(rest)}`}.` : ''}`,
  };
}

function configSection({ config }: RunComparison): Section {
  const rows = config.map(
    ({ key, a, b }): TableRow => ({ cells: [key, a ?? 'not recorded', b ?? 'not recorded'], tone: 'plain' }),
  );
  const blocks: DocumentBlock[] =
    rows.length > 0
      ? [{ type: 'table', caption: 'Configuration that differs', head: ['key', 'A', 'B'], rows }]
      : [{ type: 'text', text: 'No recorded configuration differs.', tone: 'dim' }];
  return { title: 'Configuration', blocks };
}

const named = (letter: string, { id, task }: ComparedRun) =>
  `${letter} is ${id}${task === null ? '' : ` (${task})`}`;

/** The document of a comparison, made at `nowMs` by this version of Esper. */
export function comparisonDocument(
  comparison: RunComparison,
  { nowMs, timeZone, version }: { nowMs: number; timeZone: string | null; version: string },
): Document {
  const { a, b, updates, figures, own } = comparison;
  return {
    title: `${a.name || a.id || 'A'} → ${b.name || b.id || 'B'}`,
    facts: [named('A', a), named('B', b), `compared over the ${many(updates, 'update')} that both made`],
    verdict: verdictOf(comparison),
    sections: [
      { title: 'What changed', blocks: figureBlocks([...figures, ...own]) },
      {
        title: 'The runs',
        blocks: [
          { type: 'table', caption: 'The runs', head: ['', 'A', 'B'], rows: runRows(a, b) },
          { type: 'list', items: [`A: ${a.says}`, `B: ${b.says}`] },
        ],
      },
      configSection(comparison),
      {
        title: 'Method',
        blocks: [
          {
            type: 'list',
            items: [
              'Updates are compared by their number, without the warm-up: what both runs have in common is no difference. The value of a run is the ' +
                'median of its updates, the change that of the differences; learning is that of the newest fifth.',
              'Neighbouring updates are correlated: intervals use the effective number of independent ones, and hold the true change in 99 of 100 cases.',
              'How the allocator lays out its memory differs from run to run of the same job. Changes of memory that are no larger may be layout alone, and are not counted.',
              'One run of each shows how these two differ. What another seed would change, in learning above all, only more runs can show.',
            ],
          },
        ],
      },
    ],
    colophon: `Made by Esper ${version}, ${dateTime(nowMs, timeZone)}.`,
  };
}
