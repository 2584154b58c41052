/** Whose memory an error was about, in words and figures that are easily taken for another's; values invented. */
import { test } from 'vitest';
import { expectAnswer, type Pasted } from './pasted.ts';

const torch = (
  backend: string,
  tried: string,
  total: string,
  free: string,
  held: string,
  unallocated: string,
) =>
  `torch.OutOfMemoryError: ${backend} out of memory. Tried to allocate ${tried}. GPU 0 has a total capacity of ${total} of which ${free} is free. Of the allocated memory ${held} is allocated by PyTorch, and ${unallocated} is reserved by PyTorch but unallocated.`;

const rows: Record<string, Pasted> = {
  'an APU, whose memory is the host’s': {
    text: torch('HIP', '2.10 GiB', '96.00 GiB', '410.00 MiB', '40.20 GiB', '90.00 MiB'),
    says: ['shares the host’s memory', '55.31 GiB of 96.00 GiB', 'free -h'],
    never: ['Others take'],
  },
  'a board of Grace or Jetson': {
    text: torch('CUDA', '2.10 GiB', '119.70 GiB', '410.00 MiB', '40.20 GiB', '90.00 MiB'),
    says: ['shares the host’s memory'],
  },
  'a board of AMD’s with memory of its own': {
    text: torch('HIP', '2.10 GiB', '63.98 GiB', '410.00 MiB', '40.20 GiB', '90.00 MiB'),
    says: ['Others take'],
    never: ['shares the host’s memory'],
  },
  'a large board of NVIDIA’s': {
    text: torch('CUDA', '2.10 GiB', '79.15 GiB', '410.00 MiB', '40.20 GiB', '90.00 MiB'),
    says: ['Others take'],
    never: ['the host’s'],
  },
  'pieces that the request does not fit into, though there is enough': {
    text: torch('CUDA', '4.00 GiB', '79.15 GiB', '1.30 GiB', '69.00 GiB', '7.10 GiB'),
    says: ['7.10 GiB that no tensor uses', 'pieces'],
  },
  'less in pieces than was asked for': {
    text: torch('CUDA', '8.00 GiB', '79.15 GiB', '1.30 GiB', '69.00 GiB', '7.10 GiB'),
    says: ['full of this process’s own tensors'],
    never: ['pieces'],
  },
  'a limit that is reached but for the rounding of its text': {
    text: 'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 191.98 GiB of which 180.10 GiB is free. 2.05 GiB allowed; Of the allocated memory 2040.02 MiB is allocated by PyTorch, with 12.00 MiB allocated in private pools (e.g., HIP Graphs), and 55.98 MiB is reserved by PyTorch but unallocated.',
    says: ['its own limit', '2.05 GiB'],
  },
  'a TPU whose free memory is in pieces': {
    text: 'Exception in device=TPU:2: RESOURCE_EXHAUSTED: Attempting to reserve 5.10G at the bottom of memory. That was not possible. There are 5.80G free, 0B reserved, and 2.20G reservable.',
    says: ['5.10 GiB in one piece', '5.80 GiB of tpu is free', 'XLA'],
    never: ['limit on the process'],
  },
  'a compiler on the host': {
    text: 'failed call to posix_madvise(-1, -2)ret=22\nLLVM ERROR: out of memory\n',
    says: ['the host’s memory, not the GPU’s', 'llvm'],
  },
  'TensorFlow’s warning is no failure': {
    text: '2024-04-10 16:52:27.4: W tensorflow/core/common_runtime/bfc_allocator.cc:219] Allocator (GPU_0_bfc) ran out of memory trying to allocate 512.20MiB. The caller indicates that this is not a failure, but may mean that there could be performance gains if more memory were available.',
    says: ['could do without', 'No failure'],
    never: ['failed', 'allocator: import'],
  },
  'a simulator whose kernel failed, behind a bar': {
    text: ' 12%|█▏        | 12/100 [00:12<01:30,  1.02s/it]\n2025-01-01 09:13:08 [11,526ms] [Error] [omni.physx.plugin] PhysX error: Fetching GPU Narrowphase failed! 700\n, FILE /a/PxgNarrowphaseCore.cpp, LINE 1367\n',
    says: ['12 of 100', 'Not out of memory', 'error 700'],
  },
  'an engine that wakes up after one sleep': {
    text: 'INFO 09-10 12:12:34 [gpu_worker.py:115] Sleep mode freed 19.20 GiB memory, 8.65 GiB memory is still in use.\nRuntimeError: CUDA Error: out of memory at /workspace/csrc/cumem_allocator.cpp:62\n',
    says: ['vLLM', 'While the inference engine slept, 8.65 GiB'],
  },
  'TensorFlow’s own words, not PyTorch’s advice': {
    text: '2017-11-03 11:34:30.6: E tensorflow/stream_executor/cuda/cuda_driver.cc:924] failed to allocate 1.97G (2120187392 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory',
    says: ['in TensorFlow', '1.97 GiB'],
    never: ['set_per_process_memory_fraction', 'PyTorch'],
  },
  'an XPU that refuses one large allocation': {
    text: 'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 4.00 GiB. GPU 0 has a total capacity of 15.11 GiB. Of the allocated memory 2.90 GiB is allocated by PyTorch, and 10.00 MiB is reserved by PyTorch but unallocated. Please use `empty_cache` to release all unoccupied cached memory.',
    says: ['only 2.91 GiB of xpu:0’s 15.11 GiB', 'single allocations of 4 GiB'],
    never: ['own tensors'],
  },
  'TensorFlow on an XPU': {
    text: 'ResourceExhaustedError: OOM when allocating tensor with shape[3,3,2560,1280] and type float on /job:localhost/replica:0/task:0/device:XPU:0 by allocator Simple allocator [Op:AddV2]',
    says: ['112.50 MiB', 'xpu-smi'],
    never: ['nvidia-smi'],
  },
  'an array whose size ends with its point': {
    text: 'MemoryError: Unable to allocate 415. GiB for an array with shape (10000, 100, 84480) and data type float32',
    says: ['415.00 GiB', 'the host’s memory'],
  },
  'as much free as was asked for is not free enough': {
    text: 'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 58.00 MiB (GPU 0; 9.78 GiB total capacity; 7.91 GiB already allocated; 58.31 MiB free; 8.01 GiB reserved in total by PyTorch)',
    says: ['full', '1.71 GiB is neither PyTorch’s nor free'],
    never: ['a limit on the process'],
  },
  'a simulator in the same process holds more than the neighbour': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 256.00 MiB. GPU 0 has a total capacity of 7.79 GiB of which 120.00 MiB is free. Including non-PyTorch memory, this process has 6.10 GiB memory in use. Process 4411 has 1.50 GiB memory in use. Of the allocated memory 2.10 GiB is allocated by PyTorch, and 100.00 MiB is reserved by PyTorch but unallocated.',
    says: ['3.90 GiB is outside PyTorch', 'process 4411 has 1.50 GiB', 'a simulator'],
    never: ['Others take'],
  },
  TensorRT: {
    text: '[TRT] [E] 2: [virtualMemoryBuffer.cpp::resizePhysical::145] Error Code 2: OutOfMemory (no further information)',
    says: ['TensorRT'],
  },
  'Ray’s object store': {
    text: 'ray.exceptions.ObjectStoreFullError: Failed to put object ffff in object store because it is full. Object size is 2147483648 bytes.',
    says: ['Not out of GPU memory', '/dev/shm'],
  },
  'a container’s exit code by docker compose': {
    text: "trainer-1  | {'loss': 0.5, 'grad_norm': 1.2, 'learning_rate': 1e-05, 'epoch': 0.5}\ntrainer-1 exited with code 137",
    says: ['failed after 1 report of an unknown step', 'SIGKILL'],
  },
  'an exit code by pssh': {
    text: '[1] 10:11:12 [FAILURE] node2 Exited with error code 137',
    says: ['SIGKILL'],
  },
  'ranks of one group of many': {
    text: [65, 66]
      .map(
        rank =>
          `[E ProcessGroupNCCL.cpp:481] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=15, OpType=_REDUCE_SCATTER_BASE, Timeout(ms)=1800000) ran for 1800441 milliseconds before timing out.`,
      )
      .join('\n'),
    says: ['ranks 65, 66 waited; ranks 0–64 have no line', 'if this is all of the output'],
    never: ['that failed'],
  },
};

test.each(Object.entries(rows))('%s', (_, row) => {
  expectAnswer(row);
});
