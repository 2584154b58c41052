/**
 * The words of errors about memory, each once, in the order in which they are tried. No regular expression: words and
 * the amounts beside them are found by plain search, whose time is linear in the text.
 *
 * The table is data: `npm run schemas` writes it to schema/memory-words.json and into the Python package.
 */

/** The memory that a message is about. Only `device` and `host` are an out-of-memory error; the rest sounds like one. */
export const memoryKinds = [
  'device',
  'host',
  'on-chip',
  'shared memory files',
  'page-locked',
  'page file',
  'configured buffer',
  'disk',
] as const;
export type MemoryKind = (typeof memoryKinds)[number];

export interface Sign {
  memory: MemoryKind;
  /** Who was refused: a library, an allocator, the kernel. */
  by: string;
  /** All of these stand in the text, in any order, in lower case. */
  all: readonly string[];
  /** The words stand in advice and in comments as well: only an error's own text counts. */
  loose?: true;
}

const sign = (memory: MemoryKind, by: string, ...all: string[]): Sign => ({ memory, by, all });
const loose = (memory: MemoryKind, by: string, ...all: string[]): Sign => ({ memory, by, all, loose: true });

export const signs: readonly Sign[] = [
  // What only sounds like a full GPU.
  sign('on-chip', 'triton', 'out of resource', 'hardware limit'),
  sign('on-chip', 'triton', 'out of resource', 'shared memory'),
  sign('on-chip', 'triton', 'out of resource', 'tensor memory'),
  sign('on-chip', 'triton', 'out of resource', 'threads'),
  sign('on-chip', 'ptxas', 'too much shared data'),
  sign('on-chip', 'xla', 'shared memory size limit exceeded'),
  sign('on-chip', 'cuda', 'too many resources requested for launch'),
  sign('shared memory files', 'data loader', 'out of shared memory'),
  sign('shared memory files', 'data loader', 'dataloader worker', 'bus error'),
  sign('shared memory files', 'data loader', 'unable to write to file </torch_'),
  sign('shared memory files', 'data loader', 'unable to open shared memory object'),
  sign('shared memory files', 'nccl', 'error while creating shared memory segment'),
  sign('shared memory files', 'nccl', 'failed to attach to shared memory'),
  sign('shared memory files', 'nccl', 'call to posix_fallocate failed'),
  sign('shared memory files', 'nccl', 'shm_open failed'),
  sign('shared memory files', 'nccl', 'failed to extend', '/dev/shm'),
  sign('shared memory files', 'data loader', 'unable to allocate shared memory'),
  sign('shared memory files', 'the system', '/dev/shm', 'no space left on device'),
  sign('shared memory files', 'the system', '/dev/shm', 'out of memory'),
  sign('shared memory files', 'ray', '/dev/shm', 'object store'),
  sign('page-locked', 'nccl', 'ibv_reg_mr', 'cannot allocate memory'),
  sign('page-locked', 'nccl', 'call to ibv_', 'cannot allocate memory'),
  sign('page-locked', 'nccl', 'failed to cuda host alloc'),
  sign('page-locked', 'cuda', 'cudahostalloc', 'memory'),
  sign('page-locked', 'cuda', 'cudahostregister', 'memory'),
  sign('page-locked', 'cuda', 'cumemhostalloc', 'memory'),
  sign('page-locked', 'pytorch', 'pin_memory', 'out of memory'),
  sign('page-locked', 'pytorch', 'pin memory', 'out of memory'),
  sign('page-locked', 'cuda', 'failed to allocate', 'pinned memory'),
  sign('page-locked', 'tensorflow', 'could not allocate pinned host memory'),
  sign('page-locked', 'tensorflow', 'bytes on host', 'cuda_error_out_of_memory'),
  sign('page-locked', 'cuda', 'page-locked', 'alloc'),
  sign('page file', 'windows', 'paging file is too small'),
  sign('page file', 'windows', 'winerror 1455'),
  sign('page file', 'windows', 'os error 1455'),
  sign('configured buffer', 'ggml', 'not enough space in the buffer', 'needed'),
  sign('configured buffer', 'flashinfer', 'failed to allocate memory for', 'alignedallocator'),
  sign('configured buffer', 'physx', 'dynamicsmemoryconfig', 'increase'),
  sign('configured buffer', 'physx', 'pxgpudynamicsmemoryconfig'),
  sign('configured buffer', 'physx', 'buffer overflow detected'),
  sign('disk', 'the system', 'no space left on device'),

  // Allocators of a device that throw the host's exception.
  sign('device', 'xgboost', 'memory allocation error on worker', 'bad_alloc'),
  sign('device', 'rmm', 'bad_alloc', 'cudaerrormemoryallocation'),
  sign('device', 'rmm', 'bad_alloc', 'cuda error'),
  sign('device', 'rmm', 'rmm', 'out_of_memory'),
  sign('device', 'rmm', 'bad_alloc', 'rmm failure'),
  sign('device', 'thrust', 'thrust', 'bad_alloc'),

  // The host's memory.
  sign('host', 'kernel, limit of a container', 'memory cgroup out of memory'),
  sign('host', 'kernel, limit of a container', 'oom-kill:', 'constraint_memcg'),
  sign('host', 'kernel', 'oom-kill:', 'constraint_'),
  sign('host', 'kernel', 'out of memory: killed process'),
  sign('host', 'kernel', 'out of memory: kill process'),
  sign('host', 'kernel', 'oom_reaper: reaped process'),
  sign('host', 'systemd', 'been killed by the oom killer'),
  sign('host', 'systemd', "result 'oom-kill'"),
  sign('host', 'slurm', 'oom-kill event'),
  sign('host', 'slurm', 'oom_kill event'),
  sign('host', 'slurm', 'oom killed', 'step'),
  sign('host', 'aws batch', 'container killed due to memory usage'),
  sign('host', 'slurm', 'srun: error', 'task', 'out of memory'),
  sign('host', 'kubernetes', 'oomkilled'),
  sign('host', 'kubernetes', '"oom killed"'),
  sign('host', 'ray', 'node running low on memory'),
  sign('host', 'ray', 'killed due to memory pressure'),
  sign('host', 'ollama', 'model requires more system memory'),
  sign('host', 'tensorflow', 'oom when allocating tensor', 'by allocator cpu'),
  sign('host', 'tensorflow', 'oom when allocating tensor', 'by allocator mklcpu'),
  sign('host', 'ggml', 'failed to allocate cpu buffer of size'),
  sign('host', 'ggml', 'cpu_buffer_type_alloc_buffer: failed to allocate buffer'),
  sign('host', 'pytorch', 'defaultcpuallocator'),
  sign('host', 'pytorch', 'not enough memory: you tried to allocate'),
  sign('host', 'opencv', 'opencv', 'insufficient memory', 'failed to allocate'),
  sign('host', 'arrow', 'alloc of size ', ' failed', 'arrow'),
  sign('host', 'numpy', 'unable to allocate array with shape'),
  sign('host', 'numpy', 'unable to allocate', 'for an array with shape'),
  sign('host', 'the system', "can't allocate memory"),
  sign('host', 'the system', 'cannot allocate memory'),
  sign('host', 'the system', 'std::bad_alloc'),
  sign('host', 'llvm', 'llvm error: out of memory'),
  sign('host', 'java', 'java heap space'),
  sign('host', 'cuda', 'cuda_error_host_memory_already_registered'),

  // A device's memory.
  sign('device', 'ggml', 'alloc_buffer: allocating', 'out of memory'),
  sign('device', 'ggml', 'failed to allocate cuda', 'buffer of size'),
  sign('device', 'ggml', 'llama runner', 'out of memory'),
  sign('device', 'cann', 'memory_allocation_failure(el0004)'),
  sign('device', 'cann', 'rtmalloc', 'out of memory'),
  sign('device', 'cann', 'call rtmalloc fail'),
  sign('device', 'vulkan', 'vkresult', 'error_out_of_device_memory'),
  sign('device', 'vulkan', 'vk_error_out_of_device_memory'),
  sign('device', 'vulkan', 'failed to allocate device memory, requested='),
  sign('device', 'vulkan', 'out of device memory, requested='),
  sign('device', 'vulkan', 'out of video memory trying to allocate'),
  sign('device', 'metal', 'mps backend out of memory'),
  sign('device', 'metal', 'insufficient memory', 'kiogpucommandbuffer'),
  sign('device', 'metal', 'invalid buffer size: '),
  sign('device', 'metal', 'metal::malloc', 'attempting to allocate'),
  sign('device', 'faiss', 'faiss', 'cudamalloc', 'out of memory'),
  sign('device', 'faiss', 'faiss', 'alloc fail type'),
  // The last line of it, where it was wrapped.
  sign('device', 'faiss', ' space device', 'bytes (cudamalloc error out of memory'),
  sign('device', 'julia', 'out of gpu memory trying to allocate'),
  sign('device', 'vllm', 'cumem_allocator', 'out of memory'),
  sign('device', 'vllm', 'cumem_allocator', 'cuda error'),
  sign('device', 'vllm', 'no available memory for the cache blocks'),
  sign('device', 'vllm', 'kv cache is needed'),
  sign('device', 'vllm', 'number of tokens that can be stored in kv cache'),
  sign('device', 'vllm', 'free memory on device', 'gpu memory utilization'),
  sign('device', 'sglang', 'not enough memory', 'mem-fraction-static'),
  sign('device', 'physx', 'pxgcudadevicememoryallocator fail to allocate'),
  sign('device', 'physx', 'pxg', 'fail to allocate memory'),
  sign('device', 'physx', 'physx', 'out of memory'),
  sign('device', 'nccl', 'nccl', 'out of memory'),
  sign('device', 'nccl', 'failed to cuda calloc'),
  sign('device', 'nccl', 'cuda failure', 'out of memory'),
  sign('device', 'tensorflow', 'stream_executor', '_status_alloc_failed'),
  sign('device', 'cublas', 'cublas_status_alloc_failed'),
  sign('device', 'cudnn', 'cudnn_status_alloc_failed'),
  sign('device', 'cusolver', 'cusolver_status_alloc_failed'),
  sign('device', 'cusparse', 'cusparse_status_alloc_failed'),
  sign('device', 'cufft', 'cufft_alloc_failed'),
  sign('device', 'rocblas', 'rocblas_status_memory_error'),
  sign('host', 'tensorflow', 'oom when allocating tensor', 'by allocator cpu'),
  sign('host', 'tensorflow', 'oom when allocating tensor', 'device:cpu:'),
  sign('device', 'tensorflow', 'oom when allocating tensor'),
  sign('device', 'kaldi', 'failed to allocate a memory region of'),
  sign('device', 'jax', 'resource_exhausted', 'memory'),
  sign('device', 'jax', 'resource_exhausted', 'attempting to allocate'),
  sign('device', 'jax', 'resource_exhausted', 'failed to allocate'),
  sign('device', 'jax', 'external/xla/', '_bfc) ran out of memory trying to allocate'),
  sign('device', 'tensorflow', '_bfc) ran out of memory trying to allocate'),
  sign('device', 'tensorflow', 'bfc_allocator', 'ran out of memory trying to allocate'),
  sign('device', 'paddle', 'out of memory error on gpu'),
  sign('host', 'onnx runtime', 'requested buffer of size', 'nchwc'),
  sign('device', 'onnx runtime', 'failed to allocate memory for requested buffer of size'),
  sign('device', 'tensorrt-llm', 'tensorrt-llm', 'out of memory'),
  sign('device', 'tensorrt', 'cuda runtime (out of memory)'),
  sign('device', 'tensorrt', 'requested amount of gpu memory', 'could not be allocated'),
  sign('device', 'tensorrt', '[trt]', 'outofmemory'),
  sign('device', 'tensorrt', 'gpu memory allocation error during'),
  sign('device', 'mxnet', 'storage_manager', 'out of memory'),
  sign('device', 'numba', 'cumemalloc', 'cuda_error_out_of_memory'),
  sign('device', 'bitsandbytes', 'error out of memory at line'),
  sign('device', 'cupy', 'out of memory allocating', 'allocated so far'),
  sign('device', 'cupy', 'out of memory to allocate', '(total '),
  sign('device', 'cycles', 'system is out of gpu and shared host memory'),
  sign('device', 'cycles', 'out of memory in cu'),
  sign('device', 'habana', 'pt_devmem', 'allocation failed'),
  sign('device', 'jax', 'resource exhausted', 'out of memory'),
  sign('device', 'jax', 'resource exhausted: failed to allocate request'),
  sign('device', 'jax', 'resource exhausted', 'that was not possible'),
  sign('device', 'jax', 'ran out of memory in memory space'),
  sign('device', 'pytorch', 'can not allocate memory block with size larger than'),
  sign('device', 'pytorch', 'out of memory. tried to allocate'),
  sign('device', 'pytorch', 'out of memory.tried to allocate'),
  sign('device', 'pytorch', 'would exceed allowed memory'),
  sign('device', 'pytorch', 'memory allocation failed with oom'),
  sign('device', 'triton', 'triton error', 'out of memory'),
  sign('device', 'xgboost', 'xgboost', 'cuda error', 'out of memory'),
  sign('device', 'ggml', 'cuda error', 'out of memory', 'ggml-cuda'),
  sign('device', 'cuda', 'cuda error', 'out of memory'),
  sign('device', 'cuda', 'cuda driver error', 'out of memory'),
  // PyTorch before 1.0, whose own allocator names its source file.
  sign('device', 'pytorch', 'cuda runtime error', 'out of memory', '/thc'),
  sign('device', 'cuda', 'cuda runtime error', 'out of memory'),
  sign('device', 'cuda', 'thcudacheck fail', 'out of memory'),
  sign('device', 'hip', 'hip error', 'out of memory'),
  sign('device', 'jax', 'external/xla/', 'cuda_error_out_of_memory'),
  sign('device', 'tensorflow', 'stream_executor', 'cuda_error_out_of_memory'),
  sign('device', 'tensorflow', 'from device: cuda_error_out_of_memory'),
  sign('device', 'tensorflow', 'from device: hip_error_outofmemory'),
  sign('device', 'tensorflow', 'stream_executor', 'failed to allocate', 'from device: hiperror_t'),
  sign('device', 'cuda', 'cuda_error_out_of_memory'),
  sign('device', 'cuda', 'cudaerrormemoryallocation'),
  sign('device', 'hip', 'hiperroroutofmemory'),
  sign('device', 'hip', 'hip_error_outofmemory'),
  sign('device', 'hip', 'hiperrormemoryallocation'),
  sign('device', 'xpu', 'allocation is out of device memory'),
  sign('device', 'xpu', 'ur_result_error_out_of_device_memory'),
  sign('device', 'xpu', 'ur_result_error_out_of_resources'),
  sign('device', 'xpu', 'ze_result_error_out_of_device_memory'),
  sign('host', 'xpu', 'out_of_host_memory'),
  sign('device', 'xpu', 'pi_error_out_of_resources'),
  sign('device', 'pytorch', 'cuda out of memory'),
  sign('device', 'pytorch', 'hip out of memory'),
  sign('device', 'pytorch', 'xpu out of memory'),
  sign('device', 'pytorch', 'npu out of memory'),
  sign('device', 'pytorch', 'hpu out of memory'),
  sign('device', 'pytorch', 'mlu out of memory'),
  sign('device', 'pytorch', 'musa out of memory'),
  sign('device', 'pytorch', 'outofmemoryerror'),
  sign('device', 'cuda', 'cudamalloc', 'out of memory'),
  // The first words were left off, as in a title.
  sign('device', 'pytorch', 'tried to allocate', 'total capacity', 'by pytorch'),
  loose('device', 'pytorch', 'tried to allocate'),
  loose('device', 'unknown', 'out of memory'),
];

