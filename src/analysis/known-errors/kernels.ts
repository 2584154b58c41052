/** Kernels that failed: they read or wrote what is not theirs, or an assertion in them did not hold. */
import { FIND_THE_FAULT, FIND_THE_LINE, type Known, worded } from './known-error.ts';

export const PHYSX_700 =
  'Not out of memory, as far as the text shows: a kernel of the simulator (PhysX) read or wrote an address that is not its own (error 700). Where an allocation of the simulator was refused before, it comes of that.';

export const AFTER_700 = [
  'Look above for “fail to allocate memory” or “buffer overflow detected”: then the simulator’s buffers are what to change.',
  'Else look for states that are no numbers, for actions without a bound, and for the driver’s version.',
];

export const kernels: readonly Known[] = [
  ...worded(
    { says: PHYSX_700.replace(' (error 700)', ''), next: AFTER_700, confidence: 'likely' },
    ['illegal memory access', 'physx'],
    ['illegal memory access', 'carb.gym'],
  ),
  {
    words: ['illegal memory access'],
    says: 'Not out of memory: a kernel read or wrote an address that is not its own.',
    next: [
      FIND_THE_LINE,
      'Look for an index out of range, or a custom kernel with shapes that it does not expect.',
    ],
  },
  {
    words: ['.cu:', 'assertion `', 'failed'],
    says: 'Not out of memory: an assertion in a kernel failed, mostly an index out of range: a label or token beyond the number of classes or the vocabulary.',
    next: [
      FIND_THE_LINE,
      'Look at the labels and indices of the batch before it: their smallest and largest, against the size that they point into. Or run it once on the CPU.',
    ],
    named: { pattern: /Assertion `([^`]{1,120})` failed/, says: 'The assertion:' },
  },
  {
    words: ['device-side assert triggered'],
    says: 'Not out of memory: an assertion in a kernel failed, mostly an index out of range: a label or token beyond the number of classes or the vocabulary.',
    next: [
      FIND_THE_LINE,
      'The line above that ends in “Assertion … failed” names the kernel. Or run it once on the CPU.',
    ],
  },
  {
    words: ['operation not permitted when stream is capturing'],
    says: 'Not about memory: while a CUDA graph was recorded, the program made a call that graphs cannot have (an allocation by the driver, a synchronisation, a random generator that is not registered).',
    next: [
      'Turn CUDA graphs off (vLLM: enforce_eager=True; SGLang: --disable-cuda-graph; torch.compile without mode="reduce-overhead"), or leave that part of the model out of the graph. The call is refused at once: the traceback names it, or one soon behind it.',
    ],
  },
  {
    words: ['misaligned address'],
    says: 'Not out of memory: a kernel used an address that is not aligned.',
    next: [FIND_THE_LINE],
  },
  {
    words: ['an illegal instruction was encountered'],
    says: 'Not out of memory: a kernel ran an instruction that the GPU does not have: code that was built for another GPU or overwritten, or a fault of the device.',
    next: [FIND_THE_LINE, FIND_THE_FAULT],
    confidence: 'likely',
  },
  {
    words: ['the launch timed out and was terminated'],
    says: 'Not out of memory: a kernel ran longer than the driver lets one run on a GPU that drives a display (Linux with a desktop, Windows).',
    next: [
      'Take a GPU without a display, or make what one kernel does smaller; on Windows raise TdrDelay, on Linux run without the desktop.',
    ],
    confidence: 'likely',
  },
  {
    words: ['unspecified launch failure'],
    says: 'Not out of memory: a kernel failed while it ran.',
    next: [FIND_THE_LINE, FIND_THE_FAULT],
  },
  {
    words: ['invalid configuration argument'],
    says: 'Not out of memory: a kernel was to be launched with a grid or block that no GPU takes: mostly a tensor that is empty, or far larger than the kernel was written for.',
    next: [
      FIND_THE_LINE,
      'Print the shapes before that line: a size of 0, a batch or a sequence that is much longer than usual. In attention try another implementation of scaled_dot_product_attention.',
    ],
    confidence: 'likely',
  },
  {
    words: ['kernel image is invalid'],
    says: 'Not about memory: the driver does not take a kernel that was compiled for it: mostly Triton and the CUDA of the driver do not fit each other, or its cache is of another machine.',
    next: [
      'Empty the cache (TRITON_CACHE_DIR, ~/.triton/cache), and take the Triton that PyTorch was installed with; update the driver.',
    ],
    confidence: 'likely',
  },
  {
    words: ['no kernel image is available'],
    says: 'Not out of memory: this build has no kernels for this GPU’s architecture.',
    next: [
      'Install a build of PyTorch, or of the extension, for the GPU’s architecture (NVIDIA’s compute capability, AMD’s gfx number).',
    ],
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
  ...worded(
    {
      says: 'Not out of memory, as far as the text shows: the GPU pipeline of the simulator (PhysX) failed: a kernel of it read or wrote an address that is not its own, or could not be launched. Where an allocation of the simulator was refused before, it comes of that.',
      next: AFTER_700,
      confidence: 'likely',
      named: { pattern: /internal error : ([^\n]{3,160})/, says: 'The first:' },
    },
    ['px', ' : internal error : gpu', 'fail'],
    ['px', ' : internal error : synchronizestreams'],
    ['px', ' : internal error : memcpy failed'],
  ),
  {
    words: ['physx error', 'fail to launch'],
    says: 'Not out of memory, as far as the text shows: a kernel of the simulator (PhysX) could not be launched. Where an error of the simulator stands before it, it comes of that.',
    next: [
      'Look above for the simulator’s first error: “fail to allocate memory” (then the GPU was full), 700, “buffer overflow detected”.',
      'Where this is the first: the GPU’s architecture and the driver may be newer or older than this release of the simulator knows.',
    ],
    confidence: 'likely',
    named: { pattern: /(GPU \w{1,80} fail to launch)/, says: 'The log:' },
  },
  {
    words: ['physx error: '],
    says: 'Not about memory: the simulator (PhysX) refuses a call or a value. By itself that ends nothing, and the simulation may be wrong from there on.',
    next: [
      'Look at what the program sets of the scene there: masses, inertias, poses, and calls that the GPU pipeline forbids.',
    ],
    confidence: 'likely',
    named: { pattern: /PhysX error: ([^\n]{1,160}?)(?:, FILE |\n|$)/, says: 'The first:' },
  },
];
