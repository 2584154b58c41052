/** The stages after the sources, as they are: a log file on disk, the reducer, Sanctum and Overwatch; the analysis, its report. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyseRun } from '../../src/analysis/index.ts';
import type { LineSink, TelemetryEvent } from '../../src/contract/index.ts';
import { emptyReport, LogWriter, readRun } from '../../src/log/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { runDocument, toTerminal } from '../../src/report/index.ts';
import { frame as drawn, initialView } from '../../src/sanctum/index.ts';
import { runResponses } from '../../src/serve/index.ts';
import { drawRun } from '../../src/web/index.ts';
import type { Path, ReadBack } from './path.ts';

/** A terminal on which every widget has room for all it may show. */
const SIZE = { width: 200, height: 60 };

export function log(write: (sink: LineSink) => void): ReadBack {
  const folder = mkdtempSync(join(tmpdir(), 'esper-verify-'));
  try {
    const writers = new Map<number, LogWriter>();
    write({
      append: line => {
        const { rank } = JSON.parse(line) as TelemetryEvent;
        const writer = writers.get(rank) ?? new LogWriter(folder, { rank });
        writers.set(rank, writer);
        writer.append(line);
      },
    });
    for (const writer of writers.values()) writer.close();
    const report = emptyReport();
    const events = [...readRun(folder, report)].flat();
    return { events, report };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const reduce: Path['reduce'] = events => reduceAll(emptySnapshot(), events);

export const frame: Path['frame'] = (snapshot, nowMs, { report: { malformed, torn, unknown } }, verdict) => {
  const lost = snapshot.ranks.reduce((sum, rank) => sum + rank.lostEvents, 0);
  const report = { malformed, torn, unknown, lost };
  return drawn(snapshot, { ...initialView({ ...SIZE, nowMs }), color: true, report, verdict }).join('\n');
};

export const page: Path['page'] = (snapshot, nowMs, { events, report }) =>
  drawRun({ ...runResponses(events, snapshot, report), nowMs });

export const analyse: Path['analyse'] = ({ events }) => analyseRun([events]);

export const reportText: Path['reportText'] = (report, nowMs) => {
  const document = runDocument(report, { nowMs, timeZone: 'UTC', version: '0' });
  return toTerminal(document, { width: SIZE.width, color: true });
};
