/** Other memory than the device's, and others on the device: whose it was, the largest piece of several, many processes of one size. Values invented. */
import { expect, test } from 'vitest';
import { expectAnswer, type Pasted, watchedTruly } from './pasted.ts';

interface Row extends Pasted {
  whose: 'GPU' | 'host' | null;
}
const overflow = (held: string, least: number) =>
  `2031-02-03 04:05:06 [51,200ms] [Error] [omni.physx.plugin] PhysX error: ${held} buffer overflow detected, please increase its size to at least ${least} in the scene desc!`;
const notPinned = (bytes: number) =>
  `2031-02-03 04:05:06.789012: E external/xla/stream_executor/cuda/cuda_driver.cc:802] failed to alloc ${bytes} bytes on host: CUDA_ERROR_OUT_OF_MEMORY: out of memory`;
const beside = (processes: [pid: number, gib: string][]) =>
  `OutOfMemoryError: CUDA out of memory. Tried to allocate 60.00 MiB. GPU 0 has a total capacity of 39.50 GiB of which 31.00 MiB is free. ${processes.map(([pid, gib]) => `Process ${pid} has ${gib} GiB memory in use. `).join('')}Including non-PyTorch memory, this process has 28.47 GiB memory in use. Of the allocated memory 25.10 GiB is allocated by PyTorch, and 900.00 MiB is reserved by PyTorch but unallocated.`;

const stat = (index: number, used: number, holders: string) =>
  `[${index}] Tesla P4         | 51'C,   0 % | ${used} / 7611 MB | ${holders}`;
const tensor = 'ResourceExhaustedError: OOM when allocating tensor with shape[4096,500]\n\n';
const ipython =
  '---------------------------------------------------------------------------\nRuntimeError                              Traceback (most recent call last)\n<ipython-input-9-1a2b3c4d5e6f> in <module>()\n----> 1 net.cuda()\n\n/w/lib/python3.5/site-packages/torch/nn/modules/module.py in cuda(self, device)\n    214             copied to that device\n--> 215         return self._apply(lambda t: t.cuda(device))\n\nRuntimeError: cuda runtime error (2) : out of memory at /b/THCStorage.cu:66\n';

