/** The last rows: what could not be read, where a replay stands, and which keys there are. */
import { count, type Row, row, span, widthOf } from '../base/index.ts';
import type { SanctumSnapshot } from '../contract/index.ts';
import { readProblems, timeOfDay } from '../present/index.ts';
import { join, joinByRank } from './layout.ts';
import type { LogHealth, View } from './view.ts';

/** `⚠ log: 3 malformed lines · 12 events lost`; no row where all was read. */
export function LogProblemRows(report: LogHealth): Row[] {
  const problems = readProblems(report);
  return problems.length > 0 ? [row(` ⚠ log: ${problems.join(' · ')}`, 'yellow')] : [];
}

/** `▶ 10×  ━━━━━━━━╸────────  1,204/3,000 events  15:33:02` */
export function ReplayBar(snapshot: SanctumSnapshot, view: View): Row[] {
  const { replay } = view;
  if (replay === null) return [];
  const { position, length, playing, speed } = replay;
  const pace = speed === Infinity ? 'max' : `${speed}×`;
  const left = row(` ${playing ? '▶' : '‖'} ${pace.padStart(4)}  `, 'bold cyan');
  const time = snapshot.run.lastEventMs;
  const right = row(
    `  ${count(position)}/${count(length)} events${time === null ? '' : `  ${timeOfDay(time, view.timeZone)}`} `,
  );
  const room = view.width - widthOf(left) - widthOf(right);
  if (room < 4) return [[...left, ...right]];
  const done = Math.round((length > 0 ? Math.min(1, position / length) : 0) * room);
  return [[...left, span('━'.repeat(done), 'cyan'), span('─'.repeat(room - done), 'dim'), ...right]];
}

/** The keys that do something now, most needed first where not all fit. */
export function Footer(snapshot: SanctumSnapshot, view: View): Row[] {
  if (!view.keys) return [];
  const key = (keys: string, what: string): Row => [span(keys, 'bold'), span(` ${what}`, 'dim')];
  const replay = view.replay
    ? [
        { row: key('space', view.replay.playing ? 'pause' : 'play'), rank: 1 },
        { row: key('←/→', 'scrub'), rank: 2 },
        { row: key('+/-', 'speed'), rank: 4 },
      ]
    : [{ row: key('p', view.paused ? 'follow again' : 'pause'), rank: 2 }];
  const parts = [
    { row: key('q', 'leave'), rank: 0 },
    ...replay,
    { row: snapshot.devices.length > 1 ? key('d', 'next device') : [], rank: 5 },
    { row: snapshot.ranks.length > 1 ? key('w', 'worst rank') : [], rank: 5 },
    { row: snapshot.ranks.length > 1 ? key(view.replay ? 'r' : '←→', 'rank') : [], rank: 6 },
    { row: key('c', 'figures'), rank: 4 },
    { row: key('?', 'what is this figure'), rank: 3 },
  ];
  return [join([[], joinByRank(parts, view.width - 2, 3)], ' ')];
}
