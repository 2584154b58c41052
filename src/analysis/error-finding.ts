/**
 * Errors that have nothing to do with how much memory there is and are taken for it: faults of kernels, of devices, of launches, of
 * workers. One table of words, as long as there are such errors.
 */
import type { Finding } from '../contract/index.ts';
import { textFinding } from './text-finding.ts';

interface Known {
  /** Words of the text, in lower case; all of them stand in it. */
  words: readonly string[];
  says: string;
  next: readonly string[];
  confidence?: Finding['confidence'];
  /** Finds what the text names, which is put behind `named.says`. */
  named?: { pattern: RegExp; says: string };
}

const FIND_THE_LINE =
  'Run with CUDA_LAUNCH_BLOCKING=1 (it is reported later than it happened otherwise), or compute-sanitizer, to find the kernel.';

const LEAVE_ROOM =
  'Look at nvidia-smi: with the device nearly full, leave memory outside PyTorch (set_per_process_memory_fraction below 1, smaller batch).';
const CUDNN = [
  LEAVE_ROOM,
  FIND_THE_LINE,
  'Run once with torch.backends.cudnn.benchmark = False, or cudnn.enabled = False: does it go away?',
];

const PHYSX_700 =
  'Not out of memory, as far as the text shows: a kernel of the simulator (PhysX) read or wrote an address that is not its own (error 700). Where an allocation of the simulator was refused before, it comes of that.';
const AFTER_700 = [
  'Look above for “fail to allocate memory” or “buffer overflow detected”: then the simulator’s buffers are what to change.',
  'Else look for states that are no numbers, for actions without a bound, and for the driver’s version.',
];

const WORKER_DIED =
  'A worker process died without an error of its own: mostly it was killed for lack of the host’s memory, or it crashed in native code. No GPU refused anything.';
