/** Memory that sounds like a full GPU and is none: a kernel's on-chip memory, /dev/shm, page-locked memory, a page file, a buffer of a configured size, a disk. */
import type { Finding } from '../contract/index.ts';
import { capacityIn, type MemoryError, pinnedBytesIn } from '../texts/index.ts';
import { AFTER_700, PHYSX_700 } from './known-errors/kernels.ts';
import { textFinding, torchAmount } from './text-finding.ts';

export function explainOther({ memory, by }: MemoryError, message: string): Finding {
  switch (memory) {
    case 'on-chip':
      return onChip(by, message);
    case 'shared memory files':
      return sharedMemoryFiles(by, message);
    case 'page-locked': {
      if (/PhysX/.test(message) && /\berror 700\b/.test(message))
        return textFinding({
          kind: 'not memory',
          confidence: 'likely',
          says: `${PHYSX_700} Behind it the driver refuses everything, page-locked host memory too.`,
          next: AFTER_700,
        });
      if (/PxgCudaMemoryAllocator/.test(message))
        return textFinding({
          kind: 'not memory',
          confidence: 'possible',
          says: 'Not out of GPU memory, as far as the text shows: the simulator (PhysX) could not have page-locked host memory. Behind an error 700 or a kernel that failed it follows from that: the driver then refuses everything.',
          next: [
            'Look at the first error of the simulator above: “fail to allocate memory”, “fail to launch”, 700.',
            'Where this is the first, give the host more memory, or raise `ulimit -l`.',
          ],
        });
      if (by === 'ggml')
        return textFinding({
          kind: 'host memory',
          says: 'Not out of GPU memory: page-locked host memory could not be had, by the words of llama.cpp (ggml). It takes other host memory instead and goes on, slower; what ended it, if anything did, stands further down.',
          next: ['Raise `ulimit -l`, or free memory of the host, where the speed matters.'],
        });
      const asked = pinnedBytesIn(message);
      return textFinding({
        // How much of it a process may lock for a network card is a limit of its own.
        kind: /\bibv_/.test(message) ? 'not memory' : 'host memory',
        // The driver refuses so large a piece, or has an error of before.
        ...(/invalid argument/.test(message) && { confidence: 'likely' as const }),
        says: `Not out of GPU memory: page-locked host memory could not be had (${by})${asked === null ? '' : `: ${torchAmount(asked)} was asked for`}.`,
        next: [
          by === 'nccl'
            ? 'Let the process lock memory for the network card: `ulimit -l unlimited` where it runs (docker: --ulimit memlock=-1; Slurm: PropagateResourceLimitsExcept=MEMLOCK).'
            : 'Turn pin_memory off or pin less (offloaded optimizer states and caches are pinned too), raise `ulimit -l`, or give the host more memory.',
        ],
      });
    }
    case 'page file':
      return textFinding({
        kind: 'host memory',
        says: 'Not out of GPU memory: Windows’ page file is too small for what the host was asked for.',
        next: ['Make the page file larger, or use fewer DataLoader workers.'],
      });
    case 'configured buffer': {
      if (by === 'ggml')
        return textFinding({
          kind: 'not memory',
          says: 'Not out of memory: a buffer that ggml had measured before is too small for what the graph needs; the message has both sizes.',
          next: [
            'It is a fault of the program’s own plan, not of the machine’s memory: try a smaller context or batch, or another version.',
          ],
        });
      if (by === 'triton server') {
        const asked = /with byte size (\d{1,15})/.exec(message)?.[1];
        return textFinding({
          kind: 'not memory',
          confidence: 'likely',
          says: `Not out of GPU memory: Triton’s own pool for buffers on the GPU (64 MiB by default)${asked === undefined ? ' is used up' : ` has no ${torchAmount(Number(asked))} left`}. It takes page-locked host memory instead and goes on, slower.`,
          next: [
            'Make the pool larger: tritonserver --cuda-memory-pool-byte-size=0:BYTES (0 is the GPU’s number).',
          ],
        });
      }
      if (by === 'sglang') {
        const [, free, asked] = SLOTS.exec(message) ?? [];
        return textFinding({
          kind: 'not memory',
          says: `Not out of GPU memory: SGLang’s scheduler has ${free === undefined ? 'no slot left for another request' : `${free === '0' ? 'no' : free} slot${free === '1' ? '' : 's'} left, and ${asked} were asked for at once`}: their number is fixed as it starts (--max-running-requests), and more requests were to run.`,
          next: [
            `Send fewer requests at once, or start it with more slots: a larger --max-running-requests.${/smaller number/.test(message) ? ' (The text advises a smaller one, which admits fewer and makes fewer slots too.)' : ''}`,
            'Where a few requests already use all of them, slots are not given back: look for aborted requests, and try another version.',
          ],
        });
      }
      if (by === 'flashinfer') {
        const [, buffer, size] = WORKSPACE.exec(message) ?? [];
        return textFinding({
          kind: 'not memory',
          says: `Not out of GPU memory: FlashInfer’s workspace, a buffer of a configured size, is too small${size === undefined ? '' : `: ${buffer} needs ${torchAmount(Number(size))} of it (${size} bytes)`}.`,
          next: [
            'Make the workspace larger (SGLang: SGLANG_FLASHINFER_WORKSPACE_SIZE, FLASHINFER_WORKSPACE_SIZE in older versions; vLLM: VLLM_FLASHINFER_WORKSPACE_BUFFER_SIZE), or take another attention backend.',
          ],
        });
      }
      const capacity = capacityIn(message);
      return textFinding({
        kind: 'not memory',
        says: `Not out of GPU memory: a buffer of a configured size is too small (${by})${capacity === null ? '; the message names it' : `: ${capacity.setting} has to be ${capacity.least} at least`}.`,
        next: [
          capacity === null
            ? 'Raise the capacity that the message names.'
            : `Raise ${capacity.setting} to more than ${capacity.least} in the simulation’s settings (Isaac Lab: sim.physx.${inIsaacLab(capacity.setting)}; Isaac Gym: physx). Until then contacts are left out, and the physics are wrong.`,
        ],
      });
    }
    default:
      return textFinding({
        kind: 'not memory',
        says: 'Not out of memory: the disk is full.',
        next: [
          'Make room on the disk that the path is on (df -h), or within its quota (quota -s): keep fewer checkpoints, or write elsewhere (the output folder, HF_HOME, TMPDIR).',
        ],
      });
  }
}

