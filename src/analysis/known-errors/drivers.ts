/** Errors of drivers, GPUs and the libraries of CUDA that a program finds, or does not. Only an error’s own text counts. */
import { worded } from './known-error.ts';

const NO_CUDA = {
  says: 'Not about memory: the process has no CUDA that it could use: a build of PyTorch without it, no driver, or no GPU that is visible.',
  next: [
    'Look at nvidia-smi where it runs, at torch.version.cuda and at CUDA_VISIBLE_DEVICES; a container needs --gpus all. A build with CUDA: pytorch.org has the line for it.',
  ],
};
export const drivers = [
  ...worded(
    {
      says: 'Not about memory: the process sees no GPU of AMD’s: no driver, none that is visible, or no right to use it.',
      next: [
        'Look at rocminfo and HIP_VISIBLE_DEVICES where it runs; the user has to be in the groups render and video, a container needs --device=/dev/kfd --device=/dev/dri.',
      ],
    },
    'no hip gpus are available',
    ['hip error', 'no rocm-capable device'],
    'hiperrornodevice',
  ),
  ...worded(
    {
      says: 'Not about memory: FlashAttention has no kernel for this: it takes float16 and bfloat16 alone, heads of at most 256, and of NVIDIA’s GPUs those from Ampere on (Turing with version 1), of AMD’s those from MI200 on.',
      next: [
        'Load the model in bfloat16 or float16 (torch_dtype) and run it under autocast; on an older GPU, or with larger heads, take attn_implementation="sdpa".',
      ],
      confidence: 'likely',
    },
    ['flashattention', 'only support'],
  ),
  ...worded(
    {
      says: 'Not about memory: this GPU, or this build, does not have bfloat16, which was asked for.',
      next: ['Take float16 instead (fp16=True, bf16=False), or a GPU from Ampere on.'],
      confidence: 'likely',
    },
    "doesn't support bf16",
    'bf16 is not supported',
    'bfloat16 is only supported on gpus',
    'current device does not support bfloat16',
  ),
  ...worded(
    {
      says: 'TensorFlow could not set up cuDNN, and the text does not say why. Often the device had no memory left for it, since TensorFlow, or another process, took nearly all; otherwise cuDNN is not of the version that TensorFlow was built with.',
      next: [
        'Let TensorFlow take memory as it needs it (tf.config.experimental.set_memory_growth, before the GPU is used), and see with nvidia-smi who else holds memory of the device.',
        'Look above for a line that names the versions of cuDNN (“Loaded runtime CuDNN library”).',
      ],
      confidence: 'possible',
    },
    'failed to get convolution algorithm',
    'dnn library is not found',
    'no dnn in stream executor',
    'dnn library initialization failed',
  ),
  ...worded(
    NO_CUDA,
    'torch not compiled with cuda enabled',
    'no cuda gpus are available',
    'torch.cuda.is_available() is false',
    'torch is not able to use gpu',
    'cuda is not available',
    'no gpu found',
    'no gpus found',
    'requires a gpu',
  ),
  ...worded(
    {
      says: 'Not about memory: NVIDIA’s driver is older than this build needs.',
      next: [
        'Update the driver, or install a build (PyTorch, the extension) for the CUDA that nvidia-smi shows.',
      ],
    },
    'driver version is insufficient',
    'driver on your system is too old',
    'unsupported toolchain',
  ),
  ...worded(
    {
      says: 'Not about memory: this build has no kernels for this GPU’s architecture.',
      next: [
        'Install a build of PyTorch, or of the extension, for the GPU’s architecture (NVIDIA’s compute capability, AMD’s gfx number; HSA_OVERRIDE_GFX_VERSION lets a close one of AMD’s pass).',
      ],
    },
    'invalid device function',
    ['cuda capability', 'is not compatible'],
  ),
  ...worded(
    {
      says: 'Not about memory: CUDA’s library is newer than the driver that is loaded, which only data centre cards allow: libraries of forward compatibility stand before the driver’s own, or the driver was updated and the old one is still loaded.',
      next: [
        'Take the compat folder out of LD_LIBRARY_PATH (/usr/local/cuda/compat). After an update of the driver restart the machine or the container; otherwise update the driver.',
      ],
      confidence: 'likely',
    },
    'forward compatibility was attempted',
  ),
  ...worded(
    {
      says: 'Not about memory: the GPUs of the machine are not initialised as a group: with NVSwitch its fabric manager is not running, or not of the driver’s version.',
      next: ['Start nvidia-fabricmanager of the driver’s version (systemctl status nvidia-fabricmanager).'],
    },
    'system not yet initialized',
  ),
  ...worded(
    {
      says: 'Not about memory: CUDA had been used before the process was forked, and a forked process cannot use it again.',
      next: [
        'Start workers with spawn (multiprocessing.set_start_method("spawn"), multiprocessing_context), or touch CUDA only in them.',
      ],
    },
    'cannot re-initialize cuda in forked subprocess',
  ),
  ...worded(
    {
      says: 'Not about memory: a new process runs the main file again (Windows, macOS), and what starts the training there is not guarded.',
      next: ['Put it under if __name__ == "__main__":, or use num_workers=0.'],
    },
    'bootstrapping phase',
  ),
  ...worded(
    {
      says: 'Not about memory, as far as the text shows: cuBLAS was called with values that it does not take: mostly an index out of range before it, shapes that do not fit, or a cuBLAS that is not PyTorch’s own.',
      next: [
        'Run with CUDA_LAUNCH_BLOCKING=1, or once on the CPU, for the true place.',
        'Take CUDA’s folder out of LD_LIBRARY_PATH: PyTorch brings its own cuBLAS.',
      ],
      confidence: 'likely',
    },
    'cublas_status_invalid_value',
  ),
  ...worded(
    {
      says: 'Not about memory: the library of CUDA does not have this operation for this type, shape, layout or GPU.',
      next: [
        'Take another type (float16 for bfloat16 on older GPUs), call .contiguous() on the input, or turn torch.backends.cudnn off for this layer.',
      ],
      confidence: 'likely',
    },
    'cublas_status_not_supported',
    'cublas_status_arch_mismatch',
    'cudnn_status_not_supported',
    'cudnn_status_bad_param',
    'cudnn_status_arch_mismatch',
  ),
  ...worded(
    {
      says: 'Not about memory: JAX could not set up an accelerator: it finds none, another process holds it (a TPU takes one), or its plugin does not fit what is installed.',
      next: [
        'With an NVIDIA GPU: look at nvidia-smi and CUDA_VISIBLE_DEVICES where it runs; install jax[cuda12] in one step, with nothing of another CUDA in LD_LIBRARY_PATH.',
        'With a TPU: install jax[tpu], and end the process that holds it. Else look at JAX_PLATFORMS: cpu does without.',
      ],
      confidence: 'likely',
    },
    'unable to initialize backend',
  ),
  ...worded(
    {
      says: 'Not about memory: a value that JAX only traces, under jit, grad or vmap, was used as a number of Python: in an if, a range, a shape or float().',
      next: ['Take jnp.where or lax.cond for the branch, or static_argnums for what is no array.'],
    },
    'tracerboolconversionerror',
    'concretizationtypeerror',
    'tracerintegerconversionerror',
    'tracerarrayconversionerror',
  ),
  ...worded(
    {
      says: 'Not about memory: the simulator could make no OpenGL context to draw in: there is no display, or no EGL of the GPU’s driver.',
      next: [
        'Set MUJOCO_GL=egl (in a container NVIDIA_DRIVER_CAPABILITIES=all and libegl1) or MUJOCO_GL=osmesa before the first import, or run without rendering.',
      ],
      confidence: 'likely',
    },
    'egl_not_initialized',
    'egl_bad_',
    'opengl platform library has not been loaded',
    'cannot initialize a egl device',
    'failed to get egl display',
    'gladloadgl error',
    'failed to create window',
    'could not create window',
    'cannot open display',
    'failed to open display',
  ),
];
