/** Errors that have nothing to do with how much memory there is and are taken for it: faults of kernels, of devices, of launches, of workers. */
import type { Finding } from '../contract/index.ts';
import { textFinding } from './text-finding.ts';

interface Known {
  /** Words of the text, in lower case; all of them stand in it. */
  words: readonly string[];
  says: string;
  next: readonly string[];
  confidence?: Finding['confidence'];
}

const FIND_THE_LINE =
  'Run with CUDA_LAUNCH_BLOCKING=1 (it is reported later than it happened otherwise), or compute-sanitizer, to find the kernel.';

const KNOWN: readonly Known[] = [
  {
    words: ['illegal memory access'],
    says: 'Not out of memory: a kernel read or wrote an address that is not its own.',
    next: [
      FIND_THE_LINE,
      'Look for an index out of range, or a custom kernel with shapes that it does not expect.',
    ],
  },
  {
    words: ['device-side assert'],
    says: 'Not out of memory: an assertion in a kernel failed, mostly an index out of range: a label or token beyond the number of classes or the vocabulary.',
    next: [
      FIND_THE_LINE,
      'The line above that ends in “Assertion … failed” names the kernel. Or run it once on the CPU.',
    ],
  },
  {
    words: ['misaligned address'],
    says: 'Not out of memory: a kernel used an address that is not aligned.',
    next: [FIND_THE_LINE],
  },
  {
    words: ['unspecified launch failure'],
    says: 'Not out of memory: a kernel failed while it ran.',
    next: [FIND_THE_LINE, 'Look for lines of “NVRM: Xid” in dmesg: they name a fault of the device.'],
  },
  {
    words: ['uncorrectable ecc'],
    says: 'Not out of memory: the device’s memory has an error that cannot be corrected. The hardware, not the program.',
    next: [
      'Take the GPU or its node out of use, reset it, and have it checked (nvidia-smi -q -d ECC, dmesg).',
    ],
  },
  {
    words: ['busy or unavailable'],
    says: 'Not out of memory: another process has the device for itself (exclusive mode), or the device does not answer.',
    next: ['See nvidia-smi: the compute mode of the device, and who uses it.'],
  },
  {
    words: ['no kernel image is available'],
    says: 'Not out of memory: this build has no kernels for this GPU’s architecture.',
    next: ['Install a build of PyTorch, or of the extension, for the GPU’s compute capability.'],
  },
  {
    words: ['cublas_status_not_initialized'],
    says: 'cuBLAS could not be set up. Where a kernel failed before, it is that; otherwise mostly the device had no memory left for it.',
    next: [
      'Look at nvidia-smi: with the device nearly full, leave memory outside PyTorch (set_per_process_memory_fraction below 1, smaller batch).',
      FIND_THE_LINE,
    ],
    confidence: 'possible',
  },
  {
    words: ['dataloader worker', 'exited unexpectedly'],
    says: 'A worker of the DataLoader died; its own error stands above, or it was killed: mostly the host’s memory, or /dev/shm.',
    next: [
      'Run once with num_workers=0: its error then has a traceback.',
      'Look for the killer: dmesg (“Out of memory: Killed process”); make /dev/shm larger (docker: --shm-size).',
    ],
    confidence: 'possible',
  },
  {
    words: ['failed to put object', 'it is full'],
    says: 'Not out of GPU memory: Ray’s object store, which lies in the host’s shared memory (/dev/shm), is full.',
    next: [
      'Give it more (ray start --object-store-memory; docker: --shm-size), or put less into it: smaller batches of experience, references that are dropped.',
    ],
  },
  {
    words: ['pin memory thread exited unexpectedly'],
    says: 'Not out of GPU memory, as far as the text shows: the thread that copies batches into page-locked host memory died; its own error stands above.',
    next: [
      'Run once with pin_memory=False: the error then has a traceback; look for a lack of the host’s memory.',
    ],
    confidence: 'possible',
  },
  {
    words: ['background workers are no longer alive'],
    says: 'A worker that prepares data died (nnU-Net, batchgenerators); its own error stands above, or it was killed: mostly the host’s memory.',
    next: [
      'Use fewer workers (nnUNet_n_proc_DA), or 0: its error then has a traceback.',
      'Look for the killer: dmesg (“Out of memory: Killed process”), the scheduler’s or container’s log.',
    ],
    confidence: 'possible',
  },
  {
    words: ['physx error', '700'],
    says: 'Not out of memory, as far as the text shows: a kernel of the simulator (PhysX) read or wrote an address that is not its own (error 700). Where an allocation of the simulator was refused before, it comes of that.',
    next: [
      'Look above for “fail to allocate memory” or “buffer overflow detected”: then the simulator’s buffers are what to change.',
      'Else look for states that are no numbers, for actions without a bound, and for the driver’s version.',
    ],
    confidence: 'likely',
  },
  {
    words: ['ur_result_error_device_lost'],
    says: 'The device was lost: the driver reset it, mostly after a kernel that ran too long or a shortage of memory of the device or the host.',
    next: ['Look at dmesg for lines of i915 or xe, and at xpu-smi for how full it was; try a smaller batch.'],
    confidence: 'possible',
  },
  {
    words: ['too many open files'],
    says: 'Not out of memory: the process has as many files open as it may. The DataLoader’s shared tensors are files.',
    next: ['Raise the limit (ulimit -n), or torch.multiprocessing.set_sharing_strategy("file_system").'],
  },
  {
    words: ['loss is nan'],
    says: 'Not out of memory: the trainer stopped itself since the loss is no number.',
    next: [
      'Lower the learning rate, clip gradients, look at the batch before it; use bfloat16 instead of float16.',
    ],
  },
  {
    words: ['unhandled system error'],
    says: 'Not out of GPU memory, as far as the text shows: a call of NCCL to the system failed (a socket, shared memory, a network card).',
    next: ['Run with NCCL_DEBUG=INFO: the line before the error names the call.'],
    confidence: 'likely',
  },
];

/** null for an error that is none of these. */
export function explainError(message: string): Finding | null {
  const lower = message.toLowerCase();
  const known = KNOWN.find(({ words }) => words.every(word => lower.includes(word)));
  if (known === undefined) return null;
  const { says, next, confidence = 'certain' } = known;
  return textFinding({ kind: 'not memory', says, next: [...next], confidence });
}
