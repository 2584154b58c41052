/** Groups of runs as a document: the best and how sure that is, a row a group, what differs in configuration, the runs. */
import { amount, GIB, gibRounded, NOT_MEASURED } from '../base/index.ts';
import {
  type GroupComparison,
  type GroupDifference,
  type GroupFigureName,
  groupFigures,
  type RunGroup,
} from '../contract/index.ts';
import { many, scaled, share, short } from '../present/index.ts';
import type { Document, DocumentBlock, TableRow } from './document.ts';
import { dateTime, time } from './words.ts';

const groupNames: Record<GroupFigureName, string> = {
  episodicReturn: 'return',
  loss: 'loss',
  peakBytes: 'peak',
  tookMs: 'time of an update',
  stepsPerSecond: 'steps per second',
  lostFraction: 'lost time',
};

const formats: Record<GroupFigureName, (value: number) => string> = {
  episodicReturn: short,
  loss: short,
  peakBytes: amount,
  tookMs: time,
  stepsPerSecond: scaled,
  lostFraction: share,
};

type Estimate = RunGroup['figures'][string];

const withMinus = (text: string): string => text.replace(/^-/, '−');

/** The unit behind a number: GiB with its space, %, k. */
const UNIT = /\s?[^\d.\s]+$/;

/** GiB beside GiB, unless too little of them: 0.09 GiB, not 89.6 MiB. */
const spreadOf = (figure: GroupFigureName, mean: number, spread: number): string =>
  figure === 'peakBytes' && mean >= GIB && spread >= GIB / 100
    ? `${gibRounded(spread, null)} GiB`
    : formats[figure](spread);

/** `475.8 ± 2.8`, `5.23 ± 0.09 GiB`: the mean and half of its interval. */
function estimateText(figure: GroupFigureName, estimate: Estimate | undefined): string {
  if (estimate == null) return NOT_MEASURED;
  const { mean, high } = estimate;
  const text = withMinus(formats[figure](mean));
  if (high === null) return text;
  const spread = spreadOf(figure, mean, high - mean);
  const unit = UNIT.exec(spread)?.[0] ?? '';
  return `${text.endsWith(unit) ? text.slice(0, text.length - unit.length) : text} ± ${spread}`;
}

/** A, B, …, Z, A1, …: the group in tables. */
const letter = (i: number): string =>
  String.fromCharCode(65 + (i % 26)) + (i < 26 ? '' : String(Math.floor(i / 26)));

/** The JSON of a configuration's value for a person: rounded to six digits where it is a number. */
export function configText(json: string | undefined): string {
  if (json === undefined) return 'not recorded';
  const number = Number(json);
  return json.trim() === '' || Number.isNaN(number) ? json : String(Number(number.toPrecision(6)));
}

const signed = (value: number, format: (value: number) => string): string =>
  value > 0 ? `+${format(value)}` : withMinus(format(value));

function differenceText({ figure, mid, low, high, status }: GroupDifference): string {
  const format = formats[figure];
  if (low === null || high === null) return `${signed(mid, format)}; too few runs`;
  const range = `${signed(mid, format)} [${signed(low, format)}, ${signed(high, format)}]`;
  return status === 'differs' ? range : `${range}, may be chance`;
}

/** `3 steady, 1 leak`. */
function verdictsOf({ runs }: RunGroup): string {
  const counts = new Map<string, number>();
  for (const { verdict } of runs) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ');
}

function verdictOf(comparison: GroupComparison): Document['verdict'] {
  const { groups, by, best, differences } = comparison;
  if (by === null || best === null)
    return { label: 'cannot be compared', tone: 'dim', says: 'No figure is reported by two groups.' };
  const { label, figures } = groups[best]!;
  const what = `${letter(best)} (${label}) has the best ${groupNames[by]}: ${estimateText(by, figures[by])}`;
  const others = differences.filter(({ figure }) => figure === by);
  const unsure = others.filter(({ status }) => status !== 'differs');
  if (unsure.length === 0)
    return { label: 'best', tone: 'good', says: `${what}; every other group differs by more than chance.` };
  const few = unsure.some(({ status }) => status === 'too few runs');
  const names = unsure.map(({ group }) => letter(group)).join(', ');
  return {
    label: 'not sure',
    tone: 'warning',
    says: `${what}, but ${few ? 'too few runs show whether it differs' : 'there is no evidence that it differs'} from ${names}.`,
  };
}

