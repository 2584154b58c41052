/**
 * Where a figure of the learner stands once it is declared: prints JSON. Run in a copy of the project that has the figure:
 * `npx tsx test/house/new-figure.ts deadFraction`.
 */
import { stripVTControlCharacters as plain } from 'node:util';
import type { LearnerName, TelemetryEvent } from '../../src/contract/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import { recordFor, recordPage } from '../../src/figures/index.ts';
import { PointReader } from '../../src/query/chart-points.ts';
import { helpRows } from '../../src/sanctum/HelpOverlay.ts';
import { initialView } from '../../src/sanctum/index.ts';
import { figuresOf, ppoCharts } from '../../src/web/charts.ts';
import { emitFixture } from '../wiring/emit-fixture.ts';
import { everything, NOW_MS } from '../wiring/fixture.ts';
import { sampleHost } from '../wiring/host-source.ts';
import { analyse, frame, log, page, reduce, reportText } from '../wiring/real-path.ts';
import { agentOn, ReportedDevice } from '../wiring/trainer-source.ts';

async function main(name: LearnerName): Promise<void> {
  const device = new ReportedDevice(everything.PPO_UPDATE_COMPLETED.memory![0]!);
  const agent = await agentOn(device);
  const read = log(sink => emitFixture({ agent, device, sampleHost }, everything, sink));
  const snapshot = reduce(read.events);
  const report = analyse(read);
  const reader = new PointReader(true);
  const points = (read.events as TelemetryEvent[]).flatMap(event => {
    reader.take(event);
    return reader.point(event) ?? [];
  });
  const row = { id: 'a', name: 'a', state: 'running' };
  const view = initialView({ width: 120, height: 40, nowMs: NOW_MS });
  console.log(
    JSON.stringify({
      sanctum: plain(frame(snapshot, NOW_MS, read, report)),
      page: page(snapshot, NOW_MS, read),
      chart: ppoCharts.some(({ id }) => id === name) && figuresOf(null, []).includes(name),
      series: points.at(-1)?.figures[name] ?? null,
      history: snapshot.ranks[0]!.history[name as 'entropy']?.at(-1) ?? null,
      report: plain(reportText(report, NOW_MS)),
      metrics: await prometheusText([{ row, snapshot }]),
      help: helpRows(view, 100)
        .flat()
        .map(({ text }) => text),
      record: recordPage(recordFor(name)!, null),
    }),
  );
}

main(process.argv[2] as LearnerName).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