/** Of each sign the longest word: a line without any of them is not about memory. Lower case. */
export const memoryErrorWords: readonly string[] = [
  ...new Set(
    signs.map(({ all }) => all.reduce((longest, word) => (word.length > longest.length ? word : longest))),
  ),
];

/** Class of an error whose message alone would not do. The last part of its dotted name, in lower case. */
export const signsByClass: Readonly<Record<string, Omit<Sign, 'all' | 'loose'>>> = {
  outofmemoryerror: { memory: 'device', by: 'pytorch' },
  rayoutofmemoryerror: { memory: 'host', by: 'ray' },
  outofresources: { memory: 'on-chip', by: 'triton' },
  memoryerror: { memory: 'host', by: 'python' },
  arrowmemoryerror: { memory: 'host', by: 'arrow' },
  _arraymemoryerror: { memory: 'host', by: 'numpy' },
};

/** Bytes of a unit. Every program here prints powers of two, whatever it calls them. */
export const units: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  bytes: 1,
  k: 2 ** 10,
  kb: 2 ** 10,
  kib: 2 ** 10,
  m: 2 ** 20,
  mb: 2 ** 20,
  mib: 2 ** 20,
  g: 2 ** 30,
  gb: 2 ** 30,
  gib: 2 ** 30,
  t: 2 ** 40,
  tb: 2 ** 40,
  tib: 2 ** 40,
};

