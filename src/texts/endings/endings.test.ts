import { describe, expect, test } from 'vitest';
import { isLastWords, readEnding } from './index.ts';

describe('endings that other programs report', () => {
  test.each([
    ['Killed', { kind: 'signal', signal: 9 }],
    ['**Killed**', { kind: 'signal', signal: 9 }],
    ['`Killed`', { kind: 'signal', signal: 9 }],
    [
      'run.sh: line 28:  8156 Killed                  python3 train.py',
      { kind: 'signal', signal: 9, pid: 8156 },
    ],
    [
      'StdErr: "/var/spool/job7/script: line 28:  8156 Killed                  python3 main.py --lr 0.1',
      { kind: 'signal', signal: 9, pid: 8156, process: 'python3' },
    ],
    [
      '(raylet) A worker died or was killed while executing a task by an unexpected system error. RayTask ID: ff Worker PID: 4711 Worker exit type: SYSTEM_ERROR',
      { kind: 'silent', by: 'ray', pid: 4711 },
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
    ['srun: error: node01: tasks 0-3: Killed', { kind: 'signal', signal: 9, by: 'slurm' }],
    ['oom_reaper: reaped process 2345 (python), now anon-rss:0kB', { kind: 'host memory', pid: 2345 }],
    ['systemd[1]: a.service: A process of this unit has been killed by the OOM killer.', { by: 'systemd' }],
    ['systemd[1]: a.service: Main process exited, code=killed, status=9/KILL', { kind: 'signal', signal: 9 }],
    [
      'earlyoom[9]: sending SIGTERM to process 12 uid 1000 "python": badness 905, VmRSS 25123 MiB',
      { kind: 'host memory', by: 'earlyoom', pid: 12, heldBytes: 25123 * 2 ** 20 },
    ],
    [
      'slurmstepd: error: Job 1 exceeded memory limit (10489604 > 10485760), being killed',
      { kind: 'host memory', by: 'slurm', heldBytes: 10489604 * 1024 },
    ],
    ['1234.batch   batch   abc   16 OUT_OF_ME+    0:125 ', { kind: 'host memory', by: 'slurm' }],
    ['1234         train    TIMEOUT      0:0 ', { kind: 'time limit', by: 'slurm' }],
    ['State: OUT_OF_MEMORY (exit code 0)', { kind: 'host memory', by: 'slurm' }],
    [
      '*** STEP 1.0 ON n1 CANCELLED AT 2024-04-20T09:09:37 DUE TO NODE n2 FAILURE ***',
      { kind: 'node failure' },
    ],
    ['srun: error: Node failure on gpu02', { kind: 'node failure' }],
    ['=>> PBS: job killed: mem 135266304kb exceeded limit 134217728kb', { kind: 'host memory', by: 'pbs' }],
    ['Job has gone over memory limit of 16384 megabytes.', { kind: 'host memory', by: 'htcondor' }],
    ['Message: Pod was active on the node longer than the specified deadline', { kind: 'time limit' }],
    ['The node was low on resource: ephemeral-storage. Threshold', { kind: 'evicted', by: 'kubernetes' }],
    ['"ExitCode": 137,', { kind: 'signal', signal: 9, exitCode: 137 }],
    ['abc  train:1  "python"  2 hours ago  Exited (137) 3 minutes ago', { kind: 'signal', signal: 9 }],
    ['The command returned a non-zero code: 137', { kind: 'signal', signal: 9 }],
    ['process 0 terminated with signal SIGKILL', { kind: 'signal', signal: 9 }],
    ['process 0 terminated with signal SIGILL', { kind: 'signal', signal: 4 }],
    ['Process 140 got signal: 15', { kind: 'signal', signal: 15, pid: 140 }],
    ['Received 1 death signal, shutting down workers', { kind: 'signal', signal: 1 }],
    ['Command terminated by signal 9', { kind: 'signal', signal: 9 }],
    [
      'DataLoader worker (pid 29166) is killed by signal: Killed. ',
      { kind: 'signal', signal: 9, pid: 29166, by: 'data loader' },
    ],
    ['[1]    12345 killed     python train.py', { kind: 'signal', signal: 9, pid: 12345 }],
    ['Killed: 9', { kind: 'signal', signal: 9 }],
    ['Your session crashed after using all available RAM.', { kind: 'host memory', by: 'colab' }],
    [
      'The worker may have exceeded K8s pod memory limits. The process receives a SIGTERM.',
      { kind: 'silent', by: 'ray', scope: 'container' },
    ],
    ['The kernel appears to have died. It will restart automatically.', { kind: 'silent', by: 'jupyter' }],
    [
      'There are some potential root causes. (1) The process is killed by SIGKILL by OOM killer due to high memory usage.',
      { kind: 'silent', by: 'ray' },
    ],
    ['Timed out after 601 seconds waiting for clients. 1/2 clients joined.', { kind: 'rendezvous timeout' }],
    [
      'ncclRemoteError: A call failed possibly due to a network error',
      { kind: 'connection lost', by: 'nccl' },
    ],
    ['The GPU is lost. Reboot the system to recover this GPU', { kind: 'device fault', xid: 79 }],
    [
      '[PG ID 0 PG GUID 0(default_pg) Rank 3] Exception (either an error or timeout) detected by watchdog at work: 19, last enqueued NCCL work: 22, last completed NCCL work: 18.',
      {
        kind: 'collective timeout',
        collectives: [{ rank: 3, work: 19, lastEnqueued: 22, lastCompleted: 18 }],
      },
    ],
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
      'The training finished after 3 epochs.',
      'Training completed',
      'Finished training in 3 h',
      'Training time 5:47:14',
      '[07:20:32.390498] Training time 1 day, 0:47:14',
      'Training time: 0:02:05.123456',
      '`Trainer.fit` stopped: `max_epochs=3` reached.',
      'INFO 2026-06-12 18:27:59 ot_train.py:438 End of training',
      '===== END OF TRAINING =====',
      '训练完成。最佳 accuracy : 99.5%',
      '2026-01-02 10:20:30 - INFO - 训练结束',
      '✅ 学習が完了しました',
    ])
      expect(isLastWords(line), line).toBe(true);
    for (const line of [
      'training 20% complete',
      'training not finished',
      'trained',
      'Got an error after the training finished, not sure why.',
      'It crashes before my training is done',
      'what happens once training complete?',
      'Saving the model at the end of training',
      'end of training epoch 3',
      '第 3 轮训练完成',
      'epoch 3 训练完成',
      '训练集加载完成',
    ])
      expect(isLastWords(line), line).toBe(false);
  });
});
