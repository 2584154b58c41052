/** What happened, in words, newest first; the ranks’ logs as one. */
import { type Row, row, type Style, span } from '../base/index.ts';
import type { LogEntry, SanctumSnapshot } from '../contract/index.ts';
import { timeOfDay } from '../present/index.ts';
import { box } from './layout.ts';
import type { View } from './view.ts';

const messageStyle: Record<LogEntry['level'], Style> = {
  info: 'plain',
  warning: 'yellow',
  critical: 'bold red',
};
const mark: Record<LogEntry['level'], string> = { info: ' ', warning: '!', critical: '✗' };

/** The newest `height` entries of all ranks. */
export function eventRows(snapshot: SanctumSnapshot, view: View, height: number): Row[] {
  const many = snapshot.ranks.length > 1;
  return snapshot.ranks
    .flatMap(rank => rank.log.slice(-height))
    .sort((a, b) => b.timeMs - a.timeMs || a.rank - b.rank || b.seq - a.seq)
    .slice(0, height)
    .map(entry => [
      span(timeOfDay(entry.timeMs, view.timeZone), 'dim'),
      span(many ? ` r${entry.rank}`.padEnd(4) : '', 'dim'),
      span(` ${mark[entry.level]} ${entry.message}`, messageStyle[entry.level]),
    ]);
}

export function EventLog(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const rows = eventRows(snapshot, view, height - 2);
  const body = rows.length > 0 ? rows : [row('Nothing to report.', 'dim')];
  return box({ title: row('EVENTS', 'bold'), aside: row('newest first', 'dim'), width, height }, body);
}