/** Where an amount stands: right behind `before`, right in front of `after`; `unit` where the text prints none. */
export interface AmountPlace {
  before?: string;
  after?: string;
  unit?: keyof typeof units & string;
}

/** Figure → its places, the first that the text has counts. Lower case; white space is one space. */
export const amountPlaces: Readonly<Record<string, readonly AmountPlace[]>> = {
  triedBytes: [
    { before: 'tried to allocate ' },
    { before: 'requested : ' },
    { before: 'trying to allocate ' },
    { before: 'attempting to allocate ' },
    { before: 'out of memory allocating ' },
    { before: 'out of memory to allocate ' },
    { before: 'requires more system memory (' },
    { before: 'unable to allocate ' },
    { before: 'failed to allocate ' },
    { before: 'failed to allocate a memory region of ' },
    { before: 'failed to cudamalloc ' },
    { after: ' (cudamalloc error' },
    // CANN's rtMalloc
    { before: 'type = 2, size:', unit: 'b' },
    { before: 'requested memory: ', unit: 'b' },
    { before: 'fail to allocate memory ' },
    { before: 'device memory, requested=' },
    { before: 'failed to cuda calloc async ' },
    { before: 'failed to cuda calloc ' },
    { before: 'attempting to reserve ' },
    { before: 'failed to allocate request for ' },
    { before: 'allocation failed for size::', unit: 'b' },
    { before: 'invalid buffer size: ' },
    { before: 'requested buffer of size ', unit: 'b' },
    { before: 'alloc_buffer: allocating ' },
    { before: 'failed to allocate buffer of size ', unit: 'b' },
    { before: 'failed to allocate cpu buffer of size ', unit: 'b' },
    { before: 'cannot allocate ' },
    { before: 'unable to mmap ' },
    { before: 'alloc of size ', unit: 'b' },
    { before: 'requested amount of gpu memory (' },
    { after: '). decrease gpu memory utilization' },
    { after: ' kv cache is needed' },
  ],
  totalBytes: [
    { before: 'has a total capacity of ' },
    // As 2.1 spelt it.
    { before: 'has a total capacty of ' },
    { after: ' total capacity' },
    { before: 'device limit : ' },
    { before: 'm, total:' },
    { before: ', total: ', unit: 'b' },
    { after: ' hbm. exceeded' },
    { after: ') on startup' },
    { after: ') cuda allocator usage' },
    { after: ') memory pool usage' },
  ],
  freeBytes: [
    { before: 'of which ' },
    { after: ' free;' },
    { before: 'free (according to cuda): ' },
    { before: 'memory info: free:' },
    { before: '(free: ', unit: 'b' },
    { before: '- free memory: ', unit: 'b' },
    { before: 'free memory/total memory: ', unit: 'b' },
    { before: 'available kv cache memory (' },
    { before: 'there are ' },
    { before: 'available memory is only ' },
    { before: 'than is available (' },
    { before: 'free memory on device (', unit: 'gib' },
    ...Array.from({ length: 16 }, (_, index) => ({
      before: `free memory on device cuda:${index} (`,
      unit: 'gib' as const,
    })),
  ],
  processBytes: [{ before: 'this process has ' }],
  otherAllocationsBytes: [{ before: 'other allocations: ' }],
  allocatedBytes: [
    { after: ' is allocated by pytorch' },
    { after: ' already allocated' },
    { before: 'mps allocated: ' },
    { before: 'currently allocated : ' },
    { before: '(allocated so far: ' },
    { before: 'bytes (total ' },
    { before: 'cuda allocator usage: ' },
    { before: 'memory pool usage: ' },
    { after: ' memory has been allocated' },
  ],
  activeBytes: [{ after: ' current active' }, { after: ' is active' }],
  privatePoolBytes: [{ after: ' allocated in private pools' }],
  reservedUnallocatedBytes: [{ after: ' is reserved by pytorch but unallocated' }],
  reservedBytes: [{ after: ' reserved in total by pytorch' }, { after: ' reserved)' }],
  cachedBytes: [{ after: ' cached)' }, { after: ' cached;' }],
  allowedBytes: [
    { after: ' allowed;' },
    { before: 'max allowed: ' },
    { before: 'maximum allowed buffer size of ' },
    { before: '(capped at ' },
    { before: 'user-supplied memory fraction) : ' },
  ],
  hostProcessBytes: [{ before: 'anon-rss:' }],
};