function groupBlocks({ groups, best, by }: GroupComparison): DocumentBlock[] {
  const shown = groupFigures.filter(figure => groups.some(({ figures }) => figures[figure] != null));
  return [
    {
      type: 'list',
      items: groups.map(
        (group, i) => `${letter(i)}: ${group.label}; ${many(group.runs.length, 'run')}: ${verdictsOf(group)}`,
      ),
    },
    {
      type: 'table',
      caption: 'Groups',
      head: ['', ...shown.map(figure => groupNames[figure]), ''],
      rows: groups.map(
        (group, i): TableRow => ({
          cells: [
            letter(i),
            ...shown.map(figure => estimateText(figure, group.figures[figure])),
            i === best && by !== null ? 'best' : '',
          ],
          tone: i === best ? 'good' : 'plain',
        }),
      ),
    },
  ];
}

function differenceTable({ best, differences }: GroupComparison): DocumentBlock {
  return {
    type: 'table',
    caption: 'Differences',
    head: ['', 'figure', `difference to ${letter(best ?? 0)}`],
    rows: differences.map(
      (difference): TableRow => ({
        cells: [letter(difference.group), groupNames[difference.figure], differenceText(difference)],
        tone: difference.status === 'differs' ? 'plain' : 'dim',
      }),
    ),
  };
}

function configBlocks({ groups, varies }: GroupComparison): DocumentBlock[] {
  const keys = [...new Set(groups.flatMap(({ config }) => Object.keys(config)))].sort();
  const rest: DocumentBlock = {
    type: 'text',
    text: varies.length === 0 ? 'Nothing else differs.' : `Differs within groups: ${varies.join(', ')}.`,
    tone: 'dim',
  };
  if (keys.length === 0)
    return [{ type: 'text', text: 'No recorded configuration differs between groups.', tone: 'dim' }, rest];
  return [
    {
      type: 'table',
      caption: 'Configuration that differs between groups',
      head: ['key', ...groups.map((_, i) => letter(i))],
      rows: keys.map(key => ({
        cells: [key, ...groups.map(({ config }) => configText(config[key]))],
        tone: 'plain',
      })),
    },
    rest,
  ];
}

/** The document of compared groups, made at `nowMs` by this version of Esper. */
export function groupsDocument(
  comparison: GroupComparison,
  { nowMs, timeZone, version }: { nowMs: number; timeZone: string | null; version: string },
): Document {
  const { groups } = comparison;
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0);
  return {
    title: many(groups.length, 'group'),
    facts: [many(runs, 'run')],
    verdict: verdictOf(comparison),
    sections: [
      { title: 'Groups', blocks: groupBlocks(comparison) },
      { title: 'Differences', blocks: [differenceTable(comparison)] },
      { title: 'Configuration', blocks: configBlocks(comparison) },
      {
        title: 'Runs',
        blocks: [
          {
            type: 'list',
            items: groups.map(({ runs: own }, i) => `${letter(i)}: ${own.map(({ id }) => id).join(', ')}`),
          },
        ],
      },
      {
        title: 'Method',
        blocks: [
          {
            type: 'list',
            items: [
              'Each run is one sample: its usual return, loss, time and steps per second in the newest quarter, and its highest peak and lost time over all of it.',
              'Means and differences (Welch) carry the interval that holds the true value in 99 of 100 cases, if runs scatter normally. With several groups, some ' +
                'of many intervals miss.',
            ],
          },
        ],
      },
    ],
    colophon: `Made by Esper ${version}, ${dateTime(nowMs, timeZone)}.`,
  };
}
