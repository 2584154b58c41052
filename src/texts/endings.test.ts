import { describe, expect, test } from 'vitest';
import { isLastWords, readEnding } from './index.ts';

describe('endings that other programs tell', () => {
  test.each([
    ['Killed', { kind: 'signal', signal: 9 }],
    [
      'run.sh: line 28:  8156 Killed                  python3 train.py',
      { kind: 'signal', signal: 9, pid: 8156 },
    ],
    ['zsh: killed     python train.py', { kind: 'signal', signal: 9 }],
    ['slurmstepd: error: Detected 1 oom-kill event(s) in StepId=1.0', { kind: 'host memory', by: 'slurm' }],
    ['srun: error: n1: task 0: Out Of Memory', { kind: 'host memory', rank: 0 }],
    [
      '[launch.py:325:sigkill_handler] exits with return code = -9',
      { kind: 'signal', signal: 9, exitCode: -9 },
    ],
    [
      'api.py:869] failed (exitcode: -9) local_rank: 2 (pid: 311) of binary',
      { kind: 'signal', rank: 2, pid: 311 },
    ],
    ['  traceback : Signal 9 (SIGKILL) received by PID 311', { kind: 'signal', signal: 9, pid: 311 }],
    [
      '(raylet) 2 Workers (tasks / actors) killed due to memory pressure (OOM)',
      { kind: 'host memory', by: 'ray' },
    ],
    [
      'Memory on the node (IP: 10.0.0.1) where the task was running was 239.51GB / 251.56GB (0.952), which exceeds',
      { kind: 'host memory', scope: 'machine', totalBytes: Math.round(251.56 * 2 ** 30) },
    ],
    [
      'oom-kill:constraint=CONSTRAINT_MEMCG,task=python,pid=7',
      { kind: 'host memory', scope: 'container', pid: 7 },
    ],
    ['*** JOB 7 ON n1 CANCELLED AT 2024-04-20T09:09:37 DUE TO TIME LIMIT ***', { kind: 'time limit' }],
    ['*** STEP 7.0 ON n1 CANCELLED AT 2024-04-20T09:09:37 ***', { kind: 'cancelled' }],
    ['*** JOB 7 ON n1 CANCELLED AT 2024-04-20T09:09:37 DUE TO PREEMPTION ***', { kind: 'preempted' }],
    ['*** JOB 7 ON n1 CANCELLED AT 2024-04-20T09:09:37 DUE TO NODE FAILURE ***', { kind: 'node failure' }],
    ['    Reason:       OOMKilled', { kind: 'host memory', by: 'kubernetes' }],
    ['    Exit Code:    137', { kind: 'signal', signal: 9, exitCode: 137 }],
    ['process rank 3 with PID 0 on node n1 exited on signal 9 (Killed).', { kind: 'signal', rank: 3 }],
    [
      'NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, GPU has fallen off the bus.',
      { kind: 'device fault', xid: 79 },
    ],
    ['=>> PBS: job killed: walltime 3610 exceeded limit 3600', { kind: 'time limit', by: 'pbs' }],
    ['srun: error: node1: task 1: Exited with exit code 1', { kind: 'launcher', exitCode: 1 }],
  ])('%s', (line, ending) => {
    expect(readEnding(line)).toMatchObject({ ...ending, evidence: line.trim() });
  });

  test.each(['He killed it', 'Thread 0 Killed all workers', 'return code = 0', 'exit code: 0', 'loss 0.1'])(
    'none: %s',
    line => {
      expect(readEnding(line)).toBeNull();
    },
  );

  test('last words, and words that only hold them', () => {
    for (const line of [
      'INFO training done',
      'Training completed',
      'Finished training in 3 h',
      '`Trainer.fit` stopped: `max_epochs=3` reached.',
    ])
      expect(isLastWords(line), line).toBe(true);
    for (const line of ['training 20% complete', 'training not finished', 'trained'])
      expect(isLastWords(line), line).toBe(false);
  });
});
