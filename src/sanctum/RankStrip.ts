/**
 * All ranks at a glance: a cell each, by its pressure, in the order of ranks, nodes apart where there is room; below them the
 * ranks that need a look, the worst first. 64 ranks are one row of it, 512 eight; of more than fit, several share a cell, which
 * shows the worst of them.
 */
import { count, inRuns, type Row, type Style, span } from '../base/index.ts';
import { isOver, type RankFinding, type RankState, type SanctumSnapshot } from '../contract/index.ts';
import { judge, limits } from '../figures/index.ts';
import type { RunJudgement } from '../present/index.ts';
import { STRIP_COLUMNS } from './keys.ts';
import { FEW_RANKS } from './MemoryPanel.ts';
import { healthStyle } from './styled-text.ts';
import { chosenRank, type View } from './view.ts';

const STEPS = '▁▂▃▄▅▆▇█';
const SILENT = '×';
const UNMEASURED = '·';
/** Ranks of `w`, and of the list below the strip. */
const WORST = 12;

type Pressures = ReadonlyMap<number, number>;

/** What a rank needed of what it could have: of its fullest device; none where it was not measured. */
function pressuresOf({ devices }: SanctumSnapshot): Pressures {
  const pressures = new Map<number, number>();
  for (const { rank, pressure } of devices)
    if (pressure.pressureFraction !== null)
      pressures.set(rank, Math.max(pressures.get(rank) ?? 0, pressure.pressureFraction));
  return pressures;
}

/** Ranks by what is wrong with them: the verdict's, those found beside the others, then the fullest. */
export function worstRanks(
  snapshot: SanctumSnapshot,
  judgement: RunJudgement,
  pressures = pressuresOf(snapshot),
): number[] {
  const { level, rank, across } = judgement;
  const isVerdict = rank !== null && (level === 'warning' || level === 'critical');
  const there = new Set(snapshot.ranks.map(({ rank }) => rank));
  const found = [...(isVerdict ? [rank] : []), ...across.flatMap(({ ranks }) => ranks.slice(0, 4))];
  const all = new Set([...found, ...fullestOf(pressures)]);
  return [...all].filter(rank => there.has(rank)).slice(0, WORST);
}

/** The fullest {@link WORST}, the lower rank first where two are alike. */
function fullestOf(pressures: Pressures): number[] {
  const fullest: [rank: number, pressure: number][] = [];
  for (const [rank, pressure] of pressures) {
    const isBefore = ([other, most]: [number, number]) =>
      pressure > most || (pressure === most && rank < other);
    if (fullest.length === WORST && !isBefore(fullest[WORST - 1]!)) continue;
    const place = fullest.findIndex(isBefore);
    fullest.splice(place < 0 ? fullest.length : place, 0, [rank, pressure]);
    fullest.length = Math.min(fullest.length, WORST);
  }
  return fullest.map(([rank]) => rank);
}

/** What the cells are drawn from. */
interface Shown {
  pressures: Pressures;
  silent: ReadonlySet<number>;
  found: ReadonlySet<number>;
  chosen: RankState | null;
}

/** A cell, of the ranks between two places: how full the fullest of them is, or that one failed or nothing is heard of it. */
function cellOf(
  ranks: readonly RankState[],
  from: number,
  to: number,
  { pressures, silent, found, chosen }: Shown,
): [string, Style] {
  let [isFailed, isSilent, isFound, isChosen, areOver] = [false, false, false, false, true];
  let pressure = -1;
  for (let i = from; i < to; i++) {
    const own = ranks[i]!;
    const { rank, state } = own;
    isFailed ||= state === 'failed';
    isSilent ||= silent.has(rank);
    isFound ||= found.has(rank);
    isChosen ||= own === chosen;
    areOver &&= isOver(state);
    pressure = Math.max(pressure, pressures.get(rank) ?? -1);
  }
  const bad = isFailed ? '✗' : isSilent ? SILENT : null;
  const step = Math.max(0, Math.min(STEPS.length - 1, Math.floor(pressure * STEPS.length)));
  const text = bad ?? (pressure < 0 ? UNMEASURED : STEPS[step]!);
  if (isChosen) return [text, 'inverse'];
  if (bad !== null) return [text, 'bold red'];
  const health = judge(limits.memoryPressure, pressure < 0 ? null : pressure);
  const style = health === 'healthy' && !areOver ? 'cyan' : healthStyle[health];
  return [text, isFound && style !== 'bold red' ? 'bold yellow' : style];
}

/** Ranks of one kind of finding. */
const ranksOf = (across: readonly RankFinding[], kind: RankFinding['kind']): Set<number> =>
  new Set(across.filter(finding => finding.kind === kind).flatMap(({ ranks }) => ranks));

/** Ranks of a cell, so that no more than `most` rows of so many columns are needed: as few as possible, by powers of two. */
function ranksOfCell(ranks: number, columns: number, most: number): number {
  let share = 1;
  while (Math.ceil(ranks / share / columns) > most) share *= 2;
  return share;
}

