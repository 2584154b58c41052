/**
 * What each place makes of one pressure: prints JSON. Run in the project or in a copy of it:
 * `npx tsx test/house/judged-pressure.ts 0.93`.
 */
import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters as plain } from 'node:util';
import { analyseRun } from '../../src/analysis/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import { recordFor } from '../../src/figures/index.ts';
import { Reduction } from '../../src/reduce/index.ts';
import { nearness } from '../../src/report/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import { pressed } from '../events.ts';

const CLIENT = 'import json, esper_telemetry.figures as f; print(json.dumps(f.PRESSURE_CRITICAL))';

async function main(pressure: number): Promise<void> {
  const log = pressed(pressure, 5);
  const reduction = new Reduction();
  const notices = log.flatMap(next => [...reduction.add(next)]);
  const snapshot = reduction.snapshot();
  const view = initialView({ width: 120, height: 36, nowMs: snapshot.run.lastEventMs! });
  const rows = frame(snapshot, view).map(plain);
  const metrics = await prometheusText([{ row: { id: 'r', name: 'tight', state: 'running' }, snapshot }]);
  const report = analyseRun([log]);
  const { stdout } = spawnSync('python3', ['-c', CLIENT], { cwd: 'python', encoding: 'utf8' });
  console.log(
    JSON.stringify({
      header: rows.slice(0, 3).join(' ').includes('⚠'),
      banner: rows.join(' ').includes('CRITICAL'),
      alarms: notices.map(({ rule, level }) => `${rule} ${level}`),
      report: nearness(report.devices[0]!, report, false).tone,
      prometheus: /^esper_memory_alarm\{[^}]*\} 1$/m.test(metrics),
      client: JSON.parse(stdout),
      summary: recordFor('pressureFraction')!.summary,
    }),
  );
}

main(Number(process.argv[2])).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
