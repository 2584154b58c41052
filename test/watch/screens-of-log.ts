/** A watched log as its screens show it: the report, Sanctum's frames, its plain line, and Overwatch's page of the run. */

import { etaMs, judgementOf } from '../../src/present/index.ts';
import { runDocument, toTerminal } from '../../src/report/index.ts';
import { frame, initialView, plainLine } from '../../src/sanctum/index.ts';
import type { SeriesResponse } from '../../src/serve/index.ts';
import { drawRun } from '../../src/web/index.ts';
import { reportOfLog } from './report-of-log.ts';

const noSeries: SeriesResponse = {
  rank: 0,
  available: [],
  points: 0,
  batchRange: null,
  timeRange: null,
  nextSeq: 0,
  indexing: null,
  batch: [],
  batchEnd: [],
  timeMs: [],
  timeEndMs: [],
  figures: {},
};

const decoded = (html: string): string =>
  html
    .replace(/<[^<>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');

export function screensOf(log: string) {
  const { report, snapshot } = reportOfLog(log);
  const nowMs = snapshot.run.lastEventMs ?? 0;
  const sanctum = (width: number, height: number): string =>
    frame(snapshot, {
      ...initialView({ width, height, nowMs }),
      verdict: report,
      timeZone: 'UTC',
      color: false,
    }).join('\n');
  const document = runDocument(report, { nowMs, timeZone: 'UTC', version: '0' });
  const page = drawRun({
    view: {
      id: 'watched',
      name: 'watched',
      snapshot,
      report: { malformed: 0, torn: 0, lost: 0, unknown: 0 },
      problem: null,
      marks: [],
      alarms: [],
      indexing: null,
      etaMs: etaMs(snapshot),
    },
    series: noSeries,
    report,
    nowMs,
  });
  return {
    report: toTerminal(document, { width: 120, color: false }),
    small: sanctum(80, 24),
    large: sanctum(120, 40),
    line: plainLine(snapshot, judgementOf(report, snapshot.run.state, snapshot)),
    page: decoded(page),
  };
}