const FIND_KILLER = [
  'Look for the killer: dmesg (“Out of memory: Killed process”), the scheduler’s or container’s log.',
  'Use fewer workers (num_proc, n_jobs), smaller batches of rows (writer_batch_size); with one worker its error has a traceback.',
];

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
    next: [LEAVE_ROOM, FIND_THE_LINE],
    confidence: 'possible',
  },
  {
    words: ['cudnn_status_not_initialized'],
    says: 'cuDNN could not be set up. Mostly the device had no memory left for it; otherwise cuDNN, driver and PyTorch do not fit each other.',
    next: CUDNN,
    confidence: 'possible',
  },
  {
    words: ['cudnn_status_internal_error'],
    says: 'cuDNN failed inside, and the text does not say why. Often the device had no memory left for its workspace; otherwise a kernel failed before, or cuDNN, driver and PyTorch do not fit each other.',
    next: CUDNN,
    confidence: 'possible',
  },
  {
    words: ['cublas_status_internal_error'],
    says: 'cuBLAS failed inside, and the text does not say why. Mostly a kernel failed before (an index out of range), or the device had no memory left for its workspace.',
    next: [FIND_THE_LINE, LEAVE_ROOM],
    confidence: 'possible',
  },
  {
    words: ['cublas_status_execution_failed'],
    says: 'Not out of memory, as far as the text shows: a kernel of cuBLAS failed while it ran, mostly after a kernel before it (an index out of range, an address that is not its own).',
    next: [FIND_THE_LINE],
    confidence: 'likely',
  },
  {
    words: ['invalid device ordinal'],
    says: 'Not out of memory: the process asked for a GPU that it does not have. More processes were started than GPUs are visible, or its number counts devices that CUDA_VISIBLE_DEVICES hides.',
    next: [
      'Start as many processes as there are GPUs (--nproc_per_node), and use LOCAL_RANK for the device, not RANK.',
      'Look at CUDA_VISIBLE_DEVICES and nvidia-smi -L where it runs: visible devices are numbered from 0.',
    ],
  },
  {
    words: ['no cuda-capable device is detected'],
    says: 'Not out of memory: the process sees no GPU.',
    next: [
      'Look at CUDA_VISIBLE_DEVICES and nvidia-smi -L where it runs; a container needs --gpus all, a job of Slurm --gres=gpu.',
    ],
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
    words: ['pxg', 'memcpy failed', '700'],
    says: PHYSX_700,
    next: AFTER_700,
    confidence: 'likely',
  },
  {
    words: ['physx error', '700'],
    says: PHYSX_700,
    next: AFTER_700,
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
    words: ['worker process managed by the executor was unexpectedly terminated'],
    says: WORKER_DIED,
    next: FIND_KILLER,
    confidence: 'possible',
    named: { pattern: /exit codes of the workers are \{(SIG[A-Z]{2,6}\(-\d{1,2}\))/, says: 'It ended by' },
  },
  {
    words: ['process pool was terminated abruptly'],
    says: WORKER_DIED,
    next: FIND_KILLER,
    confidence: 'possible',
  },
  {
    words: ['subprocesses has abruptly died'],
    says: WORKER_DIED,
    next: FIND_KILLER,
    confidence: 'possible',
  },
  {
    words: ['pthread_create failed'],
    says: 'Not out of memory: no more threads may be started, since a limit of processes is reached.',
    next: [
      'Use fewer threads in each process (OMP_NUM_THREADS, OPENBLAS_NUM_THREADS) and fewer workers; or raise the limit (ulimit -u; the container’s pids limit).',
    ],
    named: { pattern: /(RLIMIT_NPROC \d{1,12})/, says: 'The limit:' },
  },
  {
    words: ["can't start new thread"],
    says: 'Not out of memory, as far as the text shows: no more threads may be started, mostly since a limit of processes is reached.',
    next: ['Use fewer threads and workers, or raise the limit (ulimit -u; the container’s pids limit).'],
    confidence: 'likely',
  },
  {
    words: ['inline_container', 'unexpected pos'],
    says: 'Not out of memory: a file that was being saved could not be written to its end. Mostly the disk, or its quota, is full.',
    next: ['Look at df -h and at the quota of the path that the checkpoint goes to; keep fewer checkpoints.'],
    confidence: 'likely',
  },
  {
    words: ['cusolver_status_internal_error'],
    says: 'cuSOLVER failed inside, and the text does not say why. Where it was being set up (cusolverDnCreate), mostly the device had no memory left for it; otherwise the matrix holds values that are no numbers.',
    next: [LEAVE_ROOM, 'Look whether the matrix has NaN or Inf before the call.'],
    confidence: 'possible',
  },
  {
    words: ['found no nvidia driver'],
    says: 'Not out of memory: there is no driver of NVIDIA’s where the process runs.',
    next: [
      'Look at nvidia-smi there; a container needs the NVIDIA runtime and --gpus all, a job of Slurm --gres=gpu.',
    ],
  },
  {
    words: ['driver/library version mismatch'],
    says: 'Not out of memory: the driver was updated, and the kernel still has the old one loaded.',
    next: ['Restart the machine, or unload and load the driver’s modules; in a container restart it too.'],
  },
  {
    words: ['unable to determine the device handle'],
    says: 'Not out of memory: the driver does not reach the GPU any more; mostly it has fallen off the bus.',
    next: [
      'Look at dmesg for “NVRM: Xid” (79 above all); restart the machine, and have the GPU, its power and its cooling checked.',
    ],
    confidence: 'likely',
  },
  {
    words: ['duplicate gpu detected'],
    says: 'Not out of memory: two ranks use the same GPU.',
    next: [
      'Give each rank its own device before the first collective: torch.cuda.set_device(local_rank); start no more processes than GPUs; look at CUDA_VISIBLE_DEVICES.',
    ],
    named: { pattern: /(rank \d{1,6} and rank \d{1,6})/i, says: 'On one device:' },
  },
  {
    words: ['monitoredbarrier'],
    says: 'Not out of memory: a rank did not reach the barrier at which the others waited.',
    next: [
      'Look at the output of that rank: its data ended earlier, it died, or it went another way in the code.',
    ],
    named: {
      pattern: /\bfrom (rank \d{1,6})|(rank \d{1,6}) failed to (?:pass|call into) monitoredbarrier/i,
      says: 'The one to look at first:',
    },
  },
  {
    words: ['cuda unknown error'],
    says: 'Not out of memory: CUDA could not be set up. Its environment was changed after it had begun, or the driver’s module for it is in a bad state (after the machine had slept).',
    next: [
      'Set CUDA_VISIBLE_DEVICES before the program starts; after a sleep of the machine reload the module (sudo rmmod nvidia_uvm, sudo modprobe nvidia_uvm) or restart.',
      'In a container look whether it has /dev/nvidia-uvm.',
    ],
    confidence: 'likely',
  },
  {
    words: ['error in memory profiling'],
    says: 'Not out of memory: while vLLM measured what the model needs, more of the device became free than before: another process that shares the device let memory go, so its sum was wrong.',
    next: [
      'Start the engine when the other processes of the device are at rest, or one after another; or give it a device of its own.',
    ],
  },
  {
    words: ['modules are dispatched on the cpu or the disk'],
    says: 'The model does not fit the GPUs as they were when it was loaded: device_map placed some of it on the CPU or the disk, which the quantised kernels do not allow. Nothing was refused by the device itself.',
    next: [
      'See with nvidia-smi what else holds memory of the devices; take a smaller quantisation (4 bits), more devices, or max_memory.',
      'Where slow parts on the CPU will do: llm_int8_enable_fp32_cpu_offload=True, with a device_map of your own.',
    ],
    confidence: 'likely',
  },
  {
    words: ['on the meta device because they were offloaded'],
    says: 'No failure: the model does not fit the GPUs whole, so device_map left some of its parameters on the CPU or the disk. It runs, slowly; to train such parameters fails.',
    next: [
      'For training, free the devices or use more of them, a smaller quantisation (4 bits), or ZeRO/FSDP instead of device_map="auto".',
    ],
  },
  {
    words: ['expandable_segments not supported'],
    says: 'No failure: expandable segments are not available on this platform (Windows, and some builds), so PyTorch uses segments of fixed size as if they had not been asked for.',
    next: [
      'Against fragmentation use max_split_size_mb or garbage_collection_threshold in PYTORCH_ALLOC_CONF instead, or shapes that are alike.',
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
  const { says, next, confidence = 'certain', named } = known;
  const found = named?.pattern.exec(message);
  const name = found?.slice(1).find(group => group !== undefined);
  const evidence = named === undefined || name === undefined ? [] : [`${named.says} ${name}.`];
  return textFinding({ kind: 'not memory', says, next: [...next], evidence, confidence });
}
