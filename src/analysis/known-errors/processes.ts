/** Workers, ranks, threads and files: what ends a process or a step, and is no device’s memory. */
import { MORE_HOST_MEMORY, OF_OLLAMA } from '../text-finding.ts';
import { type Known, LAST_OF_NCCL, worded } from './known-error.ts';

const WORKER_DIED =
  'A worker process died without an error of its own: mostly it was killed for lack of the host’s memory, or it crashed in native code. No GPU refused anything.';

/** Large pieces of the host’s memory, and a terminal’s mark of Ctrl-C behind them. */
const KILLED_BY_NOTEBOOK = {
  kind: 'host memory' as const,
  confidence: 'possible' as const,
  says: 'Large pieces of the host’s memory were asked for, and then the text ends in ^C: where nobody pressed Ctrl-C, a notebook service (Colab) killed the process, for lack of the host’s memory. No GPU refused anything.',
  next: [
    'Watch the host’s memory while it runs (free -h; in Colab the RAM of the session), or take a session with more of it.',
    'Read data and weights in pieces, in smaller types; keep one copy of them.',
  ],
};

/** What the C library prints behind a call’s name: `free(): invalid pointer`. */
const CORRUPT = [
  'invalid',
  'corrupt',
  'memory corruption',
  'double free',
  'unaligned',
  'mismatching',
  'unsorted',
  'smallbin',
  'largebin',
  'too many chunks',
];

const FIND_KILLER = [
  'Look for the killer: dmesg (“Out of memory: Killed process”), the scheduler’s or container’s log.',
  'Use fewer workers (num_proc, n_jobs), smaller batches of rows (writer_batch_size); with one worker its error has a traceback.',
];

export const processes: readonly Known[] = [
  {
    words: ['\nmemoryerror'],
    kind: 'host memory',
    says: 'Out of the host’s memory, not the GPU’s: Python could not have what it asked for, and the text does not say how much that was.',
    next: [
      'Look at the line that asked, in the traceback: a file or array that is read as a whole. Read it in pieces (memory maps, streaming), or in a smaller type (numpy makes float64 by default).',
      ...MORE_HOST_MEMORY.slice(0, 1),
    ],
    confidence: 'likely',
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
    // The text ends within the message: a signal's name would follow.
    words: ['dataloader worker', 'is killed by'],
    says: 'A worker of the DataLoader was killed by a signal: mostly for lack of the host’s memory, or of /dev/shm; or it crashed in native code.',
    next: [
      'Look for the killer: dmesg (“Out of memory: Killed process”); make /dev/shm larger (docker: --shm-size).',
      'Use fewer DataLoader workers; run once with num_workers=0: an error of its own then has a traceback.',
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
  ...worded(
    {
      says: 'Not a shortage of memory: the heap of the process was overwritten by native code, which the C library found only later.',
      next: [
        'Look for the part that is not Python: an extension, a data loader’s decoder, libraries that do not fit each other (two builds of OpenMP, an extension of another PyTorch). Update it, or run with valgrind or MALLOC_CHECK_=3.',
      ],
      confidence: 'likely',
      named: {
        pattern:
          /((?:malloc|free|realloc|munmap_chunk)\(\): [^\n`]{5,80}|double free or corruption[^\n]{0,20}|corrupted [^\n]{5,60}|Attempt to free invalid pointer(?: 0x[\da-f]{1,16})?)/,
        says: 'The text:',
      },
    },
    ...['malloc(): ', 'free(): ', 'realloc(): ', 'munmap_chunk(): '].flatMap(call =>
      CORRUPT.map(word => `${call}${word}`),
    ),
    'double free or corruption',
    'corrupted size vs. prev_size',
    'corrupted double-linked list',
    'attempt to free invalid pointer',
  ),
  {
    words: ['fatal python error: bus error'],
    says: 'Not out of GPU memory: the interpreter met a bus error: mostly /dev/shm, the host’s shared memory files, is full; or a file that was mapped was cut.',
    next: [
      'Look at df -h /dev/shm; make it larger (docker: --shm-size or --ipc=host), or use fewer DataLoader workers.',
    ],
    confidence: 'likely',
  },
  ...worded(
    {
      says: 'Not about memory: Python could not start, since it does not find its own library.',
      next: [
        'Unset PYTHONHOME and PYTHONPATH, or set them for the Python that runs; make a virtual environment again whose Python was moved or updated.',
      ],
      confidence: 'likely',
    },
    'fatal python error: init_fs_encoding',
    'fatal python error: init_import_site',
    'fatal python error: py_initialize',
  ),
  {
    words: ['fatal python error: '],
    says: 'Not about memory, as far as the text shows: the interpreter crashed in native code (an extension, a library that does not fit).',
    next: [
      'The stack behind it, “Current thread”, shows the call that went into it; update that library, or run without it.',
    ],
    confidence: 'likely',
    named: { pattern: /Fatal Python error: ([^\n]{3,160})/, says: 'The text:' },
  },
  ...worded(
    {
      kind: 'unmeasured',
      says: 'Ollama’s runner, the process that holds the model, ended, and why is not in this line: mostly the model with its context did not fit the GPU or the host, or the runner crashed (a driver, a build or a file of the model that does not fit).',
      next: OF_OLLAMA,
      confidence: 'possible',
      named: {
        pattern: /llama runner process (?:has terminated|no longer running): ([^\n"]{1,200})/,
        says: 'Its words:',
      },
    },
    'llama runner exited, you may not have enough',
    'llama runner process has terminated',
    'llama runner process no longer running',
  ),
  {
    words: ['forcefully exiting via'],
    says: 'A launcher (torchrun) ended its processes by force, since they did not end when it asked: one of them had failed before, or hung. That is no lack of memory.',
    next: ['Look above, and in the output of the other ranks, for the first error.'],
    confidence: 'likely',
  },
  {
    words: ['large alloc', 'tcmalloc', '\n^c'],
    ...KILLED_BY_NOTEBOOK,
    named: { pattern: /large alloc (\d{1,15} bytes)/, says: 'The first:' },
  },
  { words: ['exceeds 10% of', 'system memory', '\n^c'], ...KILLED_BY_NOTEBOOK },
  {
    words: ['tcmalloc', 'large alloc'],
    says: 'No failure: the host’s allocator only reports a large piece of the host’s memory that it handed out (Colab prints it). Where the session ended after such lines, the host’s memory had run out.',
    next: ['Look at the host’s memory as it runs (free -h); read data in pieces, in smaller types.'],
    confidence: 'possible',
    named: { pattern: /large alloc (\d{1,15} bytes)/, says: 'The first:' },
  },
  {
    words: ['items of ancdata'],
    says: 'Not out of memory: a tensor could not be handed to another process: mostly the process has as many files open as it may. The DataLoader’s shared tensors are files.',
    next: ['Raise the limit (ulimit -n), or torch.multiprocessing.set_sharing_strategy("file_system").'],
    confidence: 'likely',
  },
  {
    words: ['too many open files'],
    says: 'Not out of memory: the process has as many files open as it may. The DataLoader’s shared tensors are files.',
    next: ['Raise the limit (ulimit -n), or torch.multiprocessing.set_sharing_strategy("file_system").'],
  },
  {
    words: ['loss is nan'],
    says: 'Not out of memory: by its own words the loss is no number any more (NaN).',
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
    words: ['unhandled system error'],
    says: 'Not out of GPU memory, as far as the text shows: a call of NCCL to the system failed (a socket, shared memory, a network card).',
    next: ['Run with NCCL_DEBUG=INFO: the line before the error names the call.'],
    confidence: 'likely',
    named: LAST_OF_NCCL,
  },
];
