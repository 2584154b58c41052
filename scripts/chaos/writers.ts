/** A writer that is killed again and again, in TypeScript and in Python: what it acknowledged is in the log, once, in order. */
import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyReport, readRun, writerState } from '../../src/log/index.ts';
import { emptySnapshot, Reduction, reduceAll } from '../../src/reduce/index.ts';
import { bundle } from '../../test/faults/spawn-trainer.ts';
import type { Play } from './play.ts';

/** What a crash, a copy or another program may leave at a log's end. */
const LEFT = ['{"seq":1e999}\n', '\n\n', '{"v":"1.0","se', '\0\0\n'];

/** Prints each seq once its event was written. */
const PYTHON = `
import sys
import esper_telemetry as esper
run = esper.start("chaos", runs=sys.argv[1], run_id="killed-python", sample_host=0, sample_driver=0)
for batch in range(1, 10 ** 9):
    run.ppo_update(batch=batch, policy_loss=0.5, extra={"name": "\\u00e9" * (batch % 500)})
    sys.stdout.write(f"{batch}\\n")
    sys.stdout.flush()
`;

/** @returns the folder of the TypeScript writer's run */
export async function killWriters(play: Play, kills: number): Promise<string> {
  const script = bundle('trainer.ts', play.folder);
  const typescript = join(play.folder, 'killed');
  const python = join(play.folder, 'killed-python');
  const acknowledged = { typescript: [] as number[], python: [] as number[] };
  for (let kill = 0; kill < kills; kill++) {
    const kind = kill % 5 === 4 ? 'python' : 'typescript';
    const run = kind === 'python' ? python : typescript;
    const child =
      kind === 'python'
        ? play.start('python3', ['-c', PYTHON, play.folder], {
            env: { ESPER_RUN_ID: 'killed-python', PYTHONPATH: resolve('python') },
            stdio: ['ignore', 'pipe', 'ignore'],
          })
        : play.start(process.execPath, [script, run], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout!.setEncoding('latin1').on('data', text => {
      output += text;
    });
    const ended = new Promise(resolve => child.once('close', resolve));
    await Promise.race([new Promise(resolve => child.stdout!.once('data', resolve)), ended]);
    await sleep(play.random() * 30);
    if (play.random() < 0.2) {
      play.signal(child.pid, 'SIGSTOP');
      await sleep(10);
    }
    play.signal(child.pid, 'SIGKILL');
    await ended;
    // The last piece is the line that the kill cut off, or nothing.
    acknowledged[kind].push(...output.split('\n').slice(0, -1).map(Number));
    play.check(writerState(run, 0) === 'gone', `a killed ${kind} writer is seen as gone`);
    if (play.random() < 0.2) appendFileSync(join(run, 'events-0.jsonl'), play.one(LEFT));
  }
  let lost = 0;
  for (const [kind, run] of [
    ['typescript', typescript],
    ['python', python],
  ] as const) {
    if (acknowledged[kind].length === 0) continue;
    const events = [...readRun(run, emptyReport())].flat();
    const seqs = new Set(events.map(({ seq }) => seq));
    play.check(seqs.size === events.length, `an event is in the ${kind} log twice`);
    // Python counts by its batches: the same number comes again with every start.
    const written =
      kind === 'typescript'
        ? seqs
        : new Set(
            events.flatMap(event =>
              event.type === 'PPO_UPDATE_COMPLETED' ? (event.data as { batch: number }).batch : [],
            ),
          );
    const missing = acknowledged[kind].filter(number => !written.has(number)).length;
    const updates = events.filter(({ type }) => type === 'PPO_UPDATE_COMPLETED').length;
    lost += missing + Math.max(0, acknowledged[kind].length - updates);
    const whole = reduceAll(emptySnapshot(), events);
    const reduction = new Reduction();
    for (const event of events) {
      reduction.add(event);
      if (play.random() < 0.01) reduction.snapshot();
    }
    play.check(
      JSON.stringify(reduction.snapshot()) === JSON.stringify(whole),
      `a live reduction of the ${kind} log equals a replay`,
    );
  }
  const count = acknowledged.typescript.length + acknowledged.python.length;
  play.check(lost === 0, `${lost} acknowledged events are not in the log`);
  console.log(`${kills} kills of a writer: ${count} acknowledged events, ${lost} lost`);
  return typescript;
}
