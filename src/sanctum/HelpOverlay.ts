/** The keys, and what each figure on the screen means, in the words of its telemetry record. */
import { exactly, type Row, row } from '../base/index.ts';
import { allRecords, type Category, categoryOf } from '../figures/index.ts';
import { beside, paragraph } from './layout.ts';
import { lastFrom, overlayBox, overlayWidth } from './overlay.ts';
import type { View } from './view.ts';

type Entry = readonly [name: string, meaning: string];

const liveKeys: readonly Entry[] = [
  ['q', 'leave the view; the training goes on'],
  ['p', 'freeze the view, and follow again'],
  ['d', 'next device'],
  ['r ← → ↑ ↓', 'next rank, the one before, a row of ranks up and down'],
  ['w', 'the worst rank; again, the next worst'],
  ['v enter', 'the verdict: why, and what to try'],
  ['c', 'figures of the learner and of your own; the one chosen is drawn large'],
  ['?', 'open and close this help'],
  ['Ctrl-C', 'end the training cleanly; twice, at once'],
  ['Ctrl-Z', 'back to the shell; fg returns'],
];
const replayKeys: readonly Entry[] = [
  ['q', 'leave the replay'],
  ['space', 'play and pause'],
  ['← →', 'one update back and forth; with shift ten'],
  ['home end', 'to the beginning, to the end'],
  ['+ -', 'faster, slower'],
  ['d r', 'next device, next rank'],
  ['w', 'the worst rank; again, the next worst'],
  ['v enter', 'the verdict: why, and what to try'],
  ['c', 'figures of the learner and of your own; the one chosen is drawn large'],
  ['?', 'open and close this help'],
];
const signs: readonly Entry[] = [
  [
    '↑ ↓ →',
    'The newer half of the last 60 updates is clearly above, clearly below, or not clearly apart from the older half. Neither is good or bad by itself.',
  ],
  ['–', 'Not measured.'],
  ['[Mem:…?]', 'The figures behind it cannot all be true.'],
];

/** Memory first: it is what the dashboard is for. */
const order: readonly Category[] = ['infrastructure', 'training', 'policy', 'value', 'gradient'];

const figuresOf = (category: Category): Entry[] =>
  allRecords()
    .filter(record => categoryOf(record.id) === category)
    .map(({ label, summary }) => [label, summary]);

const LABEL = 17;

function entryRows([name, meaning]: Entry, width: number): Row[] {
  if (width < LABEL + 24) return [row(name, 'bold'), ...paragraph(meaning, width), []];
  return paragraph(meaning, width - LABEL).map((line, i) => [
    ...exactly(row(i === 0 ? name : '', 'bold'), LABEL),
    ...line,
  ]);
}

/** Two columns from this width on. */
const TWO_COLUMNS = 110;

/** All rows of the help in `width` columns. */
export function helpRows(view: View, width: number): Row[] {
  const columns = width < TWO_COLUMNS ? 1 : 2;
  const each = columns === 1 ? width : (width >> 1) - 1;
  const section = (title: string, entries: readonly Entry[]): Row[] => [
    row(title.toUpperCase(), 'dim'),
    ...entries.flatMap(entry => entryRows(entry, each)),
    [],
  ];
  const rows = [
    ...section('keys', view.replay ? replayKeys : liveKeys),
    ...section('signs', signs),
    ...order.flatMap(category => section(category, figuresOf(category))),
  ];
  if (columns === 1) return rows;
  const middle = Math.ceil(rows.length / 2);
  return beside(
    rows.slice(0, middle).map(line => exactly(line, each + 2)),
    rows.slice(middle),
  );
}

/** The last row that the help may begin with. */
export const helpEnd = (view: View): number => lastFrom(helpRows(view, overlayWidth(view)).length, view);

export const HelpOverlay = (view: View): Row[] =>
  overlayBox('HELP', '?', helpRows(view, overlayWidth(view)), view);