const columnsIn = (width: number): number => Math.max(8, Math.min(STRIP_COLUMNS, width));

/** `▂▂▂▂▂▂▂▂ ▂▂▂▂█▂▂▂ …`, the chosen rank inverse. @param share ranks of a cell */
function stripRows(
  snapshot: SanctumSnapshot,
  view: View,
  { across }: RunJudgement,
  pressures: Pressures,
  width: number,
  share: number,
): Row[] {
  const { ranks } = snapshot;
  const shown: Shown = {
    pressures,
    silent: ranksOf(across, 'silent rank'),
    found: new Set(across.flatMap(({ ranks }) => ranks)),
    chosen: chosenRank(snapshot, view),
  };
  const columns = columnsIn(width);
  // Ranks that are dealt to the nodes in turn have none that could stand apart.
  const hosts = new Set(ranks.map(({ hostname }) => hostname));
  const changes = ranks.filter(({ hostname }, i) => i > 0 && hostname !== ranks[i - 1]!.hostname).length;
  const cells = Math.ceil(ranks.length / share);
  const hostOf = (cell: number) => ranks[cell * share]!.hostname;
  const rows: Row[] = [];
  for (let from = 0; from < cells; from += columns) {
    const to = Math.min(cells, from + columns);
    const isNext = (cell: number) => cell > from && hostOf(cell) !== hostOf(cell - 1);
    let nodes = 0;
    for (let cell = from; cell < to; cell++) if (isNext(cell)) nodes++;
    const areApart = changes < hosts.size && to - from + nodes <= width;
    const drawn: [string, Style][] = [];
    for (let cell = from; cell < to; cell++) {
      if (areApart && isNext(cell)) drawn.push([' ', 'plain']);
      const first = cell * share;
      drawn.push(cellOf(ranks, first, Math.min(ranks.length, first + share), shown));
    }
    rows.push(inRuns(drawn.length, x => drawn[x]!));
  }
  return rows;
}

/** `worst  37 leak 0.71 · 50 silent 40 s · 12 slow 1.40×`, as many as fit. */
function worstRow(
  snapshot: SanctumSnapshot,
  judgement: RunJudgement,
  pressures: Pressures,
  width: number,
): Row {
  const { rank: worst, kind, level, across } = judgement;
  const isVerdict = level === 'warning' || level === 'critical';
  const parts = worstRanks(snapshot, judgement, pressures).flatMap(rank => {
    const why = across
      .filter(finding => finding.rank === rank)
      .map(({ short, rank }) => short.replace(`rank ${rank} `, ''));
    const what = [
      ...(isVerdict && rank === worst && kind !== null && kind !== 'steady' ? [kind] : []),
      ...why,
    ];
    const pressure = pressures.get(rank);
    return [`${rank} ${[...what, ...(pressure === undefined ? [] : [pressure.toFixed(2)])].join(' ')}`];
  });
  let text = '';
  for (const part of parts) {
    const longer = text === '' ? part : `${text} · ${part}`;
    if (longer.length > width - 7) break;
    text = longer;
  }
  return [span('worst  ', 'dim'), span(text)];
}

/** Rows of the strip; none of a run of one rank, and where there is no room for it. */
export function RankStrip(
  snapshot: SanctumSnapshot,
  view: View,
  judgement: RunJudgement,
  most: number,
): Row[] {
  const { ranks } = snapshot;
  // Of few ranks the memory panel lists all devices.
  if (ranks.length <= FEW_RANKS) return [];
  const width = view.width - 2;
  const fits = Math.ceil(ranks.length / columnsIn(width)) < most;
  // One line on top and one below.
  const share = fits || most < 3 ? 1 : ranksOfCell(ranks.length, columnsIn(width), most - 2);
  const pressures = pressuresOf(snapshot);
  const cells = stripRows(snapshot, view, judgement, pressures, width, share);
  const hosts = new Set(ranks.map(({ hostname }) => hostname).filter(host => host !== null));
  const chosen = chosenRank(snapshot, view)!;
  const title: Row = [
    span('RANKS', 'bold'),
    span(`  ${count(ranks.length)}${hosts.size > 1 ? ` on ${count(hosts.size)} nodes` : ''}`, 'dim'),
    span(share > 1 ? `, ${share} a cell` : '', 'dim'),
    span(`   rank ${chosen.rank}${chosen.hostname === null ? '' : ` on ${chosen.hostname}`}`),
    span('   pressure ▁ 0 to █ 1', 'dim'),
  ];
  const all = [title, ...cells, worstRow(snapshot, judgement, pressures, width)];
  const rows =
    all.length <= most ? all : cells.length + 1 <= most ? all.slice(1) : cells.length <= most ? cells : [];
  return rows.map(cells => [span(' '), ...cells]);
}
