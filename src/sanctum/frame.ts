/**
 * One frame of the dashboard: a pure function of the snapshot and the view. The terminal, `--once` and the golden
 * tests all show these rows. Boxes where there is room for them, plain rows, most important first, where not.
 */
import { exactly, paint, type Row, span } from '../base/index.ts';
import type { SanctumSnapshot } from '../contract/index.ts';
import { judgementOf, type RunJudgement, reasonOf, withJudgement } from '../present/index.ts';
import { CurveOverlay, lastCurve } from './CurveOverlay.ts';
import { EventLog, eventRows } from './EventLog.ts';
import { Footer, LogProblemRows, ReplayBar } from './Footer.ts';
import { HelpOverlay, helpEnd } from './HelpOverlay.ts';
import { beside } from './layout.ts';
import { hasDevice, MemoryPanel, memoryRows } from './MemoryPanel.ts';
import { PhasePanel } from './PhasePanel.ts';
import { CurvePanel, PpoPanel, ppoRows } from './PpoPanel.ts';
import { RankStrip, worstRanks } from './RankStrip.ts';
import { RunHeader } from './RunHeader.ts';
import { bannerRows, StatusBanner } from './StatusBanner.ts';
import { VerdictLine } from './VerdictLine.ts';
import { VerdictOverlay, verdictEnd } from './VerdictOverlay.ts';
import { VerdictPanel } from './VerdictPanel.ts';
import { stateNow, type View } from './view.ts';

/** At most `view.height` strings of at most `view.width` columns, with ANSI styles where `view.color`. */
export function frame(snapshot: SanctumSnapshot, view: View): string[] {
  const rows = rowsOf(snapshot, view, judgementIn(snapshot, view));
  return rows.slice(0, view.height).map(row => paint(exactly(row, view.width), view.color));
}

function rowsOf(snapshot: SanctumSnapshot, view: View, judgement: RunJudgement): Row[] {
  switch (view.overlay?.what) {
    case 'help':
      return HelpOverlay(view);
    case 'verdict':
      return VerdictOverlay(snapshot, view, judgement);
    case 'figures':
      return CurveOverlay(snapshot, view);
    default:
      return dashboard(withJudgement(snapshot, judgement), view, judgement);
  }
}

/** The last row that the open overlay may begin with; 0 where none is open. */
export function overlayEnd(snapshot: SanctumSnapshot, view: View): number {
  if (view.overlay === null) return 0;
  switch (view.overlay.what) {
    case 'help':
      return helpEnd(view);
    case 'verdict':
      return verdictEnd(snapshot, view, judgementIn(snapshot, view));
    case 'figures':
      return lastCurve(snapshot, view);
  }
}

/** Indexes of the ranks that need a look, the worst first. */
export function worstRankIndexes(snapshot: SanctumSnapshot, view: View): number[] {
  const index = new Map(snapshot.ranks.map(({ rank }, i) => [rank, i]));
  return worstRanks(snapshot, judgementIn(snapshot, view)).map(rank => index.get(rank)!);
}

const judgementIn = (snapshot: SanctumSnapshot, view: View): RunJudgement =>
  judgementOf(view.verdict, stateNow(snapshot, view), snapshot);

function dashboard(snapshot: SanctumSnapshot, view: View, judgement: RunJudgement): Row[] {
  const { width, height } = view;
  const last = [...LogProblemRows(view.report), ...ReplayBar(snapshot, view), ...Footer(snapshot, view)];
  const head = [VerdictLine(judgement, view), RunHeader(snapshot, view, judgement)];
  const reason = reasonOf(judgement);
  const banner = bannerRows(snapshot, width < 60 || height < 23 ? Math.max(1, width - 2) : width - 4, reason);
  if (width < 60 || height < 19) return plain(snapshot, view, [...head, ...indented(banner)], last);
  const top = [...head, ...(height >= 23 ? StatusBanner(snapshot, width, banner) : indented(banner))];
  const room = height - top.length - last.length;
  const strip = RankStrip(snapshot, view, judgement, Math.floor(room / STRIP_SHARE));
  const body = width < 76 ? stacked : width < 110 ? twoColumns : wideColumns;
  return [...top, ...strip, ...body(snapshot, view, room - strip.length), ...last];
}

