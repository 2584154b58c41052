/** What happened, in words, newest first; the ranks’ logs as one. */
import { type Row, row, type Style, span } from '../base/index.ts';
import type { LogEntry, SanctumSnapshot } from '../contract/index.ts';
import { type EventGroup, groupedEvents, listedRanks, timeOfDay } from '../present/index.ts';
import { box } from './layout.ts';
import type { View } from './view.ts';

const messageStyle: Record<LogEntry['level'], Style> = {
  info: 'plain',
  warning: 'yellow',
  critical: 'bold red',
};
const mark: Record<LogEntry['level'], string> = { info: ' ', warning: '!', critical: '✗' };

/** `r3`; `r0–7` of several, and how many of a crowd. */
const whose = (ranks: readonly number[], all: number): string =>
  ranks.length === all ? `all ${all}` : `r${listedRanks(ranks, 2)}`;

/** The groups that were made last, and of what: of many ranks' logs few gain an entry from one frame to the next. */
let made = { logs: [] as (readonly LogEntry[])[], most: 0, groups: [] as EventGroup[] };

function groupsOf(ranks: SanctumSnapshot['ranks'], most: number): EventGroup[] {
  const { logs } = made;
  const isSame =
    made.most === most && logs.length === ranks.length && ranks.every(({ log }, i) => log === logs[i]);
  if (!isSame) made = { logs: ranks.map(({ log }) => log), most, groups: groupedEvents(ranks, most) };
  return made.groups;
}

/** The newest `height` entries of all ranks, those that are alike as one. */
export function eventRows(snapshot: SanctumSnapshot, view: View, height: number): Row[] {
  const { ranks } = snapshot;
  return groupsOf(ranks, height).map(entry => [
    span(timeOfDay(entry.timeMs, view.timeZone), 'dim'),
    span(ranks.length > 1 ? ` ${whose(entry.ranks, ranks.length)}`.padEnd(4) : '', 'dim'),
    span(` ${mark[entry.level]} ${entry.message}`, messageStyle[entry.level]),
  ]);
}

export function EventLog(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const rows = eventRows(snapshot, view, height - 2);
  const body = rows.length > 0 ? rows : [row('Nothing to report.', 'dim')];
  return box({ title: row('EVENTS', 'bold'), aside: row('newest first', 'dim'), width, height }, body);
}
