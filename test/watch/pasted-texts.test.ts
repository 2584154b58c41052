/** Texts in the words of many programs, values invented → what `explain` answers: figures, whose memory, what ended it. */
import { expect, test } from 'vitest';
import { expectAnswer, type Pasted } from './pasted.ts';

interface Row extends Pasted {
  whose: 'GPU' | 'host' | null;
}

/** As the driver 550 prints it: one device, two processes. */
const smiTable = (used: number, other: number) => `Sun Mar  1 10:00:00 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|=========================================+========================+======================|
|   0  NVIDIA A100-SXM4-80GB          On  |   00000000:07:00.0 Off |                    0 |
| N/A   34C    P0             65W /  400W |  ${String(used + 490).padStart(6)}MiB /  81920MiB |     97%      Default |
+-----------------------------------------+------------------------+----------------------+

+-----------------------------------------------------------------------------------------+
| Processes:                                                                              |
|  GPU   GI   CI        PID   Type   Process name                              GPU Memory |
|=========================================================================================|
|    0   N/A  N/A      4711      C   python train.py                            ${String(used).padStart(6)}MiB |
|    0   N/A  N/A       815      C   /opt/engine                                ${String(other).padStart(6)}MiB |
+-----------------------------------------------------------------------------------------+
`;

const rows: Record<string, Row> = {
  'vLLM that starts on a device in use': {
    text: '(EngineCore_DP0 pid=2211) ERROR 10-25 13:08:43 [core.py:708] ValueError: Free memory on device (31.20/79.15 GiB) on startup is less than desired GPU memory utilization (0.9, 71.24 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.',
    whose: 'GPU',
    says: ['71.24 GiB of 79.15 GiB', '31.20 GiB was free', '47.95 GiB was in use already', 'below 0.39'],
  },
  'vLLM whose cache is too small': {
    text: '(EngineCore_DP0 pid=77) ValueError: To serve at least one request with the models’s max seq len (131072), (16.00 GiB KV cache is needed, which is larger than the available KV cache memory (9.43 GiB). Based on the available memory, the estimated maximum model length is 77216. Try increasing `gpu_memory_utilization`.',
    whose: 'GPU',
    says: ['131072 tokens', 'needs 16.00 GiB', '9.43 GiB is left', 'max_model_len to 77216'],
  },
  'vLLM whose cache counts tokens': {
    text: "ValueError: The model's max seq len (32768) is larger than the maximum number of tokens that can be stored in KV cache (13712). Try increasing `gpu_memory_utilization`.",
    whose: 'GPU',
    says: ['holds 13712 tokens', '32768'],
  },
  'vLLM without room for a cache': {
    text: 'ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`.',
    whose: 'GPU',
    says: ['nothing left for its KV cache', 'no figures'],
  },
  'SGLang’s share': {
    text: 'RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.',
    whose: 'GPU',
    says: ['SGLang', '--mem-fraction-static'],
  },
  'JAX’s allocator is not TensorFlow’s': {
    text: '2026-02-03 10:11:12.1: W external/xla/xla/tsl/framework/bfc_allocator.cc:497] Allocator (GPU_0_bfc) ran out of memory trying to allocate 12.50GiB (rounded to 13421772800)requested by op\njaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 13421772800 bytes.',
    whose: 'GPU',
    says: ['in JAX', '12.50 GiB', 'XLA_PYTHON_CLIENT_MEM_FRACTION'],
    never: ['TensorFlow', 'per_process_memory_fraction'],
  },
  'a TPU’s program': {
    text: 'jax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Ran out of memory in memory space hbm. Used 18.22G of 15.48G hbm. Exceeded hbm capacity by 2.74G.',
    whose: 'GPU',
    says: ['18.22G', '15.48G', '2.74G too much', 'while compiling'],
    never: ['PyTorch'],
  },
  'TensorFlow’s tensor': {
    text: 'tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[64,128,224,224] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc',
    whose: 'GPU',
    says: ['in TensorFlow', '1.53 GiB'],
    never: ['PyTorch'],
  },
  'Paddle’s own figures': {
    text: 'ResourceExhaustedError: \n\nOut of memory error on GPU 0. Cannot allocate 2.000000GB memory on GPU 0, 30.500000GB memory has been allocated and available memory is only 1.250000GB.',
    whose: 'GPU',
    says: ['2.00 GiB', '1.25 GiB free', 'Paddle holds 30.50 GiB'],
    never: ['PyTorch'],
  },
  'CuPy’s pool': {
    text: 'cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 4,294,967,296 bytes (allocated so far: 12,884,901,888 bytes).',
    whose: 'GPU',
    says: ['in CuPy', '4.00 GiB', 'CuPy holds 12.00 GiB'],
    never: ['PyTorch'],
  },
  'the driver without figures': {
    text: 'torch.AcceleratorError: CUDA error: out of memory\nSearch for `cudaErrorMemoryAllocation in the documentation.',
    whose: 'GPU',
    says: ['at the CUDA driver', 'nvidia-smi'],
  },
  'PyTorch before 1.0, whose allocator it is': {
    text: 'RuntimeError: cuda runtime error (2) : out of memory at /pytorch/aten/src/THC/generic/THCStorage.cu:58',
    whose: 'GPU',
    says: ['Out of GPU memory'],
    never: ['outside PyTorch', 'driver'],
  },
  'MPS above its own limit': {
    text: 'RuntimeError: MPS backend out of memory (MPS allocated: 17.82 GB, other allocations: 389.20 MB, max allowed: 18.13 GB). Tried to allocate 256.00 MB on private pool.',
    whose: 'GPU',
    says: ['may use 18.13 GiB', 'holds 18.20 GiB', '256.00 MiB'],
  },
  'NPU, with all its figures': {
    text: 'RuntimeError: NPU out of memory. Tried to allocate 2.32 GiB (NPU 3; 60.97 GiB total capacity; 56.41 GiB already allocated; 56.41 GiB current active; 1.11 GiB free; 57.02 GiB reserved in total by PyTorch)',
    whose: 'GPU',
    says: ['npu:3', '56.41 GiB of 60.97 GiB', '2.32 GiB', '1.11 GiB'],
  },
  'a kernel’s fault': {
    text: 'RuntimeError: CUDA error: an illegal memory access was encountered',
    whose: null,
    says: ['Not out of memory', 'CUDA_LAUNCH_BLOCKING'],
  },
  'an assertion of a kernel': {
    text: 'RuntimeError: CUDA error: device-side assert triggered',
    whose: null,
    says: ['index out of range'],
  },
  'a device that is broken': {
    text: 'RuntimeError: CUDA error: uncorrectable ECC error encountered',
    whose: null,
    says: ['hardware'],
  },
  'NCCL’s shared memory, on the fourth line': {
    text: 'torch.distributed.DistBackendError: NCCL error in: ../ProcessGroupNCCL.cpp:1970, unhandled system error (run with NCCL_DEBUG=INFO for details), NCCL version 2.21.5\nncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error. \nLast error:\nError while creating shared memory segment /dev/shm/nccl-Xy1 (size 9637888)\n',
    whose: 'host',
    says: ['/dev/shm', 'Not out of GPU memory'],
  },
  'a worker of the DataLoader': {
    text: 'RuntimeError: DataLoader worker (pid(s) 4012, 4013) exited unexpectedly',
    whose: null,
    says: ['num_workers=0'],
  },
  'NCCL’s watchdog hangs itself': {
    text: '[rank3]:[F301 10:00:00.1 ProcessGroupNCCL.cpp:1453] [PG ID 0 PG GUID 0(default_pg) Rank 3] Terminating the process after attempting to dump debug info, due to ProcessGroupNCCL watchdog hang.',
    whose: null,
    says: ['watchdog made no progress', 'did not return', 'ranks 0, 1, 2 have no line'],
  },
  'an exit code of Windows': {
    text: 'Process finished with exit code -1073741819 (0xC0000005)',
    whose: null,
    says: ['access violation', '-1073741819'],
    never: [/signal/],
  },
  'Windows without memory': {
    text: 'Process finished with exit code -1073741523 (0xC000012D)',
    whose: 'host',
    says: ['page file'],
  },
  'PyCharm’s word of a kill': {
    text: 'Process finished with exit code 137 (interrupted by signal 9:SIGKILL)',
    whose: 'host',
    says: ['SIGKILL'],
  },
  'a container that was killed': {
    text: '"State": {\n  "OOMKilled": true,\n  "ExitCode": 137\n}',
    whose: 'host',
    says: ['docker', 'its container'],
    never: ['kubernetes'],
  },
  'a container that was not killed for memory': {
    text: '"State": {\n  "OOMKilled": false,\n  "ExitCode": 143\n}',
    whose: null,
    says: ['SIGTERM'],
    never: ['lack of host memory'],
  },
  'a limit of a control group': {
    text: '[12.1] python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0\n[12.2] memory: usage 67108864kB, limit 67108864kB, failcnt 1205\n[12.4] Memory cgroup out of memory: Killed process 31001 (python3) total-vm:120123456kB, anon-rss:66123456kB, UID:0',
    whose: 'host',
    says: ['31001 (python3)', '66123456 kB = 67710418944 bytes', '64.00 GiB of 64.00 GiB'],
  },
  'what seff reports': {
    text: 'Job ID: 4401\nState: OUT_OF_MEMORY (exit code 0)\nMemory Utilized: 63.96 GB\nMemory Efficiency: 99.94% of 64.00 GB\n',
    whose: 'host',
    says: ['63.96 GiB of 64.00 GiB'],
  },
  'what sacct reports of a job that ended well': {
    text: 'JobID JobName Partition Account AllocCPUS State ExitCode\n4401   train    gpu   lab   16  COMPLETED      0:0 \n',
    whose: null,
    says: ['completed'],
  },
  'a pod that was put out of its node': {
    text: 'Message: The node was low on resource: memory. Container trainer was using 61234567Ki, request is 0, has larger consumption of memory.',
    whose: 'host',
    says: ['58.40 GiB', 'whole machine'],
  },
  'Ray’s own figures, as it printed them': {
    text: 'Memory on the node (IP: 10.0.0.7, ID: 6f3a) where the task (actor ID: 9a, name=Trainer.__init__, pid=40412, memory used=93.18GB) was running was 480.12GB / 503.51GB (0.953546), which exceeds the memory usage threshold of 0.95.',
    whose: 'host',
    says: ['40412 (Trainer.__init__)', 'It held 93.18 GiB.', '480.12 GiB of 503.51 GiB'],
    never: ['kB'],
  },
  'a step of Slurm’s that fell with a task': {
    text: 'slurmstepd: error: *** STEP 91.0 ON n1 CANCELLED AT 2026-03-01T10:00:00 ***\nsrun: error: n2: task 8: Exited with exit code 1\n',
    whose: null,
    says: ['exit code 1', 'rank 8'],
    never: ['administrator'],
  },
  'a log too short for a trend that is at the wall': {
    text: '[rank0]:[titan] 2026-03-01 10:00:00,123 - root - INFO - CUDA capacity: NVIDIA H100 80GB HBM3 with 79.11GiB memory\n[rank0]:[titan] 2026-03-01 10:00:05,123 - root - INFO - step:  1  loss: 12.2310  memory: 48.11GiB(60.82%)  tps: 1,201\n[rank0]:[titan] 2026-03-01 10:00:16,123 - root - WARNING - 3 CUDA memory allocation retries.\n[rank0]:[titan] 2026-03-01 10:00:25,123 - root - INFO - step: 10  loss:  9.1310  memory: 78.45GiB(99.17%)  tps: 5,201\n',
    whose: 'GPU',
    says: ['78.5 GiB', '79.1 GiB', '(99%)', 'at the wall', '48.1 GiB at first'],
  },
  'torchtitan without the line of the capacity': {
    text: 'step:  1  loss: 12.2310  memory: 48.11GiB(60.82%)  tps: 1,201\nstep: 10  loss:  9.1310  memory: 78.45GiB(99.17%)  tps: 5,201\n',
    whose: 'GPU',
    says: ['78.5 GiB of the device’s 79.1 GiB (99%)'],
  },
  'flushes of the cache are no out-of-memory errors': {
    text: '[2026-03-01 10:00:00,340] [INFO] [logging.py:128:log_dist] [Rank 0] step=10, skipped=0, lr=[1e-05], mom=[(0.9, 0.999)]\n[2026-03-01 10:00:02,338] [WARNING] [stage3.py:2069:step] 2 pytorch allocator cache flushes since last step. this happens when there is high memory pressure and is detrimental to performance.\n[2026-03-01 10:00:10,340] [INFO] [logging.py:128:log_dist] [Rank 0] step=20, skipped=0, lr=[1e-05], mom=[(0.9, 0.999)]\n',
    whose: 'GPU',
    says: [],
    never: ['out-of-memory error'],
  },
  'a log without memory': {
    text: '========================= Step 7/100 =========================\n  • Loss: 0.0123\n  • Avg Reward: 0.4012\n',
    whose: null,
    says: ['It has no memory of a device', 'nvidia-smi --query-gpu'],
  },
  'memory that is printed once, at the end': {
    text: 'iter 10: loss 4.1, time 200ms\niter 20: loss 4.0, time 200ms\niter 30: loss 3.9, time 200ms\npeak memory allocated: 34000 MiB reserved: 35000 MiB\n',
    whose: 'GPU',
    says: ['tensors held 33.2 GiB', 'reserved 34.2 GiB'],
  },
  'samples of nvidia-smi': {
    text: 'timestamp, index, memory.used [MiB], memory.total [MiB]\n2026/03/01 10:00:00.123, 0, 10240 MiB, 81920 MiB\n2026/03/01 10:00:00.125, 1, 10250 MiB, 81920 MiB\n2026/03/01 10:00:05.123, 0, 80240 MiB, 81920 MiB\n2026/03/01 10:00:05.125, 1, 10250 MiB, 81920 MiB\n',
    whose: 'GPU',
    says: ['Device 0 was nearly full: 78.4 GiB of 80.0 GiB', '10.0 GiB in use at first'],
    never: ['how the training ended'],
  },
  'rows of nvidia-smi without their head': {
    text: '2026/03/01 10:00:00.123, 0, 10240 MiB, 81920 MiB\n2026/03/01 10:00:05.123, 0, 80240 MiB, 81920 MiB\n',
    whose: null,
    says: ['do not name their columns', 'without noheader'],
    never: ['grew'],
  },
  'rows of nvidia-smi without head and units': {
    text: '0, NVIDIA A100-SXM4-80GB, GPU-6c1f0d6e-5e5f-4a8b-9d43-0f1f9d2a7b11, 80240, 81920\n',
    whose: null,
    says: ['without noheader'],
  },
  'an error behind a bar without figures': {
    text: ' 36%|███▌ | 36/100 [00:11<00:20,  3.1it/s]\n 37%|███▋ | 37/100 [00:12<00:20,  3.0it/s]Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    trainer.train()\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.15 GiB of which 8.25 MiB is free. Process 1 has 79.14 GiB memory in use. Of the allocated memory 78.00 GiB is allocated by PyTorch, and 500.00 MiB is reserved by PyTorch but unallocated.\n',
    whose: 'GPU',
    says: ['failed after step 37 of 100'],
  },
  'an error behind bars of what is not training': {
    text: 'Loading checkpoint shards: 100%|████| 4/4 [00:12<00:20,  3.0it/s]\nMap:  37%|███▋ | 37/100 [00:12<00:20,  3.0it/s]\nTraceback (most recent call last):\n  File "train.py", line 3, in <module>\n    main()\nValueError: no rows\n',
    whose: null,
    says: ['ValueError: no rows', 'Not about memory', 'train.py, line 3'],
    never: ['failed at'],
  },
  'a table in which a stranger has the first device too': {
    text: '| NVIDIA-SMI 440.33.01    Driver Version: 440.33.01    CUDA Version: 10.2     |\n|   0  Tesla V100-SXM2...  On   | 00000000:04:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  12559MiB / 16160MiB |     88%      Default |\n|   1  Tesla V100-SXM2...  On   | 00000000:05:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  10384MiB / 16160MiB |     88%      Default |\n|   2  Tesla V100-SXM2...  On   | 00000000:06:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  10384MiB / 16160MiB |     88%      Default |\n| Processes:                                                       GPU Memory |\n|    0      3391      C   /opt/other/bin/python                      2164MiB |\n|    0     21011      C   python                                     10384MiB |\n|    1     21011      C   python                                     10373MiB |\n|    2     21011      C   python                                     10373MiB |\n',
    whose: 'GPU',
    says: [
      '2175 MiB more than its neighbours',
      'Process 3391 (/opt/other/bin/python) holds 2164 MiB there',
      'end it',
    ],
    never: ['other ranks', 'Pin each rank'],
  },
  'a table in which small programs of the desktop are no cause': {
    text: '| NVIDIA-SMI 440.33.01    Driver Version: 440.33.01    CUDA Version: 10.2     |\n|   0  Tesla V100-SXM2...  On   | 00000000:04:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  12559MiB / 16160MiB |     88%      Default |\n|   1  Tesla V100-SXM2...  On   | 00000000:05:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  10384MiB / 16160MiB |     88%      Default |\n|   2  Tesla V100-SXM2...  On   | 00000000:06:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  10384MiB / 16160MiB |     88%      Default |\n| Processes:                                                       GPU Memory |\n|    0      1391      C   /usr/lib/xorg/Xorg                         64MiB |\n|    0     21011      C   python                                     12484MiB |\n|    1     21012      C   python                                     10373MiB |\n|    2     21013      C   python                                     10373MiB |\n',
    whose: 'GPU',
    says: ['2175 MiB more than its neighbours', 'The usual cause is that the other ranks'],
    never: ['holds 64 MiB'],
  },
  'a table in which the other ranks hold memory of the first device': {
    text: '| NVIDIA-SMI 440.33.01    Driver Version: 440.33.01    CUDA Version: 10.2     |\n|   0  Tesla V100-SXM2...  On   | 00000000:04:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  12559MiB / 16160MiB |     88%      Default |\n|   1  Tesla V100-SXM2...  On   | 00000000:05:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  10384MiB / 16160MiB |     88%      Default |\n|   2  Tesla V100-SXM2...  On   | 00000000:06:00.0 Off |                    0 |\n| N/A   41C    P0    60W / 300W |  10384MiB / 16160MiB |     88%      Default |\n| Processes:                                                       GPU Memory |\n|    0      3391      C   /opt/other/bin/python                      900MiB |\n|    0     21011      C   python                                     10384MiB |\n|    0     21012      C   python                                     1100MiB |\n|    1     21012      C   python                                     10373MiB |\n|    2     21013      C   python                                     10373MiB |\n',
    whose: 'GPU',
    says: ['1 process of other devices (21012) holds 1100 MiB', 'Pin each rank'],
  },
  'the processes of nvidia-smi without its devices': {
    text: '|    0      3391      C   /opt/other/bin/python                      2164MiB |\n|    0     21011      C   python                                     10384MiB |\n|    1     21012      C   python                                     10373MiB |\n',
    whose: 'GPU',
    says: [
      'device 0 12548 MiB (2 processes), device 1 10373 MiB (1 process)',
      'does not stand in these rows',
    ],
  },
  'the processes of nvidia-smi in its newer form': {
    text: '|    0   N/A  N/A      2202      G   /usr/lib/xorg/Xorg                            110MiB |\n|    1   N/A  N/A     41874      C   ...envs/lab/bin/python                      20010MiB |\n',
    whose: 'GPU',
    says: ['device 0 110 MiB (1 process), device 1 20010 MiB (1 process)'],
  },
  'the table of nvidia-smi, again and again': {
    text: Array.from({ length: 12 }, (_, i) => smiTable(20_000 + 2_500 * i, 490)).join('\n'),
    whose: 'GPU',
    says: [
      'Device 0 grew from 20.0 GiB to 46.9 GiB over 12 samples, 2.44 GiB a sample',
      'full after 14 more samples',
      'It is process 4711 (python) that grows; beside it process 815 (/opt/engine) holds 490 MiB',
    ],
    never: ['12 devices', 'neighbours'],
  },
  'the table of nvidia-smi that stays': {
    text: Array.from({ length: 12 }, (_, i) => smiTable(20_000 + (i % 3), 490)).join('\n'),
    whose: 'GPU',
    says: ['No device was full: the fullest, 0, had 20.0 GiB of 80.0 GiB (25%) in use, and none grows'],
    never: ['grew'],
  },
  'processes sampled by pmon': {
    text: `# gpu         pid   type     fb   ccpm    command \n# Idx           #    C/G     MB     MB    name \n${Array.from({ length: 8 }, (_, i) => `    0       4711     C   ${9000 + 1024 * i}      0    python         \n    0        815     C   30000      0    engine         \n    1          -     -     -      -    -              \n`).join('')}`,
    whose: 'GPU',
    says: [
      'grew from 38.1 GiB to 45.1 GiB over 8 samples',
      'process 4711 (python) that grows',
      'by its processes',
    ],
  },
  'processes in CSV': {
    text: `timestamp, gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n${Array.from({ length: 8 }, (_, i) => `2026/03/01 10:0${i}:00.123, GPU-1, 4711, python, ${9000 + 1024 * i} MiB\n2026/03/01 10:0${i}:00.123, GPU-1, 815, engine, 30000 MiB\n`).join('')}`,
    whose: 'GPU',
    says: [
      'Device GPU-1 grew from 38.1 GiB to 45.1 GiB over 8 samples in 00:07:00',
      'process 815 (engine) holds 29.3 GiB',
    ],
  },
  'a model that llama.cpp cannot load': {
    text: 'runner  | ggml_backend_cuda_buffer_type_alloc_buffer: allocating 20480.00 MiB on device 1: cudaMalloc failed: out of memory\nrunner  | llama_model_load: error loading model: unable to allocate CUDA1 buffer\n',
    whose: 'GPU',
    says: ['does not fit', 'asked cuda:1 for 20.00 GiB', '-ngl'],
    never: ['microbatches', 'Make each pass smaller'],
  },
  'a buffer of the host that llama.cpp cannot have': {
    text: 'ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 8589934592\nllama_model_load: error loading model: unable to allocate CPU buffer\n',
    whose: 'host',
    says: ['8.00 GiB (8589934592 bytes)'],
  },
  'Ascend, by its own error code': {
    text: 'RuntimeError: ACL stream synchronize failed.\nEL0004: 2026-01-31-08:23:58.845.175 Failed to allocate memory.\n        Possible Cause: Available memory is insufficient.\n        rtMalloc execute failed, reason=[driver error:out of memory][FUNC:FuncErrorReason]\n',
    whose: 'GPU',
    says: ['Ascend’s CANN', 'npu-smi'],
    never: ['nvidia-smi'],
  },
  'an XPU that is full': {
    text: 'RuntimeError: Allocation is out of device memory on current platform.\n',
    whose: 'GPU',
    says: ['the XPU’s driver', 'xpu-smi'],
    never: ['nvidia-smi'],
  },
  'more than an exabyte': {
    text: '[rank2]: torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate more than 1EB memory.\n',
    whose: null,
    says: ['Not a shortage of memory', 'rank 2', 'timeout of NCCL'],
  },
  'more allocated than the device has': {
    text: 'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 40.00 MiB. GPU 0 has a total capacity of 8.00 GiB of which 0 bytes is free. Of the allocated memory 13.98 GiB is allocated by PyTorch, and 512.75 MiB is reserved by PyTorch but unallocated.\n',
    whose: 'GPU',
    says: ['more than its 8.00 GiB', 'shared GPU memory'],
    never: ['pieces', 'do not add up'],
  },
  'CUDA graphs that do not fit beside SGLang’s share': {
    text: 'Traceback (most recent call last):\n  File "runner.py", line 269, in __init__\n    raise Exception(\nException: Capture cuda graph failed: CUDA out of memory. Tried to allocate 224.00 MiB. GPU 1 has a total capacity of 79.11 GiB of which 100.50 MiB is free. Process 3412 has 79.00 GiB memory in use. Of the allocated memory 75.10 GiB is allocated by PyTorch, and 1.13 GiB is reserved by PyTorch but unallocated.\n',
    whose: 'GPU',
    says: ['too little of cuda:1 free for its CUDA graphs: 224.00 MiB', '--mem-fraction-static'],
    never: ['microbatches', 'Make each pass smaller'],
  },
  'a simulator’s error 700 alone': {
    text: '2026-11-25 09:13:08 [11,526ms] [Error] [omni.physx.plugin] PhysX error: SynchronizeStreams cuEventRecord failed with error 700\n',
    whose: null,
    says: ['Not out of memory, as far as the text shows', 'PhysX'],
  },
  'workers of nnU-Net that died': {
    text: 'Traceback (most recent call last):\n  File "x.py", line 125, in results_loop\n    raise e\nRuntimeError: One or more background workers are no longer alive. Exiting. Please check the print statements above for the actual error message\n',
    whose: null,
    says: ['mostly the host’s memory', 'nnUNet_n_proc_DA'],
  },
  'a bar of OpenRLHF in the log of a hang': {
    text: 'Episode [1/20]:   8%|8         | 12/150 [3:34:08<44:07:37, 1168.07s/it, policy_loss=-0.115, actor_lr=2e-6, kl=0.106, reward=1.93, response_length=369, return=-1.98e-9]\n[rank1]:[E416 13:21:26.967375581 ProcessGroupNCCL.cpp:616] [Rank 1] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=8763, OpType=BROADCAST, NumelIn=8, NumelOut=8, Timeout(ms)=600000) ran for 600089 milliseconds before timing out.\n',
    whose: null,
    says: ['failed after batch 12 of 3000', 'A collective operation hung'],
  },
  'memory that InfiniBand cannot lock': {
    text: 'node1:12:45 [0] misc/ibvwrap.cc:262 NCCL WARN Call to ibv_reg_mr failed with error Cannot allocate memory\nncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error.\nLast error:\nCall to ibv_reg_mr failed with error Cannot allocate memory\n',
    whose: null,
    says: ['page-locked host memory', 'ulimit -l'],
    never: ['Out of the host’s memory'],
  },
  'a simulator’s rendering': {
    text: '2026-09-22 01:17:40 [28,987ms] [Error] [carb.graphics-vulkan.plugin] VkResult: ERROR_OUT_OF_DEVICE_MEMORY\n',
    whose: 'GPU',
    says: ['(Vulkan'],
  },
  'Metal’s other allocations': {
    text: 'RuntimeError: MPS backend out of memory (MPS allocated: 9.50 GiB, other allocations: 17.30 GiB, max allowed: 27.20 GiB). Tried to allocate 512.00 MiB on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for memory allocations (may cause system failure).\n',
    whose: 'GPU',
    says: ['17.30 GiB of this process is outside PyTorch: what else Metal'],
    never: ['CUDA'],
  },
  'a dictionary that a terminal wrapped': {
    text: "{'loss': 2.4, 'grad_norm': 1.64656066, 'learning_rate': 5.0000000000\n00001e-07, 'epoch': 0.25}\n{'loss': 2.2, 'grad_norm': 1.5, 'learning_rate': 1e-06, 'epoch': \n0.5}    \nKilled\n",
    whose: 'host',
    says: ['failed after 2 reports of unknown steps'],
  },
  'an out-of-memory error beside samples of the driver': {
    text: 'timestamp, index, memory.used [MiB], memory.total [MiB]\n2026/03/01 10:00:00.123, 0, 80240 MiB, 81920 MiB\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 80.00 GiB of which 1.00 GiB is free. Process 4711 has 79.00 GiB memory in use. Of the allocated memory 77.00 GiB is allocated by PyTorch, and 1.00 GiB is reserved by PyTorch but unallocated.\n',
    whose: 'GPU',
    says: ['full of this process’s own tensors', 'Device 0: 78.4 GiB in use at first'],
  },
  gpustat: {
    text: "gpu-01  Sun Mar  1 10:00:00 2026  550.54.15\n[0] NVIDIA A100-SXM4-80GB | 45'C,  98 % | 79012 / 81920 MB | ana(78000M)\n[1] NVIDIA A100-SXM4-80GB | 40'C,   0 % |     3 / 81920 MB |\n",
    whose: 'GPU',
    says: ['Device 0 is at 96.5%', '79012 of 81920 MiB', 'ana(78000M)'],
    never: ['neighbours'],
  },
  'rocm-smi': {
    text: 'GPU[0]\t\t: VRAM Total Memory (B): 68702699520\nGPU[0]\t\t: VRAM Total Used Memory (B): 10960896\n',
    whose: 'GPU',
    says: ['10 of 65520 MiB', 'no device is full'],
  },
  free: {
    text: '               total        used        free      shared  buff/cache   available\nMem:           125Gi       121Gi       800Mi       1.0Gi       3.2Gi       2.1Gi\nSwap:          8.0Gi       8.0Gi          0B\n',
    whose: 'host',
    says: ['2.1Gi is available', 'No GPU is to blame'],
  },
  'the allocator’s own table': {
    text: '|                  PyTorch CUDA memory summary, device ID 0                 |\n|            CUDA OOMs: 1            |        cudaMalloc retries: 2         |\n| Allocated memory      |  20123 MiB |  22011 MiB |  51200 MiB |  31077 MiB |\n| GPU reserved memory   |  23000 MiB |  23000 MiB |  23000 MiB |      0 B   |\n| Non-releasable memory |   2000 MiB |   2500 MiB |  10000 MiB |   8000 MiB |\n',
    whose: 'GPU',
    says: [
      '19.7 GiB of 22.5 GiB',
      '1 out-of-memory error',
      '2.81 GiB is reserved and in no tensor',
      '1.95 GiB',
    ],
  },
  'a small card that is not full of tensors alone': {
    text: 'RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 4.00 GiB total capacity; 2.81 GiB already allocated; 0 bytes free; 2.95 GiB reserved in total by PyTorch)',
    whose: 'GPU',
    says: ['tensors hold 2.81 GiB of 4.00 GiB', '1.05 GiB is outside PyTorch'],
  },
  'a rank of SageMaker’s': {
    text: '[1,mpirank:3,algo-1]<stderr>:torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 5.00 GiB (GPU 3; 39.59 GiB total capacity; 36.20 GiB already allocated; 310.19 MiB free; 37.80 GiB reserved in total by PyTorch)',
    whose: 'GPU',
    says: ['rank 3', 'cuda:3', '36.20 GiB of 39.59 GiB'],
  },
  'a notebook that crashed without a reason': {
    text: 'step 10 loss 2.1\nstep 20 loss 2.0\nstep 30 loss 1.9\nYour session crashed for an unknown reason.',
    whose: null,
    says: ['died without a word', 'colab'],
  },
  'an error quoted in a mail': {
    text: '> Traceback (most recent call last):\n>   File "train.py", line 10, in <module>\n> torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which 1.03 GiB is free. Process 812 has 22.60 GiB memory in use. Of the allocated memory 20.20 GiB is allocated by PyTorch, and 1.98 GiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['20.20 GiB of 23.64 GiB', '2.00 GiB'],
    never: ['Others'],
  },
  'Docker’s JSON lines': {
    text: '{"log":"{\'loss\': 1.2, \'grad_norm\': 0.5, \'learning_rate\': 1e-05, \'epoch\': 0.1}\\n","stream":"stdout"}\n{"log":"RuntimeError: CUDA out of memory. Tried to allocate 5.00 GiB (GPU 0; 39.59 GiB total capacity; 36.20 GiB already allocated; 310.19 MiB free; 37.80 GiB reserved in total by PyTorch)\\n","stream":"stderr"}',
    whose: 'GPU',
    says: ['36.20 GiB of 39.59 GiB', 'failed after 1 report of an unknown step'],
  },
  'Ctrl-C behind a bar': {
    text: ' 12%|█▏        | 12/100 [00:12<01:30,  1.02s/it]^CTraceback (most recent call last):\n  File "train.py", line 10, in <module>\n    trainer.train()\nKeyboardInterrupt\n',
    whose: null,
    says: ['ended on request'],
  },
};

test.each(Object.entries(rows))('%s', (_, { whose, ...row }) => {
  expect(expectAnswer(row).whose).toBe(whose);
});