/** Without boxes, for a terminal too small for them. */
function plain(snapshot: SanctumSnapshot, view: View, head: Row[], last: Row[]): Row[] {
  const { width, height } = view;
  const inner = Math.max(1, width - 2);
  // The keys are never pushed off the screen.
  const top = head.slice(0, Math.max(1, height - last.length));
  const room = height - top.length - last.length;
  if (room <= 0) return [...top, ...last];
  const events = room >= 5 ? Math.max(1, Math.floor(room / 4)) : 0;
  const panels = room - events;
  if (width >= 76) {
    const half = (inner >> 1) - 1;
    const memory = memoryRows(snapshot, view, half, panels).map(row => exactly(row, half + 2));
    const ppo = ppoRows(snapshot, view, half, panels);
    const body = padded(beside(memory, ppo), panels);
    return [...top, ...indented(padded([...body, ...eventRows(snapshot, view, events)], room)), ...last];
  }
  const memory = memoryRows(snapshot, view, inner, Math.floor(panels / 2));
  const ppo = ppoRows(snapshot, view, inner, panels - memory.length);
  const body = [...memory, ...ppo, ...eventRows(snapshot, view, room - memory.length - ppo.length)];
  return [...top, ...indented(padded(body, room)), ...last];
}

const indented = (rows: Row[]): Row[] => rows.map(row => [span(' '), ...row]);

const padded = (rows: Row[], height: number): Row[] =>
  Array.from({ length: height }, (_, i) => rows[i] ?? []);

/** One row in so many of those left may be the ranks’. */
const STRIP_SHARE = 2;
/** The memory column’s share of the width. */
const LEFT_SHARE = 0.54;
/** Rows from which a curve is worth a box of its own. */
const LEAST_CURVE = 7;
/** Rows that the memory panel keeps before phases get any, and the most that phases get of the column. */
const LEAST_MEMORY = 14;
const PHASE_SHARE = 0.33;
/** The most that the verdict gets of the height. */
const VERDICT_SHARE = 0.3;

const share = (of: number, fraction: number, least: number, most: number): number =>
  Math.max(least, Math.min(most, Math.round(of * fraction)));

function stacked(snapshot: SanctumSnapshot, view: View, height: number): Row[] {
  const { width } = view;
  const events = share(height, 0.2, 3, 12);
  const memory = hasDevice(snapshot) ? share(height - events, 0.65, 5, 30) : 5;
  return [
    ...MemoryPanel(snapshot, view, width, memory),
    ...PpoPanel(snapshot, view, width, height - events - memory),
    ...EventLog(snapshot, view, width, events),
  ];
}

function twoColumns(snapshot: SanctumSnapshot, view: View, height: number): Row[] {
  const { width } = view;
  const events = share(height, 0.28, 3, 12);
  const verdict = VerdictPanel(snapshot, view, width, Math.floor((height - events) * VERDICT_SHARE));
  const panels = height - events - verdict.length;
  const left = Math.round(width * LEFT_SHARE);
  const learner = learnerColumn(snapshot, view, width - left, panels);
  const missing = panels - learner.length;
  const right = missing > 0 ? PpoPanel(snapshot, view, width - left, panels) : learner;
  return [
    ...beside(memoryColumn(snapshot, view, left, panels), right),
    ...verdict,
    ...EventLog(snapshot, view, width, events),
  ];
}

function wideColumns(snapshot: SanctumSnapshot, view: View, height: number): Row[] {
  const { width } = view;
  const left = Math.round(width * LEFT_SHARE);
  // What happened needs no more rows than it has lines; the verdict has a use for them.
  const lines = Math.max(...snapshot.ranks.map(({ log }) => log.length), 0);
  const asked = share(height, 0.3, 5, 16);
  const events = view.verdict === null ? asked : Math.min(asked, Math.max(5, lines + 2));
  const figures = PpoPanel(snapshot, view, width - left, height, false).length;
  const most = Math.max(Math.floor(height * VERDICT_SHARE), height - events - figures);
  const verdict = VerdictPanel(snapshot, view, width - left, most);
  const learner = learnerColumn(snapshot, view, width - left, height - events - verdict.length);
  const log = EventLog(snapshot, view, width - left, height - learner.length - verdict.length);
  const right = [...learner, ...verdict, ...log];
  return beside(memoryColumn(snapshot, view, left, height), right);
}

/**
 * Memory, and below it that of phases; on a run without a device a short note of that, and the curve where the chart
 * would be.
 */
function memoryColumn(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  if (hasDevice(snapshot)) {
    const most = Math.min(Math.floor(height * PHASE_SHARE), height - LEAST_MEMORY);
    const phases = PhasePanel(snapshot, view, width, most);
    return [...MemoryPanel(snapshot, view, width, height - phases.length), ...phases];
  }
  const note = memoryRows(snapshot, view, width - 4, height).length + 2;
  if (height < note + LEAST_CURVE) return MemoryPanel(snapshot, view, width, height);
  return [...MemoryPanel(snapshot, view, width, note), ...CurvePanel(snapshot, view, width, height - note)];
}

/** At most `height` rows of the learner’s figures; below them, where there is room, its curve. */
function learnerColumn(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const figures = PpoPanel(snapshot, view, width, height, false);
  const room = height - figures.length;
  if (!hasDevice(snapshot) || room < LEAST_CURVE) return figures;
  return [...figures, ...CurvePanel(snapshot, view, width, room)];
}
