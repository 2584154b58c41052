/** What ended a training, in texts as people paste them: what is beside the line of the end counts too. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';

interface Row {
  text: string;
  says: (string | RegExp)[];
  never?: (string | RegExp)[];
}

const frames = (
  code: string,
  file = '/env/lib/python3.11/site-packages/torch/utils/data/_utils/pin_memory.py',
) =>
  `Traceback (most recent call last):\n  File "/w/run.py", line 3, in <module>\n    main()\n  File "${file}", line 60, in step\n    ${code}\n`;
const watchdog = (rank: number, work: number, operation = 'ALLREDUCE') =>
  `[E ProcessGroupNCCL.cpp:475] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=${work}, OpType=${operation}, Timeout(ms)=1800000) ran for 1800${rank}00 milliseconds before timing out.\n`;

const rows: Record<string, Row> = {
  'a frame that pins host memory': {
    text: `${frames('return sample.pin_memory(device)')}RuntimeError: CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call.\n`,
    says: ['page-locked host memory'],
    never: ['CUDA driver'],
  },
  'the same frame without its traceback’s head': {
    text: `${frames('return buffer.pin_memory()', '/w/accelerator.py').split('\n').slice(3).join('\n')}RuntimeError: CUDA error: out of memory\n`,
    says: ['page-locked host memory'],
  },
  'a frame that pins, further out': {
    text: `${frames('batch = pin_memory(batch)')}  File "/w/net.py", line 8, in forward\n    x = conv(x)\n  File "/w/conv.py", line 9, in call\n    return op(x)\nRuntimeError: CUDA error: out of memory\n`,
    says: ['CUDA driver'],
    never: [/^Not out of GPU memory/],
  },
  'a frame that pins, and the allocator’s own text': {
    text: `${frames('batch = pin_memory(batch)')}torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.65 GiB of which 1.02 GiB is free. Of the allocated memory 21.00 GiB is allocated by PyTorch, and 30.00 MiB is reserved by PyTorch but unallocated.\n`,
    says: ['full of the training’s own tensors'],
    never: ['page-locked'],
  },
  'TensorFlow’s pinned memory': {
    text: '2025-02-02 09:22:17.2: E tensorflow/stream_executor/cuda/cuda_driver.cc:802] failed to alloc 17179869184 bytes on host: CUDA_ERROR_OUT_OF_MEMORY: out of memory\n',
    says: ['page-locked host memory', '16.00 GiB', 'how the training went on is not in it'],
    never: ['failed ('],
  },
  'what TensorFlow’s allocator prints of itself, behind the error': {
    text: '2020-10-15 17:15:39.4: W tensorflow/core/common_runtime/bfc_allocator.cc:431] Allocator (GPU_0_bfc) ran out of memory trying to allocate 1.50GiB (rounded to 1610612736)requested by op a\n2020-10-15 17:15:39.5: I tensorflow/core/common_runtime/bfc_allocator.cc:1049] Stats: \nLimit:                  8589934592\nInUse:                  8053063680\nMaxInUse:               8589934592\n',
    says: ['may use 8.00 GiB', 'hold 7.50 GiB', '94%', '512.00 MiB is left'],
    never: ['pieces', 'set_per_process_memory_fraction'],
  },
  'the same before it, with room in pieces': {
    text: 'Limit:                  8589934592\nInUse:                  4294967296\nMaxInUse:               8589934592\n2020-10-15 17:15:39.6: W tensorflow/core/framework/op_kernel.cc:1753] OP_REQUIRES failed at a.cc:1 : Resource exhausted: OOM when allocating tensor with shape[268435456] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc\n',
    says: ['may use 8.00 GiB', 'hold 4.00 GiB', '4.00 GiB that is left is in pieces'],
  },
  'a table of limits that is nobody’s error': {
    text: 'Limit:                  8589934592\nInUse:                  4294967296\nRuntimeError: shapes do not match\n',
    says: ['shapes do not match'],
    never: ['8.00 GiB'],
  },
  'NCCL’s segment, and the error that does not name it': {
    text: 'n1:96:99 [6] misc/shmutils.cc:71 NCCL WARN Error: failed to extend /dev/shm/nccl-abcdef to 4194308 bytes\nTraceback (most recent call last):\n  File "/w/t.py", line 3, in <module>\n    dist.all_reduce(x)\ntorch.distributed.DistBackendError: NCCL error in: ../torch/csrc/x.cpp:1275, unhandled system error, NCCL version 2.14.3\n',
    says: ['(DistBackendError)', '/dev/shm', 'is full', '4.00 MiB'],
  },
  'NCCL’s older words for it': {
    text: '[3] include/shm.h:28 NCCL WARN Call to posix_fallocate failed : No space left on device\n',
    says: ['/dev/shm'],
    never: ['disk'],
  },
  'shared memory that it may not open': {
    text: 'n8:27:30 [0] include/shm.h:27 NCCL WARN Call to shm_open failed : Permission denied\nRuntimeError: NCCL error in: x.cpp:290, unhandled system error\n',
    says: ['may not write to /dev/shm'],
    never: ['is full'],
  },
  'NCCL’s error alone': {
    text: 'torch.distributed.DistBackendError: NCCL error in: x.cpp:1275, unhandled system error, NCCL version 2.14.3\n',
    says: ['a call of NCCL to the system failed', 'NCCL_DEBUG'],
    never: ['is full'],
  },
  'a capacity of the simulator': {
    text: '/b/PxgAABBManager.cpp (1048) : invalid parameter : The application needs to increase PxGpuDynamicsMemoryConfig::foundLostPairsCapacity to 7340032 , otherwise, the simulation will miss interactions\n',
    says: ['Not out of GPU memory', 'foundLostPairsCapacity has to be 7340032 at least'],
  },
  'the simulator’s pinned memory behind a fault': {
    text: '/b/PxgNarrowphaseCore.cpp (2408) : internal error : memcpy failed fail!\n  700\n/b/PxgCudaMemoryAllocator.cpp (59) : warning : Failed to allocate pinned memory.\n',
    says: ['it follows from that'],
    never: ['ulimit -l`, or give the host more memory.\n'],
  },
  'cuDNN without a reason': {
    text: 'RuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR\n',
    says: ['does not say why', 'no memory left for its workspace', 'nvidia-smi'],
  },
  'a device that is not there': {
    text: 'RuntimeError: CUDA error: invalid device ordinal\n',
    says: ['Not out of memory', 'CUDA_VISIBLE_DEVICES'],
  },
  'a watchdog’s line that was cut before its operation': {
    text: '[rank2]:[E ProcessGroupNCCL.cpp:563] [Rank 2] Watchdog caught collective operation timeout:\nWorkNCCL(SeqNum=31, OpType=BROADCAST, NumelIn=1, NumelOut=1, Timeout(ms)=600000) ran for 600093\nmilliseconds before timing out.\n',
    says: ['BROADCAST, work 31, limit 600 s, ran 600093 ms'],
  },
  'a watchdog’s line that was cut within its words': {
    text: '[rank1]:[E ProcessGroupNCCL.cpp:563] [Rank 1] Watchdog caught collective operation\ntimeout: WorkNCCL(SeqNum=8, OpType=_ALLGATHER_BASE, NumelIn=1, NumelOut=1, Timeout(ms)=600000) ran for 600001 milliseconds\n',
    says: ['_ALLGATHER_BASE, work 8, limit 600 s', 'rank 1 waited; rank 0 has no line'],
  },
  'ranks in different works, before the last completed one was printed': {
    text: watchdog(0, 96) + watchdog(1, 96) + watchdog(2, 64),
    says: ['Behind the others: rank 2, in work 64 where another rank is in 96'],
    never: ['none of these is behind'],
  },
  'ranks in the same operation': {
    text: watchdog(0, 96) + watchdog(1, 96),
    says: ['none of these is behind', 'network'],
    never: ['Behind the others', 'suspect'],
  },
  'a limit of LSF’s': {
    text: 'TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.\nExited with exit code 130.\n\nResource usage summary:\n\n    Max Memory :                                 16384 MB\n    Total Requested Memory :                     16384.00 MB\n',
    says: ['host memory', '16.00 GiB of 16.00 GiB'],
  },
  'a limit of PBS’': {
    text: '=>> PBS: job killed: vmem 35651584kb exceeded limit 33554432kb\n',
    says: ['34.00 GiB of 32.00 GiB'],
  },
  'a job of SGE’s that was killed': {
    text: 'Job 77 (t.sh) Aborted\n Exit Status      = 137\n Max vmem         = 64.012G\nfailed assumedly after job because:\njob 77.1 died through signal KILL (9)\n',
    says: ['SIGKILL', 'sge'],
  },
  'a container’s limit, below its end': {
    text: '    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n    Limits:\n      cpu:     8\n      memory:  24Gi\n    Requests:\n      memory:  12Gi\n',
    says: ['limit of its container', 'Its limit: 24.00 GiB'],
    never: ['12.00 GiB'],
  },
  'a container that its limit did not end': {
    text: '    Last State:     Terminated\n      Reason:       Error\n      Exit Code:    137\n    Limits:\n      memory:  24Gi\n',
    says: ['not reported as killed for its own memory limit', 'events'],
    never: ['24.00 GiB', 'most often the kernel’s'],
  },
  'a container of Docker’s that its limit did not end': {
    text: '            "OOMKilled": false,\n            "ExitCode": 137,\n',
    says: ['not reported as killed for its own memory limit'],
  },
  'a node without disk': {
    text: 'Reason:           Evicted\nMessage:          The node was low on resource: ephemeral-storage. Container t was using 80Gi, request is 0.\n',
    says: ['disk space', 'not of memory', '80GiB'],
  },
  'a kill of the whole machine’s, as older kernels print it': {
    text: '[ 81.1] Out of memory: Kill process 29 (python) score 921 or sacrifice child\n[ 81.2] Killed process 29 (python) total-vm:987kB, anon-rss:3145728kB, file-rss:0kB\n',
    says: ['the whole machine’s', '3.00 GiB'],
  },
  'a fault that another one followed': {
    text: 'NVRM: Xid (PCI:0000:dc:00): 45, pid=18, name=python3, Ch 00000001\nNVRM: Xid (PCI:0000:1c:00): 79, pid=19, GPU has fallen off the bus.\n',
    says: ['0000:1c:00', 'Xid 79'],
  },
  'a fault that names the one before it': {
    text: 'kernel: NVRM: Xid (PCI:0000:dc:00): 45, pid=18, name=python3, Ch 00000001 caused by previous Xid 149\n',
    says: ['Xid 149: NVLink'],
  },
};

test.each(Object.entries(rows))('%s', (_, { text, says, never = [] }) => {
  const answer = explainText(text, 'pasted', 2e12)!;
  const all = [answer.what, answer.says, ...answer.evidence, ...answer.next].join('\n');
  for (const words of says) expect(all).toMatch(words);
  for (const words of never) expect([answer.says, ...answer.next].join('\n')).not.toMatch(words);
});