/** Isaac Lab's name of a setting of PhysX': `gpu_found_lost_pairs_capacity` for `foundLostPairsCapacity`. */
const inIsaacLab = (setting: string): string =>
  `gpu_${setting.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)}`;

/** `Failed to allocate memory for batch_prefill_tmp_v with size 435585024` */
const WORKSPACE = /allocate memory for (\w{1,60}) with size (\d{1,15})/;
/** `(size 9637888)`, `to 9637892 bytes` */
const SEGMENT: readonly RegExp[] = [/\(size (\d{1,15})\)/, /\bto (\d{1,15}) bytes/];

function segmentIn(message: string): number | null {
  const [, bytes] = firstIn(SEGMENT, message);
  return bytes === undefined ? null : Number(bytes);
}

/** What a kernel asks for of a block's shared memory and what that has, in bytes; some texts have the first alone. */
const BLOCK: readonly RegExp[] = [
  /Required: (\d{1,15}),?\s{0,4}Hardware limit(?:ation)?: ?(\d{1,15})/,
  /too much shared data \((0x[\da-f]{1,12}) bytes, (0x[\da-f]{1,12}) max\)/,
  /limit exceeded:\s{0,20}requested (\d{1,15}), available: (\d{1,15})/,
  /Allocated: (\d{1,15}) bytes\. Max: (\d{1,15}) bytes/,
  /exceeds available shared memory: (\d{1,15}) > (\d{1,15})/,
  /MaxDynamicSharedMemorySize, (\d{1,15})\)/,
  /allowed dynamic shared memory size to (\d{1,15})/,
];
/** Triton names what it is short of: `out of resource: tensor memory, Required: 1024, Hardware limit: 512`. */
const RESOURCE = /out of resource: ([a-z]{1,20}(?: [a-z]{1,20})?), ?Required/;
/** `self.req_to_token_pool.available_size()=1, num_reqs=2,` */
const SLOTS = /available_size\(\)=(\d{1,6}), {0,3}num_reqs=(\d{1,6})/;
/** A TPU's: `Used 32.42M of 16.00M vmem`, `Scoped allocation with size 31.07M and limit 16.00M exceeded scoped vmem limit` */
const OF_TPU: readonly RegExp[] = [
  /Used ([\d.]{1,12}[KMG]?) of ([\d.]{1,12}[KMG]?) ([vs]mem)\b/,
  /size ([\d.]{1,12}[KMG]?) and limit ([\d.]{1,12}[KMG]?) exceeded scoped (vmem)/,
  /memory space ([vs]mem)\b/,
];

