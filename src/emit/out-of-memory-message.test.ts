import { describe, expect, test } from 'vitest';
import { GIB } from '../contract/index.ts';
import { parseOutOfMemory } from './index.ts';

const MIB = 2 ** 20;
const gib = (n: number) => Math.round(n * GIB);
const mib = (n: number) => Math.round(n * MIB);
const nothing = {
  device: null,
  triedBytes: null,
  totalBytes: null,
  freeBytes: null,
  processBytes: null,
  allocatedBytes: null,
  privatePoolBytes: null,
  reservedUnallocatedBytes: null,
};

describe('texts of out-of-memory errors', () => {
  test.each<[string, string, Partial<Record<keyof typeof nothing, unknown>>]>([
    [
      'current',
      'CUDA out of memory. Tried to allocate 2.00 GiB. GPU 1 has a total capacity of 79.15 GiB of which 512.00 MiB is free. Including non-PyTorch memory, this process has 78.60 GiB memory in use. Of the allocated memory 70.25 GiB is allocated by PyTorch, and 7.50 GiB is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting PYTORCH_ALLOC_CONF=expandable_segments:True to avoid fragmentation.',
      {
        device: 'cuda:1',
        triedBytes: gib(2),
        totalBytes: gib(79.15),
        freeBytes: mib(512),
        processBytes: gib(78.6),
        allocatedBytes: gib(70.25),
        reservedUnallocatedBytes: gib(7.5),
      },
    ],
    [
      'with private pools',
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 23.64 GiB of which 0 bytes is free. Process 4711 has 3.10 GiB memory in use. Process 99 has 20.50 GiB memory in use. Of the allocated memory 19.00 GiB is allocated by PyTorch, with 1.25 GiB allocated in private pools (e.g., CUDA Graphs), and 640.00 KiB is reserved by PyTorch but unallocated.',
      {
        device: 'cuda:0',
        triedBytes: mib(20),
        totalBytes: gib(23.64),
        freeBytes: 0,
        allocatedBytes: gib(19),
        privatePoolBytes: gib(1.25),
        reservedUnallocatedBytes: 640 * 1024,
      },
    ],
    [
      '2.1, misspelt, a limit set',
      'OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB. GPU 0 has a total capacty of 8.00 GiB of which 6.00 GiB is free. 2.00 GiB allowed; Of the allocated memory 1.50 GiB is allocated by PyTorch, and 12.00 MiB is reserved by PyTorch but unallocated.',
      {
        device: 'cuda:0',
        triedBytes: gib(1),
        totalBytes: gib(8),
        freeBytes: gib(6),
        allocatedBytes: gib(1.5),
        reservedUnallocatedBytes: mib(12),
      },
    ],
    [
      'older',
      'RuntimeError: CUDA out of memory. Tried to allocate 1.41 GiB (GPU 3; 2.00 GiB total capacity; 330.44 MiB already allocated; 1.23 GiB free; 410.00 MiB reserved in total by PyTorch) If reserved memory is >> allocated memory try setting max_split_size_mb',
      {
        device: 'cuda:3',
        triedBytes: gib(1.41),
        totalBytes: gib(2),
        freeBytes: gib(1.23),
        allocatedBytes: mib(330.44),
        reservedUnallocatedBytes: mib(410) - mib(330.44),
      },
    ],
    [
      'oldest, whose "cached" is no reserved total',
      'CUDA out of memory. Tried to allocate 32.00 MiB (GPU 0; 5.93 GiB total capacity; 5.19 GiB already allocated; 13.62 MiB free; 41.91 MiB cached)',
      {
        device: 'cuda:0',
        triedBytes: mib(32),
        totalBytes: gib(5.93),
        freeBytes: mib(13.62),
        allocatedBytes: gib(5.19),
      },
    ],
    [
      'ROCm',
      'HIP out of memory. Tried to allocate 512 bytes. GPU 2 has a total capacity of 63.98 GiB of which 20.00 MiB is free. Of the allocated memory 1 byte is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated.',
      {
        device: 'cuda:2',
        triedBytes: 512,
        totalBytes: gib(63.98),
        freeBytes: mib(20),
        allocatedBytes: 1,
        reservedUnallocatedBytes: 0,
      },
    ],
    [
      'XPU',
      'XPU out of memory. Tried to allocate 4.00 GiB. GPU 0 has a total capacity of 15.56 GiB. Of the allocated memory 9.00 GiB is allocated by PyTorch, and 3.00 GiB is reserved by PyTorch but unallocated.',
      {
        device: 'xpu:0',
        triedBytes: gib(4),
        totalBytes: gib(15.56),
        allocatedBytes: gib(9),
        reservedUnallocatedBytes: gib(3),
      },
    ],
    [
      'Metal',
      'RuntimeError: MPS backend out of memory (MPS allocated: 9.57 GiB, other allocations: 17.35 GiB, max allowed: 27.20 GiB). Tried to allocate 292.50 MiB on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for memory allocations (may cause system failure).',
      {
        device: 'mps',
        triedBytes: mib(292.5),
        allocatedBytes: gib(9.57),
        processBytes: gib(9.57) + gib(17.35),
      },
    ],
    [
      'Metal, older units',
      'MPS backend out of memory (MPS allocated: 8.00 GB, other allocations: 172.98 MB, max allowed: 9.07 GB). Tried to allocate 6.25 MB on private pool.',
      {
        device: 'mps',
        triedBytes: mib(6.25),
        allocatedBytes: gib(8),
        processBytes: gib(8) + mib(172.98),
      },
    ],
    [
      'of the host',
      "RuntimeError: [enforce fail at alloc_cpu.cpp:114] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4294967296 bytes. Error code 12 (Cannot allocate memory)",
      { device: 'cpu', triedBytes: gib(4) },
    ],
    ['of the driver, without figures', 'RuntimeError: CUDA error: out of memory', {}],
    ['a size beyond any', 'CUDA out of memory. Tried to allocate more than 1EB memory.', {}],
    [
      'a driver that tells nonsense',
      'CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 8.00 GiB of which 1.00 GiB is free. Including non-PyTorch memory, this process has 17179869184.00 GiB memory in use.',
      { device: 'cuda:0', triedBytes: mib(2), totalBytes: gib(8), freeBytes: gib(1) },
    ],
  ])('%s', (_, text, figures) => {
    expect(parseOutOfMemory(text)).toEqual({ ...nothing, ...figures });
  });

  test.each(['', 'KeyError: 0', 'CUDA error: device-side assert triggered'])(
    'another error is none: %j',
    text => {
      expect(parseOutOfMemory(text)).toBeNull();
    },
  );
});
