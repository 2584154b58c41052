/** More of what people paste, kind by kind: single requests too large, refusals survived, accounting, killers that are no kernel. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';

interface Row extends Pasted {
  whose: 'GPU' | 'host' | null;
}
const capacity = (asked: string, total: string, free: string, allocated: string, unallocated: string) =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${asked}. GPU 0 has a total capacity of ${total} of which ${free} is free. Of the allocated memory ${allocated} is allocated by PyTorch, and ${unallocated} is reserved by PyTorch but unallocated.`;
const warned = (step: number, allocated: string, cached: string) =>
  `WARNING:root:CUDA out of memory. Tried to allocate 1.10 GiB (GPU 0; 11.00 GiB total capacity; ${allocated} already allocated; 210.00 MiB free; ${cached} cached)   | ${step}/900 [00:0${step}<01:00, 2.0batch/s]`;
const listed = (rank: number, pids: number[]) =>
  `[rank${rank}]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 900.00 MiB. GPU 0 has a total capacity of 31.00 GiB of which 300.00 MiB is free. ${pids.map(pid => `Process ${pid} has 10.20 GiB memory in use. `).join('')}Of the allocated memory 9.40 GiB is allocated by PyTorch, and 200.00 MiB is reserved by PyTorch but unallocated.`;

const rows: Record<string, Row> = {
  'a request larger than the device': {
    text: capacity('41.20 GiB', '15.70 GiB', '11.00 GiB', '1.20 GiB', '300.00 MiB'),
    whose: 'GPU',
    says: ['One request is larger than the device', '41.20 GiB', '15.70 GiB in all'],
    never: ['microbatches', 'Make each pass smaller', 'own tensors'],
  },
  'a request too large beside what is held': {
    text: capacity('17.00 GiB', '23.60 GiB', '9.10 GiB', '7.00 GiB', '6.90 GiB'),
    whose: 'GPU',
    says: ['too large beside what is held', '17.00 GiB', '7.00 GiB', 'not fit without fragmentation'],
    never: ['expandable_segments'],
  },
  'a request that its own cache would hold': {
    text: capacity('2.00 GiB', '11.90 GiB', '0 bytes', '5.20 GiB', '5.10 GiB'),
    whose: 'GPU',
    says: ['keeps 5.10 GiB that no tensor uses'],
  },
  'Intel’s largest piece': {
    text: 'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 5.20 GiB. GPU 0 has a total capacity of 11.60 GiB of which 11.10 GiB is free. Of the allocated memory 210.00 MiB is allocated by PyTorch, and 2.10 MiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['5.20 GiB in one piece', '11.10 GiB of xpu:0 is free', 'less than 4 GiB at once'],
    never: ['torch.cuda', 'nvidia-smi'],
  },
  'a card of 2 GiB': {
    text: 'CUDA out of memory. Tried to allocate 212.00 MiB (GPU 0; 2.00 GiB total capacity; 801.51 MiB already allocated; 139.93 MiB free; 1.01 GiB reserved in total by PyTorch)',
    whose: 'GPU',
    says: ['cuda:0 is too small: 2.00 GiB in all'],
    never: ['nvidia-smi'],
  },
  'llama.cpp’s refusal in front of the traceback of its caller': {
    text: 'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 162.00 MiB on device 2: cudaMalloc failed: out of memory\nggml_gallocr_reserve_n: failed to allocate CUDA2 buffer of size 169869312\nllama_new_context_with_model: failed to allocate compute buffers\nTraceback (most recent call last):\n  File "/w/ask.py", line 19, in <module>\n    llm = LlamaCpp(\n  File "/w/lib/python3.11/site-packages/pydantic/main.py", line 212, in __init__\n    validated = self.validator(data)\npydantic_core._pydantic_core.ValidationError: 1 validation error for LlamaCpp\n',
    whose: 'GPU',
    says: ['cuda:2 for 162.00 MiB', 'compute buffer', 'ask.py, line 19'],
  },
  'the host of a program that makes images, on Windows': {
    text: '# ComfyUI Error Report\n- **Node Type:** VAEDecode\n- **Exception Type:** RuntimeError\n- **Exception Message:** [enforce fail at ..\\c10\\core\\impl\\alloc_cpu.cpp:72] data. DefaultCPUAllocator: not enough memory: you tried to allocate 6291456 bytes.\n## Stack Trace\n  File "D:\\w\\ComfyUI\\execution.py", line 311, in execute\n    out = run()\n',
    whose: 'host',
    says: ['6291456 bytes', 'page file', 'full of what was kept before', 'fewer models'],
    never: ['Slurm', 'DataLoader'],
  },
  'cuDNN’s refusal in TensorFlow': {
    text: '    File "/w/layers/conv.py", line 54, in __init__\n      y = tf_compat.v1.nn.convolution(\n2 root error(s) found.\n  (0) NOT_FOUND: No algorithm worked!  Error messages:\n  Profiling failure on CUDNN engine 0: UNKNOWN: CUDNN_STATUS_ALLOC_FAILED\nin tensorflow/stream_executor/cuda/cuda_dnn.cc(4011)\n',
    whose: 'GPU',
    says: ['in TensorFlow', 'set_memory_growth'],
    never: ['PyTorch', 'set_per_process_memory_fraction'],
  },
  'TensorFlow on its second device': {
    text: 'ResourceExhaustedError: OOM when allocating tensor with shape[128,64,109,109] and type float on /job:localhost/replica:0/task:0/device:GPU:1 by allocator GPU_1_bfc',
    whose: 'GPU',
    says: ['in TensorFlow: 371.28 MiB was refused on cuda:1'],
  },
  'a request as large as the device': {
    text: 'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 48.00 GiB. GPU 0 has a total capacity of 48.00 GiB',
    whose: 'GPU',
    says: ['One request is as large as the device', '48.00 GiB in all'],
  },
  'llama.cpp’s last word without what it asked for': {
    text: 'llama_model_load: error loading model: unable to allocate ROCm0 buffer\nllama_model_load_from_file_impl: failed to load model\npanic: unable to load model: /m/blobs/sha256-0a1b\n',
    whose: 'GPU',
    says: ['llama.cpp (ggml)', 'rocm-smi', '-ngl'],
    never: ['nvidia-smi'],
  },
  'the same on the host': {
    text: 'llama_model_load: error loading model: unable to allocate CPU buffer\n',
    whose: 'host',
    says: ['not the GPU’s'],
  },
  'a library’s line in front of the traceback with the same refusal': {
    text: '[1] 2031-06-13 01:17:08.8: E client.cc:672] Execution of replica 0 failed: Resource exhausted: Out of memory while trying to allocate 5368709120 bytes.\nTraceback (most recent call last):\n  File "/w/train.py", line 88, in <module>\n    state = update(state, batch)\nRuntimeError: Resource exhausted: Out of memory while trying to allocate 5368709120 bytes.\n',
    whose: 'GPU',
    says: ['in JAX: 5.00 GiB', 'train.py, line 88'],
  },
  'cuDNN under XLA': {
    text: 'RuntimeError: UNKNOWN: Failed to determine best cudnn convolution algorithm: INTERNAL: All algorithms tried failed. CUDNN_STATUS_EXECUTION_FAILED. To use a fallback algorithm, use XLA_FLAGS=--xla_gpu_strict_conv_algorithm_picker=false.',
    whose: null,
    says: ['cuDNN failed', 'XLA_PYTHON_CLIENT_MEM_FRACTION'],
    never: ['PyTorch', 'torch.backends'],
  },
  'a program that makes images, by its source beside the error': {
    text: `from diffusers import FluxPipeline\npipe = FluxPipeline.from_pretrained("m")\nimage = pipe(\n    prompt,\n).images[0]\n\nOutOf${capacity('90.00 MiB', '14.74 GiB', '12.10 MiB', '14.60 GiB', '4.10 MiB').slice('torch.OutOf'.length)}`,
    whose: 'GPU',
    says: ['full of the program’s own tensors (its models, the images it makes)', 'enable_model_cpu_offload'],
    never: ['sequences'],
  },
  'a refusal after which another version was loaded': {
    text: `${capacity('72.00 MiB', '23.64 GiB', '32.75 MiB', '22.90 GiB', '87.06 MiB')}\n[01-14 16:34:29] Error while loading the fast version, falling back to native version\n`,
    whose: 'GPU',
    says: ['No failure', 'the program went on'],
  },
  'llama.cpp’s last word of Vulkan': {
    text: 'Failed to load model\nerror loading model: unable to allocate Vulkan0 buffer\n',
    whose: 'GPU',
    says: ['llama.cpp (ggml)', 'nvtop'],
    never: ['nvidia-smi'],
  },
  'XGBoost’s refusal with room': {
    text: 'xgboost.core.XGBoostError: [13:55:26] /w/device_helpers.cuh:414: Memory allocation error on worker 0: std::bad_alloc: cudaErrorMemoryAllocation: out of memory\n- Free memory: 11310923776\n- Requested memory: 48000\n',
    whose: 'GPU',
    says: ['46.88 KiB was refused though 10.53 GiB', 'a limit on the process', 'MIG or vGPU'],
    never: ['torch'],
  },
  'Thrust’s words behind its exception': {
    text: "terminate called after throwing an instance of 'thrust::system::system_error'\n  what():  parallel_for failed: out of memory\nAborted (core dumped)\n",
    whose: 'GPU',
    says: ['Thrust'],
    never: ['sequences'],
  },
  'Paddle’s exception, whose text was cut': {
    text: "terminate called after throwing an instance of 'paddle::memory::allocation::BadAlloc'\n  what():\n\n--------------------------------------\nC++ Traceback (most recent call last):\n--------------------------------------\n0   scale_ad_func(paddle::Tensor const&)\n10  paddle::memory::allocation::CUDAAllocator::AllocateImpl(unsigned long)\n",
    whose: 'GPU',
    says: ['in Paddle'],
  },
  'a checkpoint that is gathered to be saved': {
    text: `[rank7]:   File "/w/train/fsdp_utils.py", line 109, in save_all\n[rank7]:     state = ema.state_dict()\n[rank7]:   File "/w/lib/python3.11/site-packages/torch/distributed/fsdp/_state_dict_utils.py", line 303, in _full_pre_state_dict_hook\n[rank7]:     unshard(\n[rank7]: ${capacity('27.20 GiB', '79.25 GiB', '15.40 GiB', '54.10 GiB', '8.20 GiB')}`,
    whose: 'GPU',
    says: ['a checkpoint that it was gathering', 'offload_to_cpu=True', 'fsdp_utils.py, line 109'],
    never: ['sequences', 'microbatches'],
  },
  'a warning of FSDP as it saves': {
    text: "{'loss': 1.31, 'learning_rate': 0.0, 'epoch': 1.0}\n{'train_runtime': 602.1, 'train_samples_per_second': 7.03, 'train_loss': 1.47, 'epoch': 1.0}\n/w/lib/python3.10/site-packages/torch/distributed/fsdp/_state_dict_utils.py:312: UserWarning: Failed to clone() tensor with name model.layers.39.mlp.weight on rank 1. Error: CUDA out of memory. Tried to allocate 270.00 MiB (GPU 1; 79.35 GiB total capacity; 76.90 GiB already allocated; 72.10 MiB free; 77.40 GiB reserved in total by PyTorch)\n",
    whose: 'GPU',
    says: ['offload_to_cpu=True', 'whole before it is used'],
    never: ['sequences', 'microbatches'],
  },
  'words of an error in front of a table that shows room': {
    text: 'With more than 512 environments it ends in `malloc(): invalid size (unsorted)`. The table of nvidia-smi:\n\n+-----------------------------------------+------------------------+----------------------+\n| NVIDIA-SMI 550.120                Driver Version: 550.120        CUDA Version: 12.4     |\n|   0  NVIDIA GeForce RTX 3080        Off |   00000000:01:00.0  On |                  N/A |\n| 30%   58C    P2            188W /  320W |    4197MiB /  10240MiB |     87%      Default |\n+-----------------------------------------+------------------------+----------------------+\n',
    whose: null,
    says: ['the heap of the process was overwritten', '4197 of 10240 MiB'],
  },
  'Slurm’s word of a limit that was reached once': {
    text: 'slurmstepd: error: Exceeded step memory limit at some point.\n',
    whose: 'host',
    says: ['at some point', 'where it completed'],
    never: ['A process was killed for lack'],
  },
  'a node that was short of a device’s resource': {
    text: 'Warning  Evicted  Pod  The node was low on resource: nvidia.com/gpu-memory. Container trainer was using more than allowed.\n',
    whose: null,
    says: ['the node was short of nvidia.com/gpu-memory'],
    never: ['not of memory'],
  },
  'others who did not matter: without them it would not fit either': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.10 GiB. GPU 0 has a total capacity of 15.70 GiB of which 1.10 GiB is free. Process 771 has 1.60 GiB memory in use. Including non-PyTorch memory, this process has 13.00 GiB memory in use. Of the allocated memory 12.20 GiB is allocated by PyTorch, and 310.00 MiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['own tensors', 'process 771 has 1.60 GiB'],
    never: ['Others take'],
  },
  'others who did': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.10 GiB. GPU 0 has a total capacity of 15.70 GiB of which 1.10 GiB is free. Process 771 has 1.60 GiB memory in use. Including non-PyTorch memory, this process has 13.00 GiB memory in use. Of the allocated memory 12.20 GiB is allocated by PyTorch, and 310.00 MiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['Others take', 'process 771 has 1.60 GiB'],
  },
  'a tiny request on a full device is no fragmentation': {
    text: capacity('2.00 MiB', '23.69 GiB', '1.00 MiB', '19.90 GiB', '3.21 GiB'),
    whose: 'GPU',
    says: ['full of this process’s own tensors', 'for the 3.21 GiB that PyTorch keeps'],
    never: ['Out of memory by fragmentation'],
  },
  'a tiny request beside a cache of half the device': {
    text: capacity('2.00 MiB', '23.69 GiB', '1.00 MiB', '11.10 GiB', '11.80 GiB'),
    whose: 'GPU',
    says: ['Out of memory by fragmentation'],
  },
  'frames of a model that is given images': {
    text: `  File "/w/lib/python3.11/site-packages/torchvision/models/resnet.py", line 92, in forward\n    out = self.conv2(out)\n  File "/w/train_seg.py", line 88, in train_one_epoch\n${capacity('512.00 MiB', '23.69 GiB', '100.00 MiB', '22.90 GiB', '210.00 MiB')}`,
    whose: 'GPU',
    says: ['smaller images'],
    never: ['sequences'],
  },
  'frames of one that is given text and images': {
    text: `  File "/w/train_vlm.py", line 88, in training_step\n    x = F.interpolate(model.visual(pixels)) + model.embed(input_ids)\n${capacity('512.00 MiB', '23.69 GiB', '100.00 MiB', '22.90 GiB', '210.00 MiB')}`,
    whose: 'GPU',
    says: ['shorter sequences'],
  },
  'a refusal with room, where nothing shows Windows': {
    text: capacity('20.00 MiB', '23.69 GiB', '9.10 GiB', '12.20 GiB', '110.00 MiB'),
    whose: 'GPU',
    says: ['a limit on the process'],
    never: ['Windows'],
  },
  'the same on Windows': {
    text: `  File "C:\\ml\\run.py", line 3, in <module>\n${capacity('20.00 MiB', '23.69 GiB', '9.10 GiB', '12.20 GiB', '110.00 MiB')}`,
    whose: 'GPU',
    says: ['a limit on the process', 'Windows’ driver'],
  },
  'thrust’s words on Windows': {
    text: 'thrust::system::detail::bad_alloc: bad allocation: cudaErrorMemoryAllocation: out of memory',
    whose: 'GPU',
    says: ['Thrust'],
  },
  'thrust without its class': {
    text: 'RuntimeError: bad allocation: cudaErrorMemoryAllocation: out of memory',
    whose: 'GPU',
    says: ['Out of GPU memory'],
  },
  'the host’s allocator on Windows': {
    text: 'onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException: [ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Exception during initialization: bad allocation',
    whose: 'host',
    says: ['not the GPU’s'],
  },
  'Ollama’s runner, by its exit status': {
    text: 'Error: llama runner process has terminated: exit status 2\n',
    whose: null,
    says: ['Ollama’s runner', 'Ollama’s own log', 'exit status 2'],
    never: ['DataLoader'],
  },
  'Ollama’s runner, by an assertion': {
    text: 'Error: 500 Internal Server Error: llama runner process has terminated: GGML_ASSERT(n <= n_max) failed\n',
    whose: null,
    says: ['Ollama’s runner', 'GGML_ASSERT'],
  },
  'Ollama’s runner, killed': {
    text: 'Error: llama runner process has terminated: signal: killed\n',
    whose: 'host',
    says: ['SIGKILL', 'num_ctx'],
    never: ['DataLoader'],
  },
  'Slurm’s kill beside the shell’s word for it': {
    text: '$ python train.py\nKilled\nslurmstepd: error: Detected 1 oom_kill event in StepId=4711.interactive. Some of the step tasks have been OOM Killed.\n',
    whose: 'host',
    says: ['the limit of its container or job', 'slurm'],
  },
  'a platform’s largest piece': {
    text: 'RuntimeError: Current platform can NOT allocate memory block with size larger than 4GB! Tried to allocate 5.00 GiB (GPU  1; 11.60 GiB total capacity; 0 bytes already allocated; 0 bytes reserved in total by PyTorch)',
    whose: 'GPU',
    says: ['Not full', 'no more than 4 GB in one piece', '5.00 GiB'],
  },
  'a size that was never one': {
    text: 'onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException: [ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Conv node. Status Message: /s/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 9151314442816847872',
    whose: null,
    says: ['Not a shortage of memory', 'never a real size', '9151314442816847872'],
  },
  'an arena that is the host’s by its layout': {
    text: "2022-02-02 01:02:03.4 [E:onnxruntime:, sequential_executor.cc:339] Non-zero status code returned while running Conv node. Name:'12_nchwc' Status Message: bfc_arena.cc:330 onnxruntime::BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 268435456",
    whose: 'host',
    says: ['256.00 MiB', 'not the GPU’s'],
  },
  'an arena of which the text does not tell': {
    text: 'onnxruntime::BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 268435456',
    whose: 'GPU',
    says: ['the text does not say which'],
  },
  'most of a device without a word of what is free': {
    text: 'RuntimeError: NPU out of memory. Tried to allocate 64.00 MiB (NPU 2; 31.00 GiB total capacity; 30.10 GiB already allocated;',
    whose: 'GPU',
    says: ['npu:2 is full of this process’s own tensors', '30.10 GiB of 31.00 GiB'],
    never: ['only'],
  },
  'others by one sum': {
    text: 'RuntimeError: CUDA out of memory. Tried to allocate 1.00 GiB (GPU 0; 40.00 GiB total capacity; 20.00 GiB already allocated; 500.00 MiB free; 20.10 GiB reserved in total by PyTorch)',
    whose: 'GPU',
    says: ['19.41 GiB of 40.00 GiB is neither PyTorch’s nor free'],
    never: ['17.91'],
  },
  'Metal’s limit, the tensors’ own': {
    text: 'RuntimeError: MPS backend out of memory (MPS allocated: 12.10 GiB, other allocations: 1.20 MiB, max allowed: 13.60 GiB). Tried to allocate 2.00 GiB on private pool.',
    whose: 'GPU',
    says: ['may use 13.60 GiB', 'Make each pass smaller'],
    never: ['Close what else'],
  },
  'refusals that were logged, one after another': {
    text: [
      warned(1, '3.00 GiB', '6.90 GiB'),
      warned(2, '5.00 GiB', '4.90 GiB'),
      warned(3, '5.50 GiB', '4.40 GiB'),
    ].join('\n'),
    whose: 'GPU',
    says: ['No failure', '3 requests of memory were refused, and the program went on', '4.40 GiB'],
    never: ['training failed'],
  },
  'a refusal that llama.cpp tries again without': {
    text: '0.01 E ggml_backend_cuda_buffer_type_alloc_buffer: allocating 20480.00 MiB on device 1: cudaMalloc failed: out of memory\n0.02 E ggml_gallocr_reserve_n_impl: failed to allocate CUDA1 buffer of size 21474836480\n0.03 W sched_reserve: compute buffer allocation failed, retrying without pipeline parallelism\n0.04 I srv load_model: initializing, n_slots = 1\n',
    whose: 'GPU',
    says: ['No failure', 'a request of memory was refused, and the program went on', '20.00 GiB'],
  },
  'llama.cpp on ROCm': {
    text: 'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 8192.00 MiB on device 0: cudaMalloc failed: out of memory\nggml_gallocr_reserve_n: failed to allocate ROCm0 buffer of size 8589934592\n',
    whose: 'GPU',
    says: ['8.00 GiB'],
    never: ['The training failed'],
  },
  'TensorFlow’s cuBLAS': {
    text: 'E tensorflow/stream_executor/cuda/cuda_blas.cc:372] failed to create cublas handle: CUBLAS_STATUS_ALLOC_FAILED\n',
    whose: 'GPU',
    says: ['in TensorFlow', 'set_memory_growth'],
    never: ['set_per_process_memory_fraction'],
  },
  'a small program of JAX’s on a full device': {
    text: 'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8388608 bytes.\nBufferAssignment OOM Debugging.\nBufferAssignment stats:\n             parameter allocation:    8.00MiB\n              constant allocation:         0B\n        maybe_live_out allocation:    8.00MiB\n     preallocated temp allocation:         0B\n                 total allocation:   16.00MiB\n',
    whose: 'GPU',
    says: ['8.00 MiB', 'needs no more than 16.00MiB', 'something else', 'PREALLOCATE'],
    never: ['rematerialisation'],
  },
  'an error that a terminal wrapped between its words': {
    text: '[1] 2019-06-13 01:17:08.8: E client.cc:672] Execution of replica 0 failed: Resource exhausted: Out \nof memory while trying to allocate 4294967296 bytes.\n',
    whose: 'GPU',
    says: ['in JAX', '4.00 GiB'],
  },
  'vLLM with less than nothing for its cache': {
    text: '(EngineCore pid=7) INFO 03-02 10:11:12 [gpu_worker.py:298] Available KV cache memory: -1.71 GiB\n(EngineCore pid=7) ERROR 03-02 10:11:13 [core.py:708] ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.\n',
    whose: 'GPU',
    says: ['nothing left for its KV cache', '-1.71 GiB: 1.71 GiB more is needed'],
    never: ['training'],
  },
  'the same before its error': {
    text: 'INFO 03-02 10:11:10 [gpu_model_runner.py:3000] Model loading took 15.27 GiB and 20.1 seconds\nINFO 03-02 10:11:12 [gpu_worker.py:298] Available KV cache memory: -0.42 GiB\n',
    whose: 'GPU',
    says: ['nothing left for its KV cache', 'took 15.27 GiB', '0.42 GiB more'],
  },
  'vLLM’s second device': {
    text: 'ValueError: Free memory on device cuda:3 (20.10/23.50 GiB) on startup is less than desired GPU memory utilization (0.9, 21.15 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.',
    whose: 'GPU',
    says: ['21.15 GiB of 23.50 GiB', '20.10 GiB was free', '3.40 GiB was in use already'],
  },
  'vLLM’s worker by its logger': {
    text: '(RayWorkerWrapper pid=45) ERROR 06-09 06:57:48 worker_base.py:581] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 30.00 MiB. GPU 3 has a total capacity of 39.40 GiB of which 14.00 MiB is free. Of the allocated memory 38.60 GiB is allocated by PyTorch, and 200.00 MiB is reserved by PyTorch but unallocated.\n',
    whose: 'GPU',
    says: ['vLLM’s own tensors', 'max_num_batched_tokens'],
    never: ['the training’s own'],
  },
  'SGLang with room for fewer than no tokens': {
    text: '[2025-07-02 07:41:58 TP0] Load weight end. type=M, dtype=torch.bfloat16, avail mem=9.20 GB, mem usage=69.10 GB.\n[2025-07-02 07:41:59 TP0] max_total_tokens=131072 is larger than the profiled value -48211. Use the profiled value instead.\n',
    whose: 'GPU',
    says: ['less than nothing left for its KV cache', '-48211'],
  },
  'an allocator that could not ask NVML': {
    text: 'RuntimeError: NVML_SUCCESS == r INTERNAL ASSERT FAILED at "/p/c10/cuda/CUDACachingAllocator.cpp":1131, please report a bug to PyTorch.',
    whose: 'GPU',
    says: ['Mostly out of GPU memory', 'NVML'],
    never: ['about no memory'],
  },
  'TensorRT’s builder without a tactic': {
    text: '[W] [TRT] GPU memory allocation error during getBestTactic: conv_7\n[E] [TRT] Internal error: could not find any implementation for node conv_7, try increasing the workspace size with IBuilder::setMaxWorkspaceSize()\n',
    whose: 'GPU',
    says: ['TensorRT', 'workspace'],
  },
  'Slurm’s accounting, columns of fixed width': {
    text: 'JobID           JobName      State    Elapsed  Timelimit     ReqMem     MaxRSS ExitCode \n------------ ---------- ---------- ---------- ---------- ---------- ---------- -------- \n4711              train OUT_OF_ME+   02:11:10 1-00:00:00        64G              0:125 \n4711.batch        batch OUT_OF_ME+   02:11:10                        66060288K    0:125 \n4711.extern      extern  COMPLETED   02:11:10                             900K      0:0 \n',
    whose: 'host',
    says: [
      'Job 4711 was killed at its limit of host memory',
      '63.0 GiB of the 64.0 GiB',
      '02:11:10',
      'sbatch --mem',
    ],
  },
  'the same of a job that was not short': {
    text: '    ReqMem     MaxRSS \n---------- ---------- \n   10000Mn            \n   10000Mn    512000K \n',
    whose: null,
    says: ['500 MiB of the 9.77 GiB', 'not short'],
  },
  'the same with bars': {
    text: 'JobID|State|ReqMem|MaxRSS|\n12|FAILED|32G||\n12.batch|FAILED||2097152K|\n',
    whose: null,
    says: ['Job 12 failed', '2.00 GiB of the 32.0 GiB', 'stderr included'],
  },
  'the shell’s word and Slurm’s, of one process': {
    text: '/var/spool/slurm_script: line 12:  9123 Killed                  python3 train.py --epochs 9\nslurmstepd: error: Detected 1 oom-kill event(s) in StepId=44.batch cgroup.\n',
    whose: 'host',
    says: ['Process 9123 (python3) was killed', 'the limit of its container or job'],
  },
  'Slurm’s tasks': {
    text: 'slurmstepd: error: Detected 1 oom_kill event in StepId=77.0. Some of the step tasks have been OOM Killed.\nsrun: error: n012: tasks 4-7: Out Of Memory\nsrun: Terminating StepId=77.0\n',
    whose: 'host',
    says: ['lack of host memory', 'tasks 4-7'],
  },
  'the kernel’s choice, and the one it killed': {
    text: '[1.0] Memory cgroup out of memory: Kill process 501 (python) score 0 or sacrifice child\n[1.1] Killed process 777 (python) total-vm:9000kB, anon-rss:4096kB, file-rss:10kB\n',
    whose: 'host',
    says: ['Process 777 (python)', '4096 kB', 'the limit of its container'],
    never: ['501'],
  },
  'a group’s figures without the kill': {
    text: 'Jun 29 07:24:44 n1 kernel: memory: usage 2097152kB, limit 2097152kB, failcnt 77\nJun 29 07:24:44 n1 kernel: swap: usage 0kB, limit 9007199254740988kB, failcnt 0\n',
    whose: 'host',
    says: ['the limit of its container', '2.00 GiB of 2.00 GiB was used'],
  },
  'systemd-oomd and a unit': {
    text: 'Dec 18 19:34:56 pc systemd-oomd[840]: Killed /user.slice/user-1000.slice/app.slice/train.scope due to memory pressure for /user.slice/user-1000.slice being 72.40% > 50.00% for > 20s with reclaim activity\nDec 18 19:34:56 pc systemd[1]: train.scope: systemd-oomd killed 12 process(es) in this unit.\n',
    whose: 'host',
    says: ['the unit train.scope', '72.40% of the time', '50.00% is allowed', 'more than 20s'],
  },
  'systemd-oomd before its kill': {
    text: 'Sep 10 14:59:49 i systemd-oomd[34]: Memory pressure for /w.slice is 64.15% > 10.00% for > 30s with reclaim activity\nSep 10 14:59:49 i systemd[1]: bloat.service: systemd-oomd killed 2 process(es) in this unit.\nSep 10 14:59:49 i systemd[1]: bloat.service: Main process exited, code=killed, status=9/KILL\n',
    whose: 'host',
    says: ['systemd-oomd killed the unit bloat.service', '64.15%', '10.00% is allowed'],
  },
  'Ray below the node’s memory': {
    text: 'ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.\nMemory on the node (IP: 10.0.0.2, ID: 8c5a) where the task (task ID: 41, name=f, pid=548, memory used=2.10GB) was running was 20.10GB / 32.00GB (0.63), which exceeds the memory usage threshold of 0.6. Ray killed this worker (ID: 0f) because it was the most recently scheduled task\n',
    whose: 'host',
    says: ['20.10 GiB of the node’s 32.00 GiB', 'threshold of 0.6.', 'not full', 'not the largest'],
  },
  'Ray’s old words': {
    text: 'ray.memory_monitor.RayOutOfMemoryError: More than 95% of the memory on node\nbox is used (30.8 / 32.1 GB). The top 5 memory consumers are:\n\nPID\tMEM\tCOMMAND\n442\t15.0GB\tray_X:alloc()\n',
    whose: 'host',
    says: ['30.80 GiB of the node’s 32.10 GiB'],
  },
  'torchrun’s summary': {
    text: 'Root Cause (first observed failure):\n[0]:\n  time      : 2024-09-09_09:36:56\n  host      : n1\n  rank      : 5 (local_rank: 1)\n  exitcode  : -9 (pid: 3310)\n  error_file: <N/A>\n  traceback : Signal 9 (SIGKILL) received by PID 3310\n',
    whose: 'host',
    says: ['Process 3310 (rank 5) was killed by SIGKILL', 'rank 5'],
  },
  'a driver’s words in three lines': {
    text: '[ 9.1] NVRM: The NVIDIA GPU 0000:c1:00.0\n               NVRM: (PCI ID: 10de:2330) installed in this system has\n               NVRM: fallen off the bus and is not responding to commands.\n',
    whose: null,
    says: ['GPU 0000:c1:00.0', 'no longer on the bus'],
  },
  'ranks that share one device': {
    text: [listed(0, [11, 12, 13]), listed(1, [11, 12, 13])].join('\n'),
    whose: 'GPU',
    says: ['2 ranks of the job', 'it is one device', 'set_device(local_rank)'],
  },
  'ranks of several machines': {
    text: [listed(0, [11, 12, 13]), listed(1, [81, 82, 83])].join('\n'),
    whose: 'GPU',
    says: ['Others take cuda:0’s memory'],
    never: ['2 ranks of the job'],
  },
  'an error in a quotation': {
    text: '> RuntimeError: CUDA out of memory. Tried to allocate 1.00 GiB (GPU 0; 8.00 GiB total capacity; 7.10 GiB already allocated; 100.00 MiB free; 7.30 GiB reserved in total by PyTorch)\n',
    whose: 'GPU',
    says: ['full of this process’s own tensors', '7.10 GiB of 8.00 GiB'],
  },
  'an error between code marks': {
    text: '`OSError: [WinError 1455] The paging file is too small for this operation to complete. Error loading "C:\\\\x.dll"`\n',
    whose: 'host',
    says: ['page file'],
    never: ['a warning'],
  },
  'processes of one size on one device': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 40.00 MiB. GPU 0 has a total capacity of 47.50 GiB of which 12.00 MiB is free. Process 501 has 12.40 GiB memory in use. Process 502 has 11.90 GiB memory in use. Process 503 has 11.60 GiB memory in use. Process 504 has 11.58 GiB memory in use. Of the allocated memory 11.50 GiB is allocated by PyTorch, and 200.00 MiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['mostly the other ranks of the same job', 'Give each process its own device'],
  },
  'what torchrun saw fail first': {
    text: 'Failures:\n[1]:\n  rank      : 1 (local_rank: 1)\n  exitcode  : 1 (pid: 208)\nRoot Cause (first observed failure):\n[0]:\n  rank      : 4 (local_rank: 0)\n  exitcode  : 1 (pid: 204)\n',
    whose: null,
    says: ['rank 4', 'exit code 1', 'pid: 204'],
    never: ['rank 1'],
  },
  'Ollama without host memory': {
    text: 'Error: model requires more system memory (9.8 GiB) than is available (6.1 GiB)\n',
    whose: 'host',
    says: ['9.80 GiB', '6.10 GiB was available', 'num_ctx'],
  },
  'RAPIDS’ pool at its end': {
    text: 'MemoryError: std::bad_alloc: RMM failure at:/x/include/rmm/mr/device/pool_memory_resource.hpp:179: Maximum pool size exceeded\n',
    whose: 'GPU',
    says: ['reached its own largest size', 'maximum_pool_size'],
    never: ['the host’s memory, not'],
  },
  'Thrust on a device': {
    text: "terminate called after throwing an instance of 'thrust::system::detail::bad_alloc'\n  what():  std::bad_alloc: out of memory\n",
    whose: 'GPU',
    says: ['Thrust'],
  },
  'TensorFlow’s type beside its node': {
    text: 'ResourceExhaustedError (see above for traceback): OOM when allocating tensor with shape[64,56,56,64]\n     [[Node: a/b = SquaredDifference[T=DT_FLOAT, _device="/job:localhost/replica:0/task:0/gpu:0"](a/c, a/d)]]\n',
    whose: 'GPU',
    says: ['49.00 MiB'],
  },
  'TensorFlow on a device that is not named': {
    text: 'ResourceExhaustedError: OOM when allocating tensor with shape[100,2048,32]\n',
    whose: 'GPU',
    says: ['does not say whether it was the GPU’s memory or the host’s'],
  },
  'TensorFlow on the host': {
    text: 'ResourceExhaustedError: OOM when allocating tensor with shape[1000,4096] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator cpu\n',
    whose: 'host',
    says: ['15.62 MiB', 'not the GPU’s'],
  },
  'an integrated GPU’s share, asked for more than it': {
    text: capacity('12.00 GiB', '7.80 GiB', '7.60 GiB', '0 bytes', '0 bytes').replace('CUDA', 'HIP'),
    whose: 'GPU',
    says: ['larger than the device', 'UMA frame buffer'],
  },
  'an error’s class behind a logger’s words': {
    text: '[16:10:33] out/INFO  triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 131072, Hardware limitation: 65536. reducing the block size may help.\n',
    whose: null,
    says: ['asks for 131072 bytes', 'has 65536'],
    never: ['a warning'],
  },
  'a reason in JSON': {
    text: '  "termination": {\n    "exitCode": 137,\n    "reason": "OOM Killed",\n  }\n',
    whose: 'host',
    says: ['the limit of its container'],
  },
  'two faults of a device': {
    text: "[1.0] NVRM: Xid (PCI:0000:1b:00): 13, pid='<unknown>', name=<unknown>, Graphics SM Warp Exception\n[1.1] NVRM: Xid (PCI:0000:1b:00): 109, pid=881, name=python3, CTX SWITCH TIMEOUT\n",
    whose: null,
    says: ['Xid 13', 'Warp Exception', 'CTX SWITCH TIMEOUT'],
  },
  'the GPU’s own processor without an Xid': {
    text: '[ 24.3] NVRM: GPU3 _kgspIsHeartbeatTimedOut: Heartbeat timed out, currentTimeMs 81 heartbeat 18 diff 60 timeout 5200\n',
    whose: null,
    says: ['GPU 3', 'own processor does not answer'],
  },
  'Blender’s renderer': {
    text: 'Invalid value in cuCtxPushCurrent(device->cuContext) (intern/cycles/device/cuda/util.cpp:26)\nSystem is out of GPU and shared host memory\n',
    whose: 'GPU',
    says: ['Cycles', 'the host’s memory that it falls back to'],
  },
  'a warning of NCCL’s, again and again': {
    text: 'vm:39:49 [2] enqueue.cc:43 NCCL WARN Cuda failure ‘out of memory’\n\nvm:39:49 [2] enqueue.cc:43 NCCL WARN Cuda failure ‘out of memory’\n',
    whose: 'GPU',
    says: ['NCCL asked cuda:2'],
    never: ['No failure'],
  },
  'CuPy’s older words': {
    text: 'cupy.cuda.memory.OutOfMemoryError: out of memory to allocate 536870912 bytes (total 6442450944 bytes)\n',
    whose: 'GPU',
    says: ['512.00 MiB', 'CuPy holds 6.00 GiB'],
  },
  'TensorFlow’s first grasp at a device': {
    text: 'failed to allocate 9.50G (10200547328 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory\n',
    whose: 'GPU',
    says: ['in TensorFlow', '9.50 GiB'],
  },
  'vLLM’s older account of its memory': {
    text: "Loading model weights took 13.10 GB\nMemory profiling results: total_gpu_memory=23.60GiB initial_memory_usage=14GiB peak_torch_memory=17GiB kv_cache_size=3.10GiB gpu_memory_utilization=0.90\nThe model's max seq len (40000) is larger than the maximum number of tokens that can be stored in KV cache (25000). Try increasing `gpu_memory_utilization`.\n",
    whose: 'GPU',
    says: ['25000 tokens', '0.90 of 23.60 GiB', 'Left for the KV cache: 3.1', '13.10 GiB'],
  },
  'vLLM’s error cut within a word': {
    text: "(EngineCore pid=3) ValueError: To serve at least one request with the model's max seq len (65536), (5.20 GiB KV cach\ne is needed, which is larger than the available KV cache memory (4.90 GiB). Based on the avai\n",
    whose: 'GPU',
    says: ['65536 tokens', 'needs 5.20 GiB', '4.90 GiB is left'],
  },
  'an assertion of a kernel alone': {
    text: '../aten/src/ATen/native/cuda/IndexKernel.cu:92: operator(): block: [1,0,0], thread: [3,0,0] Assertion `index >= -sizes[i] && index < sizes[i]` failed.\n',
    whose: null,
    says: ['Not out of memory', 'index >= -sizes[i]'],
  },
  'rocm-smi’s amounts, widely spaced': {
    text: 'GPU[0]          : VRAM Total Memory (B): 8589934592\nGPU[0]          : VRAM Total Used Memory (B): 8482560410\n',
    whose: 'GPU',
    says: ['8090 of 8192 MiB', '98.8%'],
  },
};

test.each(Object.entries(rows))('%s', (_, { whose, ...row }) => {
  expect(expectAnswer(row).whose).toBe(whose);
});

test('MIG devices are no neighbours of one job', () => {
  const row = (instance: number, mib: number) =>
    `|  0   ${instance}   0   ${instance}  |  ${mib}MiB / 19968MiB | 28      0 |  2   0    1    0    0 |\n`;
  expect(explainText(row(3, 14000) + row(5, 9000) + row(6, 9100), 'x', 2e12)!.says).toContain(
    'no device is full',
  );
});
