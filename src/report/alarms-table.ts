/** The alarms of a run: a row each rule and place, the critical first. */
import { count, UNKNOWN } from '../base/index.ts';
import type { AlarmSpan, RunReport } from '../contract/index.ts';
import { countedOf, countedRange, duration } from '../present/index.ts';
import type { DocumentBlock, TableRow } from './document.ts';

const ROWS = 12;

function rowOf(spans: readonly AlarmSpan[], { run }: RunReport): TableRow {
  const newest = spans.at(-1)!;
  const { rule, level, rank, device, toMs } = newest;
  const place = [device, run.ranks > 1 ? `rank ${rank}` : null].filter(Boolean).join(' of ') || UNKNOWN;
  // Of a run that has ended, what stood at its end is cleared by the end.
  const stands = toMs === null || (run.lastEventMs !== null && toMs >= run.lastEventMs);
  const lasted = spans.reduce(
    (sum, span) => sum + ((span.toMs ?? run.lastEventMs ?? span.fromMs) - span.fromMs),
    0,
  );
  return {
    cells: [
      rule,
      level,
      place,
      count(spans.length),
      countedRange(countedOf(run), spans[0]!.fromBatch ?? run.firstBatch, newest.toBatch ?? run.lastBatch),
      `${duration(lasted)}${stands ? ', to the end' : ''}`,
      newest.reason,
    ],
    tone: level,
  };
}

/**
 * What was raised by the default rules; nothing where the report does not have it, or nothing was raised. How a run failed has a
 * section of its own.
 */
export function alarmBlocks(report: RunReport): DocumentBlock[] {
  const places = new Map<string, AlarmSpan[]>();
  for (const span of report.alarms ?? []) {
    if (span.figure === 'failed') continue;
    const key = `${span.rule} ${span.rank} ${span.device}`;
    places.set(key, [...(places.get(key) ?? []), span]);
  }
  if (places.size === 0) return [];
  const isCritical = ([span]: AlarmSpan[]) => (span!.level === 'critical' ? 0 : 1);
  const all = [...places.values()].sort((a, b) => isCritical(a) - isCritical(b));
  const rows = all.slice(0, ROWS).map(spans => rowOf(spans, report));
  const head = ['alarm', 'level', 'device', 'raised', 'from first to last', 'stood for', 'newest reason'];
  const table: DocumentBlock = { type: 'table', caption: 'Alarms', head, rows };
  if (all.length <= ROWS) return [table];
  const text = `${count(all.length - ROWS)} more are in the JSON.`;
  return [table, { type: 'text', text, tone: 'dim' }];
}
