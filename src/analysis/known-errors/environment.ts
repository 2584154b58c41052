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
  'was not found in your environment',
  ['requires', 'please run `pip install'],
);

/** A package that is asked for only where it is used: by words of its own. */
const packages = worded(
  {
    says: 'Not about memory: a package that this needs is not installed, or is too old for it.',
    next: ['Install what the error names, with the same Python (python -m pip install --upgrade …).'],
    confidence: 'likely',
  },
  ['importerror: ', ' install'],
  ['importerror: ', 'pip install'],
  [' is not installed', 'pip install'],
);

const libraries = worded(
  {
    says: 'Not about memory: a library that a module needs is missing, or of another version than it was built for.',
    next: [
      'Install builds that belong together (PyTorch, CUDA, the extension), or build the extension against the PyTorch that is installed.',
      'Take folders of another CUDA or cuDNN out of LD_LIBRARY_PATH (Windows: PATH, and install the Visual C++ Redistributable): PyTorch brings its own.',
    ],
    named: {
      pattern: /([\w.+-]{1,120}: (?:cannot open shared object file|undefined symbol: \w{1,200}))/,
      says: 'The library:',
    },
  },
  'undefined symbol',
  'with link time reference',
  'cudnn version incompatibility',
  'cudnn_status_version_mismatch',
  'cudnn_status_sublibrary_version_mismatch',
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

const builds = [
  ...worded(
    {
      says: 'Not about memory: NumPy is of another version than a module was built for (1.x and 2.x do not mix).',
      next: [
        'Install numpy<2 for modules that were built before it, or newer builds of those modules (python -m pip install --upgrade …).',
      ],
    },
    'numpy.core.multiarray failed to import',
    'numpy._core.multiarray failed to import',
    '_array_api not found',
    'numpy.dtype size changed',
    'compiled using numpy 1.x',
    'numpy is not available',
  ),
  ...worded(
    {
      says: 'Not about memory: a kernel is compiled as the program runs (Triton, torch.compile, an extension), and there is no compiler for it.',
      next: [
        'Install gcc or g++ (apt install build-essential; conda: gxx_linux-64) where it runs, or set CC; without torch.compile it is not needed.',
      ],
    },
    'failed to find c compiler',
    "command 'gcc' failed: no such file",
    "'c++': no such file",
  ),
  ...worded(
    {
      says: 'Not about memory: an extension is to be built, and the tool that runs the build (ninja) is not found.',
      next: ['python -m pip install ninja, with the same Python; its folder has to be in PATH.'],
    },
    'ninja is required to load c++ extensions',
  ),
  ...worded(
    {
      says: 'Not about memory, as far as the text shows: a compiler was run to build an extension, and failed.',
      next: [
        'Look above for the compiler’s own first “error:”: a missing header (Python’s: python3-dev), a version of the compiler that CUDA or PyTorch does not take, or a compiler that was killed for lack of the host’s memory (MAX_JOBS=2 needs less).',
      ],
      confidence: 'likely',
    },
    'error compiling objects for extension',
    'error building extension',
  ),
  ...worded(
    {
      says: 'Not about memory: an extension is to be built, and CUDA’s toolkit (nvcc), which PyTorch does not bring with it, is not found.',
      next: [
        'Install the toolkit of the version of torch.version.cuda, and set CUDA_HOME to its folder; or take a wheel of the extension that is built already.',
      ],
    },
    'cuda_home environment variable is not set',
    'nvcc not found',
    "no such file or directory: 'nvcc'",
    "bin/nvcc'",
  ),
  ...worded(
    {
      says: 'Not about memory: XLA does not find CUDA’s library of device functions, which its toolkit brings.',
      next: [
        'Set XLA_FLAGS=--xla_gpu_cuda_data_dir= to the folder that has nvvm/libdevice (the toolkit’s, or nvidia/cuda_nvcc of the Python environment).',
      ],
    },
    'libdevice not found',
    "can't find libdevice",
    'libdevice.10.bc',
  ),
  ...worded(
    {
      says: 'Not about memory: an extension was compiled with another CUDA than PyTorch was built with.',
      next: [
        'Take the toolkit of torch.version.cuda to build it (CUDA_HOME), or the PyTorch that was built with the toolkit that is there.',
      ],
    },
    'mismatches the version that was used to compile',
  ),
];

const versions = [
  ...worded(
    {
      says: 'Not about memory: a program was built on a newer system than this one: its C library (glibc) is too old for it.',
      next: [
        'Take an older build of what the text names, build it here, or run in a container of a newer system.',
      ],
    },
    '`glibc_',
  ),
  ...worded(
    {
      says: 'Not about memory: protobuf is of another version than a package was built for.',
      next: [
        'Install the version that the package asks for (often python -m pip install "protobuf<4"), or a newer package.',
      ],
    },
    'descriptors cannot be created directly',
    'descriptors cannot not be created directly',
  ),
  ...worded(
    {
      says: 'Not about memory: the environment’s name is not registered, or the package that brings it is not installed or not imported.',
      next: [
        'Install and import what registers it (gymnasium[atari] and ale_py, gymnasium[mujoco], the benchmark’s own package) before gym.make; look at the version behind its name (-v5).',
      ],
    },
    ['environment `', "doesn't exist"],
    ['environment ', 'has not been registered'],
    ['no registered env with id'],
    ['unable to find the game'],
  ),
  ...worded(
    {
      says: 'Not about memory: a call returned another number of values than the program takes. Of simulators it is mostly the version: step() has five values in Gymnasium and four in old Gym, reset() two and one.',
      next: [
        'Print what the call returns, and take as many values; look at the version of gym or gymnasium.',
      ],
      confidence: 'likely',
    },
    'values to unpack (expected',
  ),
  ...worded(
    {
      says: 'Not about memory: a library asks for another version of a second one than is installed here: the two do not fit each other.',
      next: [
        'Install the version that the error names, or a release of the first library that fits the second.',
      ],
    },
    ['importerror: ', ' requires ', ' found '],
    ['importerror: ', ' requires ', ' you have '],
    [' requires ', ' or newer', ' found '],
    [' requires ', ' or later', ' found '],
  ),
  ...fitting(),
];

const tokenizers = worded(
  {
    says: 'Not about memory: the tokenizer could not be made: mostly a package that reads its files (sentencepiece, tiktoken) is not installed, or the files are not complete.',
    next: ['python -m pip install sentencepiece tiktoken protobuf, and load the tokenizer again.'],
    confidence: 'likely',
  },
  "couldn't instantiate the backend tokenizer",
);

function fitting() {
  return worded(
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
    ['missing', 'required positional argument'],
    ['positional argument', 'were given'],
    ['positional argument', 'was given'],
    'multiple values for argument',
    'does not recognize this architecture',
    'is required but found',
    'did not match any variant of untagged enum',
    'operator torchvision::nms does not exist',
  );
}

export const environment = [...modules, ...tokenizers, ...builds, ...libraries, ...versions, ...packages];
