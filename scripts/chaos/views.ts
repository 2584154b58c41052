/** Everything that reads a run, in this process: what each makes of it is thrown away, that none throws is not. */

import { RunAnalyser } from '../../src/analysis/index.ts';
import { checkEvent } from '../../src/contract/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import { type LoggedEvent, type ReadReport, readRun } from '../../src/log/index.ts';
import { judgementOf } from '../../src/present/index.ts';
import { emptySnapshot, Reduction, reduceAll } from '../../src/reduce/index.ts';
import { runDocument, toHtml, toMarkdown, toTerminal } from '../../src/report/index.ts';
import { frame, initialView, plainLine } from '../../src/sanctum/index.ts';
import { formats, LineSplitter, TrainerLogParser } from '../../src/watch/index.ts';

const NOW = 1_800_000_000_000;

/** Reads, reduces, analyses and draws. @returns whether reducing live and all at once gave the same */
export async function viewRun(folder: string, report: ReadReport): Promise<boolean> {
  const analyser = new RunAnalyser();
  const live = new Reduction();
  const events: LoggedEvent[] = [];
  for (const batch of readRun(folder, report)) {
    for (const event of batch) {
      analyser.take(event);
      live.add(event);
      events.push(event);
    }
    live.snapshot();
  }
  const snapshot = live.snapshot();
  const verdict = analyser.report(report);
  frame(snapshot, {
    ...initialView({ width: 100, height: 40, nowMs: NOW }),
    verdict,
    report: { malformed: report.malformed, torn: report.torn, unknown: report.unknown, lost: 0 },
  });
  plainLine(snapshot, judgementOf(verdict, snapshot.run.state));
  const document = runDocument(verdict, { nowMs: NOW, timeZone: 'UTC', version: '0' });
  toTerminal(document, { width: 100, color: true });
  toMarkdown(document);
  toHtml(document);
  await prometheusText([{ row: { id: 'run', name: 'run', state: snapshot.run.state }, snapshot }]);
  return JSON.stringify(reduceAll(emptySnapshot(), events)) === JSON.stringify(snapshot);
}

/** Lines of a trainer's log through every format, and through the finding of one. */
export function watchLines(bytes: Buffer): void {
  for (const format of [null, ...formats]) {
    const parser = new TrainerLogParser({
      name: 'chaos',
      source: 'chaos',
      format,
      map: new Map(),
      onEvent: ({ rank, type, data }) => {
        const event = JSON.parse(
          JSON.stringify({ v: '1.0', seq: 0, timeMs: NOW, run: 'r', rank, type, data }),
        );
        const { malformed } = checkEvent(event) as { malformed?: string };
        if (malformed !== undefined) throw new Error(`an event that no reader takes: ${malformed}`);
      },
      onNotice: () => {},
    });
    const splitter = new LineSplitter((text, number) => parser.read(text, number, NOW, true));
    splitter.push(bytes);
    splitter.reset(true);
    parser.end('ended', NOW);
  }
}