/** Words right in front of the index of the device that refused, with its backend: null where another word names it. */
export const indexes: readonly { before: string; backend: string | null }[] = [
  { before: 'gpu ', backend: null },
  { before: '(npu ', backend: 'npu' },
  { before: '(xpu ', backend: 'xpu' },
  { before: '(mlu ', backend: 'mlu' },
  { before: '(musa ', backend: 'musa' },
  { before: 'on device ordinal ', backend: null },
  { before: 'on device ', backend: null },
  { before: 'device:gpu:', backend: null },
  { before: '/gpu:', backend: null },
  { before: 'device:xpu:', backend: 'xpu' },
  { before: 'cuda:', backend: null },
  // faiss
  { before: ' dev ', backend: null },
];

/** Words that name the backend of a device, the first one counts; `cuda` without any. */
export const backends: readonly { word: string; backend: string; indexed: boolean }[] = [
  { word: 'mps backend', backend: 'mps', indexed: false },
  { word: 'memory space hbm', backend: 'tpu', indexed: false },
  { word: 'attempting to reserve', backend: 'tpu', indexed: false },
  { word: 'kiogpucommandbuffer', backend: 'mps', indexed: false },
  { word: 'xpu out of memory', backend: 'xpu', indexed: true },
  // Intel's extension before 2.5.
  { word: 'can not allocate memory block', backend: 'xpu', indexed: true },
  { word: 'npu out of memory', backend: 'npu', indexed: true },
  { word: 'rtmalloc', backend: 'npu', indexed: false },
  { word: 'el0004', backend: 'npu', indexed: false },
  { word: 'allocation is out of device memory', backend: 'xpu', indexed: false },
  { word: 'hpu out of memory', backend: 'hpu', indexed: true },
  { word: 'pt_devmem', backend: 'hpu', indexed: false },
  { word: 'invalid buffer size: ', backend: 'mps', indexed: false },
  { word: 'metal::malloc', backend: 'mps', indexed: false },
  { word: 'mlu out of memory', backend: 'mlu', indexed: true },
  { word: 'musa out of memory', backend: 'musa', indexed: true },
];

/** Bytes of one element of TensorFlow's types, which its errors name instead of an amount. */
export const elementBytes: Readonly<Record<string, number>> = {
  half: 2,
  bfloat16: 2,
  float: 4,
  double: 8,
  int32: 4,
  int64: 8,
  int8: 1,
  uint8: 1,
  bool: 1,
  complex64: 8,
};

/** All of it, as it is written to the data file. */
export const memoryWords = {
  signs,
  signsByClass,
  units,
  places: amountPlaces,
  indexes,
  backends,
  elementBytes,
};
