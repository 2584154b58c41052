/** What ended a training, in texts as people paste them: what is beside the line of the end counts too. Values invented. */
import { test } from 'vitest';
import { expectAnswer, type Pasted } from './pasted.ts';

const frames = (
  code: string,
  file = '/env/lib/python3.11/site-packages/torch/utils/data/_utils/pin_memory.py',
) =>
  `Traceback (most recent call last):\n  File "/w/run.py", line 3, in <module>\n    main()\n  File "${file}", line 60, in step\n    ${code}\n`;
const watchdog = (rank: number, work: number, operation = 'ALLREDUCE') =>
  `[E ProcessGroupNCCL.cpp:475] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=${work}, OpType=${operation}, Timeout(ms)=1800000) ran for 1800${rank}00 milliseconds before timing out.\n`;

/** An entry of torchrun’s summary. */
const fell = (rank: number, code: number, pid: number) =>
  `[${rank}]:\n  time      : 2026-09-07_13:02:58\n  rank      : ${rank} (local_rank: ${rank})\n  exitcode  : ${code} (pid: ${pid})\n  error_file: <N/A>\n  traceback : ${code < 0 ? `Signal ${-code} received by PID ${pid}` : 'To enable traceback see: https://x'}\n`;
const summary = (failures: string, root: string) =>
  `torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n======\ntrain.py FAILED\n------\nFailures:\n${failures}------\nRoot Cause (first observed failure):\n${root}======\n`;

