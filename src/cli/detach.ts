/** A training that is left alone: it has begun, and its starter goes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RunAnalyser } from '../analysis/index.ts';
import { emptyReport, nextSeqOf, type RunFolder } from '../log/index.ts';
import { emptySnapshot } from '../reduce/index.ts';
import { conclude } from './attach.ts';
import { commandLine, runWord } from './invocation.ts';
import { loadRun } from './load-run.ts';
import { say } from './say.ts';
import type { TrainerProcess } from './trainer-process.ts';

const LOOK_MS = 100;
/** A trainer that has recorded nothing by then is left alone all the same: loading a library may take its time. */
const PATIENCE_MS = 30_000;

/** Waits until the trainer has recorded that it began; prints how to look and how to stop it. @returns the exit code */
export async function leaveAlone(run: RunFolder, trainer: TrainerProcess): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  // Two events: that it started, and a sample of the host.
  while (trainer.running && nextSeqOf(run.path, 0) < trainer.firstSeq + 2 && performance.now() < deadline)
    await Promise.race([trainer.exited, sleep(LOOK_MS)]);
  if (!trainer.running) {
    const began = nextSeqOf(run.path, 0) > trainer.firstSeq;
    const analyser = new RunAnalyser();
    return conclude(
      run,
      began ? loadRun(run.path, emptyReport(), null, event => analyser.take(event)) : emptySnapshot(),
      began ? analyser.report() : null,
      trainer,
      await trainer.exited,
    );
  }
  const word = runWord(run.path);
  say(`Run ${run.id} trains on by itself (process ${trainer.pid}).`);
  say(`To look: ${commandLine('sanctum', [word])}`);
  say(`To stop it: ${commandLine('esper', ['stop', word])}`);
  return 0;
}
