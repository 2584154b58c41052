/** Errors of what a program was installed with: modules, libraries, builds, drivers, and versions. Only an error’s own text counts. */
import { worded } from './known-error.ts';

const modules = worded(
  {
    says: 'Not about memory: a Python module is missing in this environment.',
    next: [
      'Install it with the same Python (python -m pip install …); where it is the program’s own, start from its folder or install it (pip install -e .).',
    ],
    named: { pattern: /No module named ['"]?([\w.-]{1,120})/i, says: 'The module:' },
  },
  'no module named',
  'were not found in your environment',
);

const libraries = worded(
  {
    says: 'Not about memory: a library that a module needs is missing, or of another version than it was built for.',
    next: [
      'Install builds that belong together (PyTorch, CUDA, the extension), or build the extension against the PyTorch that is installed.',
    ],
    named: {
      pattern: /([\w.+-]{1,120}: (?:cannot open shared object file|undefined symbol: \w{1,200}))/,
      says: 'The library:',
    },
  },
  'undefined symbol',
  'cannot open shared object file',
  'dll load failed',
  'could not load dynamic library',
  'could not load library',
  'glibcxx_',
  'cuda setup failed',
  'specified module could not be found',
  'error loading "',
  'flashattention2 has been toggled on',
  'flash attention 2 is not available',
  'could not find the bitsandbytes',
  "'nonetype' object has no attribute 'cget_managed_ptr'",
);

const versions = worded(
  {
    says: 'Not about memory: a function, class or argument is not as the program expects it: mostly versions of libraries that do not fit each other.',
    next: [
      'Compare the versions (pip list) with those that the program was written for (its requirements, its README), and install those.',
    ],
    confidence: 'likely',
  },
  'cannot import name',
  'unexpected keyword argument',
  ['module', 'has no attribute'],
  'numpy.dtype size changed',
  'compiled using numpy 1.x',
  ['missing', 'required positional argument'],
  ['positional argument', 'were given'],
  ['positional argument', 'was given'],
  'multiple values for argument',
  'does not recognize this architecture',
  "couldn't instantiate the backend tokenizer",
  'is required but found',
  'did not match any variant of untagged enum',
  'operator torchvision::nms does not exist',
);

/** What NCCL puts behind its error. */
const LAST_OF_NCCL = { pattern: /Last error:\s{1,4}([^\n]{2,200}[^\n.\s])/, says: 'NCCL’s last error:' };

const NO_CUDA = {
  says: 'Not about memory: the process has no CUDA that it could use: a build of PyTorch without it, no driver, or no GPU that is visible.',
  next: [
    'Look at nvidia-smi where it runs, at torch.version.cuda and at CUDA_VISIBLE_DEVICES; a container needs --gpus all. A build with CUDA: pytorch.org has the line for it.',
  ],
};
const drivers = [
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
      next: ['Install a build of PyTorch, or of the extension, for the GPU’s compute capability.'],
    },
    'invalid device function',
    ['cuda capability', 'is not compatible'],
  ),
  ...worded(
    {
      says: 'Not about memory: libraries of CUDA’s forward compatibility, which are for data centre cards, stand before the driver’s own.',
      next: ['Take the compat folder out of LD_LIBRARY_PATH (/usr/local/cuda/compat), or update the driver.'],
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
    'cudnn_status_version_mismatch',
  ),
  ...worded(
    {
      says: 'NCCL was called in a way that it does not take, and it is not about memory: mostly two ranks on one GPU, or tensors that differ between ranks.',
      next: [
        'Give each rank its own device before the first collective (torch.cuda.set_device(local_rank)); NCCL_DEBUG=WARN names the call.',
      ],
      confidence: 'likely',
    },
    ['nccl', 'invalid usage'],
  ),
  ...worded(
    {
      says: 'Not about memory: another rank ended, or its connection was lost; this one only reports it.',
      next: ['Look at the output of the other ranks of that time: the one that ended first has the cause.'],
      confidence: 'likely',
    },
    'ncclremoteerror',
    'remote process exited or there was a network error',
    ['nccl', 'connection closed by remote peer'],
  ),
  ...worded(
    {
      says: 'Not about memory, as far as the text shows: NCCL failed within itself: mostly what it found of the machine (its GPUs, links, network cards) differs from rank to rank, or a container hides a part of it.',
      next: [
        'Run with NCCL_DEBUG=INFO, and look at the first warning of every rank; all ranks need one version of NCCL and the same devices (nvidia-smi topo -m).',
      ],
      confidence: 'likely',
      named: LAST_OF_NCCL,
    },
    ['nccl error in', 'internal error'],
  ),
  ...worded(
    {
      says: 'Not about memory, as far as the text shows: a call of NCCL’s to CUDA failed.',
      next: [
        'Run with NCCL_DEBUG=WARN: the line before the error names the call. An error of a kernel before it is reported here too: CUDA_LAUNCH_BLOCKING=1.',
      ],
      confidence: 'likely',
      named: LAST_OF_NCCL,
    },
    ['nccl error in', 'unhandled cuda error'],
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

export const environment = [...modules, ...libraries, ...drivers, ...versions];