const rows: Record<string, Pasted> = {
  'torchrun’s first failure, and those that it killed after it': {
    text: summary(fell(3, 1, 43) + fell(0, -9, 40) + fell(2, -15, 42), fell(1, 1, 41)),
    says: ['pid: 41', 'exit code 1', 'rank 1'],
    never: ['SIGKILL'],
  },
  'torchrun’s first failure, by SIGKILL': {
    text: summary(fell(0, 1, 40) + fell(2, -15, 42), fell(1, -9, 41)),
    says: ['SIGKILL', 'Process 41'],
  },
  'a summary whose lines a page has joined': {
    text: 'Root Cause (first observed failure) :\n[0]:\ntime\nhost\nrank2 (local rank: 2)exitcode: -9 (pid: 71)error file: <N/A>\n',
    says: ['SIGKILL', 'rank 2'],
  },
  'a process whose own memory the driver does not see': {
    text: '[rank15]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB. GPU 7 has a total capacity of 79.00 GiB of which 2.25 GiB is free. Including non-PyTorch memory, this process has 0 bytes memory in use. Of the allocated memory 48.00 GiB is allocated by PyTorch, and 3.50 GiB is reserved by PyTorch but unallocated.\n',
    says: ['51.50 GiB', '25.25 GiB', 'process’s own figure is impossible: 0 bytes'],
    never: ['the process has 0 bytes', 'given back'],
  },
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
    says: ['full of this process’s own tensors'],
    never: ['page-locked'],
  },
  'TensorFlow’s pinned memory': {
    text: '2025-02-02 09:22:17.2: E tensorflow/stream_executor/cuda/cuda_driver.cc:802] failed to alloc 17179869184 bytes on host: CUDA_ERROR_OUT_OF_MEMORY: out of memory\n',
    says: ['page-locked host memory', '16.00 GiB', 'how the program went on is not in it'],
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
    says: ['(nccl)', '/dev/shm', 'is full', '4.00 MiB'],
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
    says: ['host memory', '16.00 GiB at the most, and 16.00 GiB was asked for'],
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
  'a container without a limit of its own': {
    text: '    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n    Requests:\n      memory:  12Gi\n',
    says: [/OOMKilled$/m],
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
  'a pod that a node without memory put out': {
    text: 'Message:      The node was low on resource: memory. Threshold quantity: 100Mi, available: 61384Ki. Container trainer was using 25165824Ki, request is 0, has larger consumption of memory.\n',
    says: ['resources.requests.memory', 'of what it uses, 24.00 GiB here'],
  },
  'a node that the kernel freed, where no pod was put out': {
    text: 'Warning  SystemOOM  2m  kubelet  System OOM encountered, victim process: python, pid: 41177\n',
    says: ['Process 41177 (python)'],
    never: ['resources.requests.memory'],
  },
  'a node short of GPUs': {
    text: 'Reason:   Evicted\nMessage:  The node was low on resource: amd.com/gpu. Container trainer was using 2, request is 1.\n',
    says: ['short of amd.com/gpu', 'device plugin', 'which pods hold it'],
    never: ['ephemeral', 'checkpoints'],
  },
  'a node short of disk has no plugin': {
    text: 'Message:  The node was low on resource: ephemeral-storage. Container t was using 80Gi, request is 0.\n',
    says: ['ephemeral storage'],
    never: ['device plugin', 'resources.requests.memory'],
  },
  'a node that refused a pod for its GPUs': {
    text: 'Warning  UnexpectedAdmissionError  9s  kubelet  Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: 2, Available: 1, which is unexpected\n',
    says: ['The pod did not start: its node refused it', 'nvidia.com/gpu', 'device plugin'],
  },
  'a node that has no room for what a pod asks for': {
    text: "Pod was rejected: Node didn't have enough resource: memory, requested: 68719476736, used: 12884901888, capacity: 67108864000\n",
    says: ['its node refused it', 'requested: 68719476736', 'no failure of memory while it ran'],
  },
  'Ray’s old words behind a frame that a terminal cut': {
    text: 'Traceback (most recent call last):\n  File "/w/ray/worker.py", line 826, in _process_task\n    self.monitor.raise_if_low()\n  File "/w/ray/memory_monitor.py", line 76, in\nraise_if_low\n    self.threshold))\nray.memory_monitor.RayOutOfMemoryError: More than 95% of the memory on node n1 is used (30.5 / 31.9 GB). The top 5 memory consumers are:\n',
    says: ['30.50 GiB of the node’s 31.90 GiB', 'No GPU is to blame'],
    never: ['Out of GPU memory', 'nvidia-smi'],
  },
  'Ollama’s old words above a table of free': {
    text: 'Error: llama runner exited, you may not have enough available memory to run this model\n\n              total        used        free      shared  buff/cache   available\nMem:       32895432      541572    29462900        5692     2890960    31950236\nSwap:       2097148           0     2097148\n',
    says: ['Ollama’s runner', 'why is not in this line', 'it is not short of memory'],
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
  'page-locked memory for a network card': {
    text: 'n1:12:90 [0] misc/ibvwrap.cc:183 NCCL WARN Call to ibv_create_qp failed with error Cannot allocate memory\nRuntimeError: NCCL error in: x.cpp:1275, unhandled system error\n',
    says: ['page-locked host memory', 'ulimit -l unlimited'],
    never: ['pin_memory'],
  },
  'files of weights that cannot be mapped': {
    text: 'RuntimeError: unable to mmap 2147483648 bytes from file </m/model-00001-of-00004.safetensors>: Cannot allocate memory (12)\n',
    says: ['the host’s memory', '2.00 GiB'],
  },
  'a kernel that the assembler refused': {
    text: "ptxas error   : Entry function '_fwd' uses too much shared data (0x20000 bytes, 0x19000 max)\n",
    says: ['131072 bytes of on-chip', 'a block has 102400'],
  },
  'TensorRT’s workspace': {
    text: '[03/01/2024-10:00:00] [TRT] [W] Requested amount of GPU memory (4294967296 bytes) could not be allocated. There may not be enough free memory for allocation to succeed.\n',
    says: ['TensorRT', '4.00 GiB', 'workspace'],
    never: ['microbatches', 'Make each pass smaller'],
  },
  'TensorRT-LLM': {
    text: '[TensorRT-LLM][ERROR] CUDA runtime error in ::cudaMallocAsync(ptr, n): out of memory (/a/tllmBuffers.h:112)\n',
    says: ['TensorRT-LLM', 'free_gpu_memory_fraction'],
    never: ['makes its context'],
  },
  MXNet: {
    text: 'mxnet.base.MXNetError: [10:00:00] src/storage/./pooled_storage_manager.h:157: cudaMalloc failed: out of memory\n',
    says: ['MXNet asked the device'],
    never: ['makes its context', 'microbatches', 'Make each pass smaller'],
  },
  'HIP with more than the device has': {
    text: 'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 32.00 MiB. GPU 0 has a total capacity of 8.00 GiB of which 17179869180.00 GiB is free. Of the allocated memory 11.00 GiB is allocated by PyTorch, and 20.00 MiB is reserved by PyTorch but unallocated.\n',
    says: ['11.00 GiB, more than its 8.00 GiB', 'it wrapped', 'GTT'],
    never: ['CUDA - Sysmem', 'Windows'],
  },
  'CUDA graphs’ private pools': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB. GPU 0 has a total capacity of 79.11 GiB of which 900.00 MiB is free. Process 8 has 78.20 GiB memory in use. Of the allocated memory 76.00 GiB is allocated by PyTorch, with 18.00 GiB allocated in private pools (e.g., CUDA Graphs), and 300.00 MiB is reserved by PyTorch but unallocated.\n',
    says: ['18.00 GiB', 'fewer or smaller CUDA graphs'],
  },
  'small private pools are not to blame': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB. GPU 0 has a total capacity of 79.11 GiB of which 900.00 MiB is free. Process 8 has 78.20 GiB memory in use. Of the allocated memory 76.00 GiB is allocated by PyTorch, with 38.00 MiB allocated in private pools (e.g., CUDA Graphs), and 300.00 MiB is reserved by PyTorch but unallocated.\n',
    says: ['38.00 MiB'],
    never: ['CUDA graphs'],
  },
  'weights on the CPU': {
    text: 'Some parameters are on the meta device because they were offloaded to the cpu.\n',
    says: ['No failure', 'does not fit the GPUs whole'],
  },
  'rocm-smi’s concise table': {
    text: 'GPU  Temp (DieEdge)  AvgPwr  SCLK     MCLK     Fan  Perf  PwrCap  VRAM%  GPU%\n0    45.0c           140.0W  1700Mhz  1600Mhz  0%   auto  560.0W   97%   100%\n1    44.0c           41.0W   800Mhz   1600Mhz  0%   auto  560.0W   2%    0%\n',
    says: ['rocm-smi: 2 devices', 'Device 0 is at 97.0%', 'no amounts'],
    never: ['MiB'],
  },
  'nvidia-smi -q': {
    text: '    Product Name                          : NVIDIA H100\n    FB Memory Usage\n        Total                             : 80000 MiB\n        Reserved                          : 500 MiB\n        Used                              : 78000 MiB\n        Free                              : 1500 MiB\n    BAR1 Memory Usage\n        Total                             : 131072 MiB\n        Used                              : 1 MiB\n',
    says: ['1 device', 'NVIDIA H100', '78000 of 80000 MiB'],
    never: ['131072'],
  },
  'instances of a GPU that is cut': {
    text: '|   0  NVIDIA A100-SXM...  On   | 00000000:07:00.0 Off |                   On |\n| N/A   30C    P0    44W / 400W |                  N/A |     N/A      Default |\n|  0    3   0   0  |   9800MiB /  9984MiB | 14      0 |  1   0    0    0    0 |\n|                  |      4MiB / 16383MiB |           |                       |\n|  0    4   0   1  |     10MiB /  9984MiB | 14      0 |  1   0    0    0    0 |\n',
    says: ['2 devices', 'MIG device 0 of GPU 0, instance 3', '9800 of 9984 MiB', 'MIG device 1 of GPU 0'],
    never: ['16383'],
  },
  'memory that no listed process holds': {
    text: '|   0  NVIDIA L4           Off  | 00000000:07:00.0 Off |                    0 |\n| N/A   30C    P0    44W /  72W |  22900MiB / 23034MiB |      0%      Default |\n|  No running processes found                                                 |\n',
    says: ['lists no process', 'fuser'],
  },
  'contexts of other ranks': {
    text: [
      ...[0, 1, 2].flatMap(index => [
        `|   ${index}  NVIDIA A100-SXM4-40GB          On  |   00000000:0${index}:00.0 Off |                    0 |`,
        `| N/A   34C    P0             65W /  400W |   ${index === 0 ? 22480 : 20480}MiB /  40960MiB |     97%      Default |`,
      ]),
      ...[0, 1, 2].map(
        index =>
          `|    0   N/A  N/A      471${index}      C   python t.py                     ${index === 0 ? 20470 : 1000}MiB |`,
      ),
      ...[1, 2].map(
        index =>
          `|    ${index}   N/A  N/A      471${index}      C   python t.py                    20470MiB |`,
      ),
    ].join('\n'),
    says: ['2 processes of other devices (4711, 4712) hold 2000 MiB'],
  },
  'an older memory_summary': {
    text: '|                  PyTorch CUDA memory summary, device ID 0                 |\n|            CUDA OOMs: 1            |        cudaMalloc retries: 2         |\n| Allocated memory      |    2048 MB |    4096 MB |   89299 MB |   88237 MB |\n| GPU reserved memory   |   12288 MB |   12288 MB |   16924 MB |    4504 MB |\n',
    says: ['2.00 GiB of 12.0 GiB', '10.0 GiB is reserved and in no tensor'],
  },
  'DeepSpeed’s estimate': {
    text: 'Estimated memory needed for params, optim states and gradients for a:\nHW: Setup with 1 node, 4 GPUs per node.\nSW: Model with 1000M total params, 32M largest layer params.\n  per CPU  |  per GPU |   Options\n   25.15GB |   0.12GB | offload_param=cpu , offload_optimizer=cpu , zero_init=1\n   22.35GB |   0.59GB | offload_param=none, offload_optimizer=cpu , zero_init=1\n    0.72GB |   4.28GB | offload_param=none, offload_optimizer=none, zero_init=1\n   22.35GB |   4.28GB | offload_param=none, offload_optimizer=none, zero_init=0\n',
    says: [
      '4.28 GB of each GPU without offloading',
      '0.12 GB with the most',
      '25.15 GB of the host',
      'Activations',
    ],
  },
  'accelerate’s estimate': {
    text: '│ dtype │Largest Layer│Total Size│Training using Adam│\n│float32│   392.0 MB  │ 1.58 GB  │      6.32 GB      │\n│  int8 │   98.0 MB   │404.07 MB │        N/A        │\n',
    says: ['1.58 GB of weights as float32', '404.07 MB of weights as int8', 'needs 6.32 GB (float32)'],
    never: ['N/A'],
  },
  'two ranks on one device': {
    text: 'torch.distributed.DistBackendError: NCCL error in: x.cpp:1275, invalid usage, NCCL version 2.18.1\nncclInvalidUsage: This usually reflects invalid usage of NCCL library.\nLast error:\nDuplicate GPU detected : rank 3 and rank 2 both on CUDA device 50000\n',
    says: ['two ranks use the same GPU', 'rank 3 and rank 2'],
  },
  'a barrier that a rank did not reach': {
    text: 'RuntimeError: Rank 1 successfully reached monitoredBarrier, but received errors while waiting for send/recv from rank 6. Please check rank 6 logs for faulty rank.\n',
    says: ['look at first: rank 6'],
  },
  'a device’s refusal that is thrown as the host’s': {
    text: "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc: out_of_memory: CUDA error at: /r/cuda_memory_resource.hpp:70: cudaErrorMemoryAllocation out of memory\n",
    says: ['GPU memory', 'rmm'],
    never: ['the host’s memory'],
  },
  'the host’s refusal alone': {
    text: "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\nAborted (core dumped)\n",
    says: ['the host’s memory'],
  },
  'an engine that does not fit': {
    text: '(EngineCore_0 pid=1) ERROR [core.py:7] Traceback (most recent call last):\n(EngineCore_0 pid=1) ERROR [core.py:7]   File "/v/vllm/v1/worker/gpu_worker.py", line 244, in f\n(EngineCore_0 pid=1) ERROR [core.py:7] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 4.00 GiB. GPU 0 has a total capacity of 23.52 GiB of which 3.10 GiB is free. Process 8 has 20.41 GiB memory in use. Of the allocated memory 19.80 GiB is allocated by PyTorch, and 160.10 MiB is reserved by PyTorch but unallocated.\n',
    says: ['cuda:0 is full of vLLM’s own tensors', 'max_num_batched_tokens'],
    never: ['microbatches', 'Make each pass smaller', 'training'],
  },
  'a trainer beside an engine': {
    text: '(EngineCore_0 pid=1) INFO ready\nTraceback (most recent call last):\n  File "/v/trl/trainer/grpo_trainer.py", line 244, in f\n    loss.backward()\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 4.00 GiB. GPU 0 has a total capacity of 23.52 GiB of which 3.10 GiB is free. Process 8 has 20.41 GiB memory in use. Of the allocated memory 19.80 GiB is allocated by PyTorch, and 160.10 MiB is reserved by PyTorch but unallocated.\n',
    says: ['the training’s own tensors', 'microbatches'],
    never: ['vLLM’s own'],
  },
  'CUDA that could not be set up': {
    text: 'RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment. Setting the available devices to be zero.\n',
    says: ['Not out of memory', 'nvidia_uvm'],
  },
  'a node’s own memory, by its kubelet': {
    text: '  Warning  SystemOOM  5m   kubelet  System OOM encountered, victim process: pt_main, pid: 2213\n',
    says: ['Process 2213 (pt_main)', 'the whole machine’s'],
  },
  'a replica that was killed': {
    text: 'The replica workerpool0-3 exited with a non-zero status of 137(SIGKILL).\n',
    says: ['SIGKILL'],
  },
  'a replica without memory': {
    text: 'The replica workerpool0-3 ran out-of-memory and exited with a non-zero status of 137(OOM).\n',
    says: ['host memory', 'vertex'],
  },
  'a notebook of Kaggle’s': {
    text: 'Your notebook tried to allocate more memory than is available. It has restarted.\n',
    says: ['host memory', 'kaggle'],
  },
  containerd: {
    text: 'time="2024-01-01T00:00:00Z" level=info msg="TaskOOM event container_id:\\"abc\\""\n',
    says: ['limit of its container'],
  },
  'workers that died': {
    text: 'RuntimeError: One of the subprocesses has abruptly died during map operation.To debug the error, disable multiprocessing.\n',
    says: ['A worker process died', 'num_proc'],
    never: ['about no memory'],
  },
  'workers of joblib': {
    text: 'joblib.externals.loky.process_executor.TerminatedWorkerError: A worker process managed by the executor was unexpectedly terminated.\n\nThe exit codes of the workers are {SIGKILL(-9)}\n',
    says: ['A worker process died'],
  },
  Arrow: {
    text: 'pyarrow.lib.ArrowMemoryError: malloc of size 2147483648 failed\n',
    says: ['the host’s memory', '2.00 GiB', 'arrow'],
  },
  'OpenCV, whose function has a telling name': {
    text: "cv2.error: OpenCV(4.9.0) /t/alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 33554432 bytes in function 'OutOfMemoryError'\n",
    says: ['the host’s memory', '32.00 MiB'],
    never: ['microbatches', 'Make each pass smaller'],
  },
  'threads beyond a limit': {
    text: 'OpenBLAS blas_thread_init: pthread_create failed for thread 3 of 64: Resource temporarily unavailable\nOpenBLAS blas_thread_init: RLIMIT_NPROC 2048 current, 2048 max\n',
    says: ['no more threads', 'RLIMIT_NPROC 2048'],
  },
  'a checkpoint that was cut': {
    text: 'RuntimeError: [enforce fail at inline_container.cc:337] . unexpected pos 64 vs 10\n',
    says: ['could not be written to its end'],
  },
  'a driver that was updated': {
    text: 'Failed to initialize NVML: Driver/library version mismatch\n',
    says: ['the driver was updated'],
  },
  'XLA’s plan for a program': {
    text: 'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 2147483648 bytes.\nBufferAssignment OOM Debugging.\nBufferAssignment stats:\n             parameter allocation:  512.00MiB\n              constant allocation:         0B\n        maybe_live_out allocation:    3.00GiB\n     preallocated temp allocation:    2.00GiB\n                 total allocation:    5.50GiB\n              total fragmentation:  680.30MiB (4.60%)\n',
    says: [
      'JAX',
      '2.00 GiB was refused',
      '5.50GiB in all',
      'parameters and inputs 512.00MiB',
      'results 3.00GiB',
    ],
  },
  'TensorFlow on the processor': {
    text: 'tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[64,224,224,3] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu\n',
    says: ['the host’s memory', '36.75 MiB'],
    never: ['nvidia-smi'],
  },
  'TensorFlow on the processor, which the node names': {
    text: 'ResourceExhaustedError (see above for traceback): OOM when allocating tensor with shape[1,5095,3729,3]\n\t [[Node: Resize = ResizeBilinear[T=DT_FLOAT, _device="/job:localhost/replica:0/task:0/device:CPU:0"](a)]]\n',
    says: ['the host’s memory'],
    never: ['nvidia-smi'],
  },
  'TensorFlow on a GPU': {
    text: 'ResourceExhaustedError: OOM when allocating tensor with shape[5,64,48,48] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc\n',
    says: ['the device’s memory'],
    never: ['the host’s'],
  },
  'TensorFlow’s allocator before it had a name': {
    text: 'W tensorflow/core/common_runtime/bfc_allocator.cc:275] Ran out of memory trying to allocate 48.50MiB.  See logs for memory state.\n',
    says: ['TensorFlow', '48.50 MiB'],
  },
  'a TPU of before 2021': {
    text: '2021-01-02 03:04:05 10.0.0.9 [3]   (1) Resource exhausted: Attempting to allocate 192.50M. That was not possible. There are 128.25M free.; (0x2x0_HBM1)\n',
    says: ['192.50 MiB', '128.25 MiB free'],
  },
  'a worker’s end that is cut': {
    text: 'RuntimeError: DataLoader worker (pid 77) is killed by\n',
    says: ['killed by a signal', 'shm-size'],
  },
  'a buffer that ggml planned': {
    text: 'ggml_allocr_alloc: not enough space in the buffer (needed 409600000, largest block available 339804192)\nGGML_ASSERT: ggml-alloc.c:148: !"not enough space in the buffer"\n',
    says: ['Not out of memory', 'smaller context'],
  },
  'the driver’s table beside its error': {
    text: '|   0  Tesla V100-SXM2...  On   | 00000000:00:08.0 Off |                    0 |\n| N/A   54C    P0   246W / 300W |  15514MiB / 16130MiB |    100%      Default |\n|   1  Tesla V100-SXM2...  On   | 00000000:00:09.0 Off |                    0 |\n| N/A   38C    P0    39W / 300W |      0MiB / 16130MiB |      0%      Default |\nRuntimeError: CUDA error: out of memory\n',
    says: ['CUDA driver', '15514 of 16130 MiB', /Device 1 .*: 0 of 16130 MiB/],
  },
  'what may have killed a worker of Ray’s, as it lists it': {
    text: 'ray.exceptions.ActorDiedError: The actor died unexpectedly before finishing this task.\n\tclass_name: W\n\tpid: 87\nThe actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: Worker unexpectedly exits with a connection error code 2. End of file. Some common causes include: (1) the process was killed by the OOM killer due to high memory usage, (2) ray stop --force was called, or (3) the worker crashed unexpectedly due to SIGSEGV or another unexpected error.\n',
    says: [/died without a word \(ray\)/],
    never: ['Out of the host'],
  },
  'systemd’s own words of its killer': {
    text: 'systemd[1]: train.service: A process of this unit has been killed by the OOM killer.\n',
    says: ['host memory'],
  },
  Kaldi: {
    text: 'ERROR (nnet3-chain-train[5.5]:AllocateNewRegion():cu-allocator.cc:513) Failed to allocate a memory region of 356515840 bytes.  Possibly smaller minibatch size would help.  Memory info: free:192M, used:3842M, total:4034M, free/total:0.0476\n',
    says: ['Kaldi', '340.00 MiB', 'free 192.00 MiB', 'total 3.94 GiB'],
  },
  'an assertion of a kernel, before the error that comes of it': {
    text: '/p/aten/ScatterGatherKernel.cu:208: operator(): block: [88,0,0], thread: [12,0,0] Assertion `idx_dim >= 0 && idx_dim < index_size && "index out of bounds"` failed.\n',
    says: ['Not out of memory', 'index out of range'],
  },
  'an error that a logger’s last resort writes': {
    text: '[2026-03-01 19:10:41] CRITICAL [olmo.util:158, rank=0] Uncaught OLMoThreadError: generator thread data thread 3 failed\n',
    says: ['OLMoThreadError'],
  },
  'the Hugging Face Trainer’s state': {
    text: '{\n  "best_metric": null,\n  "global_step": 20,\n  "log_history": [\n    {\n      "epoch": 0.05,\n      "loss": 1.125,\n      "step": 10\n    },\n    {\n      "epoch": 0.1,\n      "loss": 1.0,\n      "step": 20\n    }\n  ],\n  "max_steps": 90\n}\n',
    says: ['after step 20 of 90'],
  },
};

test.each(Object.entries(rows))('%s', (_, row) => {
  expectAnswer(row, true);
});