/** What the first pattern that fits has found. */
const firstIn = (patterns: readonly RegExp[], message: string): string[] =>
  patterns.map(pattern => pattern.exec(message)).find(found => found !== null) ?? [];

function onChip(by: string, message: string): Finding {
  const ofTpu = firstIn(OF_TPU, message);
  if (ofTpu.length > 0) {
    const [, asked, limit, space = asked] = ofTpu;
    return textFinding({
      kind: 'not memory',
      says: `Not out of the accelerator’s main memory (HBM): a kernel asks for ${limit === undefined ? `more on-chip memory (${space}) than it may have` : `${asked} of on-chip memory (${space}), and may have ${limit}`}. It was found while compiling, before anything ran.`,
      next: [
        'Use smaller blocks (BlockSpec; block or chunk sizes of an attention kernel), or raise the limit of the kernel: vmem_limit_bytes in pltpu.CompilerParams, LIBTPU_INIT_ARGS=--xla_tpu_scoped_vmem_limit_kib=….',
      ],
    });
  }
  if (/too many resources requested for launch/i.test(message))
    return textFinding({
      kind: 'not memory',
      says: 'Not out of GPU memory: a kernel asks for more registers (or on-chip shared memory) for one block than a multiprocessor has. A smaller batch does not help.',
      next: [
        'Launch it with fewer threads in a block (a kernel of one’s own: __launch_bounds__, -maxrregcount; CUDA.jl and Numba: threads, maxregs).',
        'In a library’s kernel: another build or version for this GPU, which may have fewer registers than the one that it was made for.',
      ],
    });
  const [, asked, limit] = firstIn(BLOCK, message);
  const resource = RESOURCE.exec(message)?.[1] ?? 'shared memory';
  const bytes =
    resource === 'shared memory'
      ? `${Number(asked)} bytes of on-chip shared memory`
      : `${asked} of its ${resource}`;
  return textFinding({
    kind: 'not memory',
    says: `Not out of GPU memory: a kernel (${by}) asks for ${asked === undefined ? 'more on-chip shared memory or registers than a block has' : `${bytes}, ${limit === undefined ? 'more than a block has' : `and a block has ${Number(limit)}`}`}. A smaller batch does not help.`,
    next: [
      'Use smaller block sizes, fewer stages (num_stages), or a smaller head dimension; or another attention implementation.',
    ],
  });
}

function sharedMemoryFiles(by: string, message: string): Finding {
  if (/permission denied/i.test(message))
    return textFinding({
      kind: 'not memory',
      says: `Not out of memory: the process may not write to /dev/shm, the host’s shared memory files (${by}).`,
      next: [
        'Make it writable (mode 1777, as a container’s or node’s default is), or run without it (NCCL_SHM_DISABLE=1).',
      ],
    });
  if (/unable to open shared memory object/i.test(message) && !/no space|out of/i.test(message)) {
    const isFiles = /too many open files/i.test(message);
    return textFinding({
      kind: 'not memory',
      confidence: isFiles ? 'certain' : 'likely',
      says: `Not out of GPU memory: a tensor could not be shared between processes${isFiles ? ', since the process has as many files open as it may' : ': mostly the process has as many files open as it may, or /dev/shm, the host’s shared memory files, is full'} (${by}).`,
      next: [
        'Raise the limit of open files (ulimit -n), or torch.multiprocessing.set_sharing_strategy("file_system"); keep no batches of the DataLoader in a list.',
        ...(isFiles
          ? []
          : [
              'Look at df -h /dev/shm; make it larger (docker: --shm-size or --ipc=host), or use fewer workers.',
            ]),
      ],
    });
  }
  const asked = by === 'nccl' ? segmentIn(message) : null;
  return textFinding({
    kind: 'host memory',
    says: `Not out of GPU memory: /dev/shm, the host’s shared memory files, is full (${by})${asked === null ? '' : `: a segment of ${torchAmount(asked)} did not fit`}.`,
    next: [
      'Make it larger (docker: --shm-size or --ipc=host; Kubernetes: an emptyDir of medium Memory at /dev/shm), or use fewer DataLoader workers.',
      ...(by === 'nccl'
        ? ['Look at df -h /dev/shm, and remove what runs that died have left there (/dev/shm/nccl-*).']
        : []),
    ],
  });
}
