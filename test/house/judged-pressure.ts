/**
 * What each place makes of one pressure: prints JSON. Run in the project or in a copy of it:
 * `npx tsx test/house/judged-pressure.ts 0.93`.
 */
import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters as plain } from 'node:util';
import { analyseRun } from '../../src/analysis/index.ts';
import { GIB } from '../../src/base/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import { recordFor } from '../../src/figures/index.ts';
import { Reduction } from '../../src/reduce/index.ts';
import { nearness } from '../../src/report/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import { event, reading, update } from '../events.ts';

const CLIENT = 'import json, esper_telemetry.figures as f; print(json.dumps(f.PRESSURE_CRITICAL))';

async function main(pressure: number): Promise<void> {
  // A pool of 1 GiB on a device of 10, half of it free: 6 are to be had.
  const memory = reading(0.5, 1, {
    deviceTotalBytes: 10 * GIB,
    deviceFreeBytes: 5 * GIB,
    inactiveSplitBytes: 0,
    peakActiveBytes: Math.round(pressure * 6 * GIB),
    peakScope: 'update',
  });
  const log = [
    event('TRAINING_STARTED', { name: 'tight' }),
    ...Array.from({ length: 20 }, (_, i) => update(i + 1, [memory])),
  ];
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
