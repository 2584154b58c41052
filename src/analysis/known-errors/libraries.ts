/** cuBLAS, cuDNN and cuSOLVER, whose words do not say why: often the device had no memory left for them. */
import { FIND_THE_LINE, type Known, LEAVE_ROOM, WITHOUT_CUDNN, worded } from './known-error.ts';

const CUDNN = [LEAVE_ROOM, FIND_THE_LINE, WITHOUT_CUDNN];

export const libraries: readonly Known[] = [
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
  ...worded(
    {
      says: 'cuDNN found no way to compute a convolution, and the text does not say why. Mostly the device had no memory left for the workspace that it tries them in; otherwise cuDNN, driver and GPU do not fit each other.',
      next: [
        'Make the batch smaller once: where the error is gone, it was memory.',
        'Look at nvidia-smi: who else holds memory of the device? Where there is room, install a build of PyTorch for this GPU and driver.',
      ],
      confidence: 'possible',
    },
    'unable to find a valid cudnn algorithm',
    'no valid convolution algorithms available in cudnn',
    'unable to find an engine to execute this computation',
  ),
  {
    words: ['cublas_status_internal_error'],
    says: 'cuBLAS failed inside, and the text does not say why. Mostly a kernel failed before (an index out of range), or the device had no memory left for its workspace.',
    next: [FIND_THE_LINE, LEAVE_ROOM],
    confidence: 'possible',
  },
  {
    words: ['cudnn_status_mapping_error'],
    says: 'cuDNN could not reach memory of the device, and the text does not say why. Mostly a kernel before it failed, the device is unstable (driver, power, temperature), or cuDNN, driver and GPU do not fit each other; sometimes the device had no memory left.',
    next: CUDNN,
    confidence: 'possible',
  },
  {
    words: ['cudnn_status_execution_failed'],
    says: 'cuDNN failed while one of its kernels ran, and the text does not say why. Mostly a kernel before it failed (an index out of range), or cuDNN, driver and GPU do not fit each other; sometimes the device had no memory left for its workspace.',
    next: CUDNN,
    confidence: 'possible',
  },
  {
    words: ['cublas runtime error : the gpu program failed to execute'],
    says: 'Not out of memory, as far as the text shows: a kernel of cuBLAS failed while it ran: mostly an index out of range before it, or a build of PyTorch that does not know this GPU.',
    next: [FIND_THE_LINE, 'Install a build of PyTorch for the GPU’s compute capability.'],
    confidence: 'likely',
  },
  {
    words: ['cublas_status_execution_failed'],
    says: 'Not out of memory, as far as the text shows: a kernel of cuBLAS failed while it ran, mostly after a kernel before it (an index out of range, an address that is not its own).',
    next: [FIND_THE_LINE],
    confidence: 'likely',
  },
  {
    words: ['cusolver_status_internal_error'],
    says: 'cuSOLVER failed inside, and the text does not say why. Where it was being set up (cusolverDnCreate), mostly the device had no memory left for it; otherwise the matrix holds values that are no numbers.',
    next: [LEAVE_ROOM, 'Look whether the matrix has NaN or Inf before the call.'],
    confidence: 'possible',
  },
  {
    words: ['[trt]', 'could not find any implementation for node', 'workspace'],
    says: 'TensorRT found no way to run a layer within its workspace while it built the engine. The workspace is too small for the layer, or the device had too little memory left for what was tried.',
    next: [
      'Give the builder a larger workspace (config.set_memory_pool_limit; trtexec --memPoolSize), with the device free of others.',
      'Build for smaller batches and shapes.',
    ],
    confidence: 'likely',
  },
];