const rows: Record<string, Row> = {
  'pinned memory that a program asks for again and again, larger': {
    text: [notPinned(157286400), notPinned(536870912), notPinned(536870912)].join('\n'),
    whose: 'host',
    says: ['page-locked host memory', '512.00 MiB was asked for'],
    never: ['150.00 MiB'],
  },
  'pinned memory, smaller pieces after the first': {
    text: [notPinned(536870912), notPinned(157286400)].join('\n'),
    whose: 'host',
    says: ['512.00 MiB was asked for'],
  },
  'a limit on what may be locked for a network card': {
    text: 'node1:71:99 [0] transport/net_ib.cc:230 NCCL WARN Call to ibv_reg_mr failed with error Cannot allocate memory',
    whose: null,
    says: ['ulimit -l unlimited'],
  },
  'a simulator’s buffer that has to be larger each time': {
    text: [overflow('Patch', 190210), overflow('Patch', 190344), overflow('Patch', 190290)].join('\n'),
    whose: null,
    says: ['maxRigidPatchCount has to be 190344 at least', 'sim.physx.gpu_max_rigid_patch_count'],
    never: ['190210', '190290'],
  },
  'another buffer is another setting': {
    text: [overflow('Patch', 190210), overflow('Contact', 9000100)].join('\n'),
    whose: null,
    says: ['maxRigidPatchCount has to be 190210 at least'],
    never: ['9000100'],
  },
  'a process that a bus error killed': {
    text: 'torch.distributed.elastic.multiprocessing.errors.ChildFailedError:\nRoot Cause (first observed failure):\n[0]:\n  rank      : 2 (local_rank: 2)\n  exitcode  : -7 (pid: 5150)\n  traceback : Signal 7 (SIGBUS) received by PID 5150\n',
    whose: 'host',
    says: ['killed by SIGBUS', '/dev/shm', 'rank 2'],
  },
  'a process that crashed': {
    text: 'torch.distributed.elastic.multiprocessing.errors.ChildFailedError:\nRoot Cause (first observed failure):\n[0]:\n  rank      : 2 (local_rank: 2)\n  exitcode  : -11 (pid: 5150)\n  traceback : Signal 11 (SIGSEGV) received by PID 5150\n',
    whose: null,
    says: ['SIGSEGV'],
    never: ['/dev/shm'],
  },
  'a step whose processes could not be killed': {
    text: '[2031-02-03T04:05:06.789] [712.0] error: *** STEP 712.0 ON n3 CANCELLED AT 2031-02-03T04:05:06 ***\n[2031-02-03T04:06:07.001] [712.0] error: *** STEP 712.0 STEPD TERMINATED ON n3 AT 2031-02-03T04:06:07 DUE TO JOB NOT ENDING WITH SIGNALS ***\n',
    whose: null,
    says: ['was cancelled', 'did not end', 'Slurm ended its own daemon', 'state D'],
  },
  'a step that was cancelled and ended': {
    text: '[2031-02-03T04:05:06.789] [712.0] error: *** STEP 712.0 ON n3 CANCELLED AT 2031-02-03T04:05:06 ***\n[2031-02-03T04:05:08.001] [712.0] done with job\n',
    whose: null,
    says: ['was cancelled'],
    never: ['did not end', 'state D'],
  },
  'many processes of one size beside a larger one': {
    text: beside([
      [601, '1.57'],
      [602, '1.57'],
      [603, '1.57'],
      [604, '1.57'],
      [605, '1.57'],
      [606, '1.57'],
      [607, '1.57'],
    ]),
    whose: 'GPU',
    says: [
      'processes 601, 602, 603, 604, 605, 606, 607 have 1.57 GiB each',
      'other ranks',
      'set_device(local_rank)',
    ],
    never: ['process 604 has'],
  },
  'one full device beside others that nobody uses': {
    text: `${tensor}${[stat(0, 7402, 'mia(7360M)'), stat(1, 90, 'mia(50M)'), stat(2, 90, 'mia(50M)')].join('\n')}\n`,
    whose: 'GPU',
    says: ['The other devices are nearly unused', 'by local rank'],
  },
  'one full device beside others that are in use': {
    text: `${tensor}${[stat(0, 7402, 'mia(7360M)'), stat(1, 7390, 'mia(7350M)'), stat(2, 90, 'mia(50M)')].join('\n')}\n`,
    whose: 'GPU',
    says: ['nearly all of it is in use'],
    never: ['nearly unused'],
  },
  'IPython’s traceback behind the library’s own line': {
    text: `THCudaCheck FAIL file=/b/THCStorage.cu line=66 error=2 : out of memory\n${ipython}`,
    whose: 'GPU',
    says: ['ipython-input-9-1a2b3c4d5e6f>, line 1'],
  },
  'IPython’s traceback alone': {
    text: ipython,
    whose: 'GPU',
    says: ['ipython-input-9-1a2b3c4d5e6f>, line 1'],
  },
  'an integrated GPU’s small part of the host’s memory, refused though it has room': {
    text: 'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 512.00 MiB of which 290.00 MiB is free. Of the allocated memory 150.00 MiB is allocated by PyTorch, and 8.00 MiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['too small as configured: 512.00 MiB in all', '290.00 MiB of cuda:0 is free', 'UMA'],
  },
  'a card of its own memory, refused though it has room': {
    text: 'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 15.98 GiB of which 12.00 GiB is free. Of the allocated memory 1.50 GiB is allocated by PyTorch, and 8.00 MiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['was refused though 12.00 GiB'],
    never: ['as configured', 'UMA'],
  },
  'several of unlike sizes are named each, and are no ranks': {
    text: beside([
      [601, '10.00'],
      [602, '0.50'],
      [603, '0.50'],
    ]),
    whose: 'GPU',
    says: ['process 601 has 10.00 GiB', 'process 603 has 512.00 MiB'],
    never: ['other ranks', 'local_rank'],
  },
};

for (const [name, { whose, ...pasted }] of Object.entries(rows))
  test(name, () => {
    expect(expectAnswer(pasted).whose).toBe(whose);
  });

test('refusals behind the last report are in the report, of a training that none of them ended', () => {
  const skipped =
    'WARNING: skipping batch: CUDA out of memory. Tried to allocate 1.25 GiB. GPU 0 has a total capacity of 24.00 GiB of which 800.00 MiB is free. Of the allocated memory 20.10 GiB is allocated by PyTorch, and 1.50 GiB is reserved by PyTorch but unallocated.';
  const step = (number: number) =>
    `{'loss': ${2 - number / 10}, 'grad_norm': 1.0, 'learning_rate': 1e-05, 'epoch': 0.${number}}`;
  const { report } = watchedTruly(step(1), skipped, step(2), skipped, step(3));
  expect(report.devices.map(({ ooms, updatesAtTheWall }) => [ooms, updatesAtTheWall])).toEqual([[2, 2]]);
});
