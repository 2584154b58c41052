/**
 * Memory at the two edges of each phase of the chosen rank's processes, a row a phase and worker. An edge that this
 * round of the phase has not reached is unknown: that of an earlier round would not be its end.
 */
import { exactly, type Row, row, span, widthOf } from '../base/index.ts';
import type { PhaseMemory, SanctumSnapshot } from '../contract/index.ts';
import { type PhaseValues, phaseValues } from '../present/index.ts';
import { box, join } from './layout.ts';
import { chosenRank, type View } from './view.ts';

/** Columns below which a panel is narrow. */
const NARROW = 50;

/** What name and process are cut to before another column goes. */
const leastOf = (width: number): [name: number, process: number] => (width < NARROW ? [8, 7] : [18, 14]);
/** Of name, process, edges, largest and reserved those that go where not all fit, in that order. */
const DISPENSABLE = [4, 3, 1, 0];
const GAP = '  ';

/** Widths to draw columns in that would like `wished`; 0 for one that has no room. */
function fitted(wished: readonly number[], width: number): number[] {
  const least = leastOf(width);
  const given = wished.map((wish, i) => Math.min(wish, least[i] ?? wish));
  const room = () => width + GAP.length - given.reduce((sum, w) => sum + (w > 0 ? w + GAP.length : 0), 0);
  for (const column of DISPENSABLE) if (room() < 0) given[column] = 0;
  for (const column of [0, 1])
    if (given[column]! > 0) given[column]! += Math.min(wished[column]! - given[column]!, Math.max(0, room()));
  return given;
}

/** The process by its number, with its node’s address where there is room; the trainer itself by its device. */
function processOf({ worker, device }: PhaseMemory, width: number): string {
  const address = worker?.split(' ').at(-1);
  return (width < NARROW ? address?.split(':').at(-1) : address) ?? device;
}

/** `update_actor  33871  41.21 → 42.36 GiB  largest 42.36  reserved 43.1`, columns aligned, the last left out where narrow. */
function table(phases: readonly PhaseMemory[], width: number): Row[] {
  const figures = phases.map(phaseValues);
  const widest = (key: keyof PhaseValues) => Math.max(...figures.map(own => own[key].length));
  const [before, after, largest, reserved] = (['before', 'after', 'largest', 'reserved'] as const).map(
    widest,
  );
  const cells = phases.map((phase, i): Row[] => {
    const own = figures[i]!;
    return [
      row(own.name),
      row(processOf(phase, width), 'dim'),
      [
        span(own.before.padStart(before!)),
        span(' → ', 'dim'),
        span(own.after.padStart(after!)),
        span(' GiB', 'dim'),
      ],
      [span('largest ', 'dim'), span(own.largest.padStart(largest!))],
      [span('reserved ', 'dim'), span(own.reserved.padStart(reserved!))],
    ];
  });
  const wished = cells[0]!.map((_, column) => Math.max(...cells.map(own => widthOf(own[column]!))));
  const widths = fitted(wished, width);
  return cells.map(own => {
    const kept = own.flatMap((cell, i) => (widths[i]! > 0 ? [exactly(cell, widths[i]!)] : []));
    return join(kept, GAP);
  });
}

/** The newest phases in at most `most` rows, borders included; no row where there are none, or no room for two. */
export function PhasePanel(snapshot: SanctumSnapshot, view: View, width: number, most: number): Row[] {
  const rank = chosenRank(snapshot, view);
  const phases = [...(rank?.phases ?? [])].reverse();
  const room = most - 2;
  if (rank === null || phases.length === 0 || room < Math.min(2, phases.length)) return [];
  const shown = phases.length > room ? phases.slice(0, room - 1) : phases;
  const rows = table(shown, width - 4);
  const left = phases.length - shown.length;
  if (left > 0) rows.push(row(`… ${left} more`, 'dim'));
  const aside = row(snapshot.ranks.length > 1 ? `rank ${rank.rank}  newest first` : 'newest first', 'dim');
  return box({ title: row('PHASES', 'bold'), aside, width }, rows);
}
