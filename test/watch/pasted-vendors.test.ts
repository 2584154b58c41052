/** Errors of devices and libraries beside CUDA and PyTorch: what they are called, and advice of their own vendor alone. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { otherAdvice } from './own-advice.ts';
import { expectAnswer, type Pasted } from './pasted.ts';

const julia = (module: string) =>
  `ERROR: LoadError: Out of GPU memory trying to allocate 3.500 GiB\nEffective GPU memory usage: 97.11% (15.53 GiB/15.98 GiB)\n\nStacktrace:\n  [1] alloc_or_retry!(f::${module}.Runtime)\n    @ ${module} ~/.julia/packages/${module}/h3Lmq/src/memory.jl:42\n`;
const HIP_ALONE = 'For debugging consider passing AMD_SERIALIZE_KERNEL=3.\n';

const rows: Record<string, Pasted> = {
  'a kernel of HIP’s that failed': {
    text: 'RuntimeError: HIP error: unspecified launch failure\n',
    says: ['AMD_SERIALIZE_KERNEL', 'lines of amdgpu'],
    never: ['CUDA_', 'NVRM'],
  },
  'a queue of ROCm’s without resources': {
    text: ':0:rocdevice.cpp :2875: 400311 us: Callback: Queue 0x7f2b2c000000 aborting with error : HSA_STATUS_ERROR_OUT_OF_RESOURCES: The runtime failed to allocate the necessary resources. Code: 0x1008 Available Free mem : 0 MB\nAborted (core dumped)\n',
    says: ['Mostly out of GPU memory', 'rocm-smi', 'Available Free mem : 0 MB'],
    never: ['CUDA'],
  },
  'Vulkan’s largest piece, by its own words': {
    text: 'ggml_vulkan: Requested buffer size exceeds device buffer size limit: ErrorOutOfDeviceMemory\nggml_gallocr_reserve_n_impl: failed to allocate Vulkan0 buffer of size 7516192768\ngraph_reserve: failed to allocate compute buffers\nSegmentation fault (core dumped)\n',
    says: ['7.00 GiB', 'in one piece', 'however much is free', 'the compute buffer', '--ubatch-size'],
    never: ['nvtop', 'CUDA_'],
  },
  'Vulkan’s largest piece, of older versions': {
    text: 'ggml_vulkan: Device memory allocation of size 3221225472 failed.\nggml_vulkan: Requested buffer size exceeds device memory allocation limit: ErrorOutOfDeviceMemory\nllama_kv_cache_init: failed to allocate buffer for kv cache\n',
    says: ['3.00 GiB', 'in one piece', 'the KV cache'],
    never: ['nvtop'],
  },
  'Vulkan, which does not say why': {
    text: 'ggml_vulkan: Device memory allocation of size 4563402752 failed.\nggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory\nalloc_tensor_range: failed to allocate Vulkan0 buffer of size 4563402752\n',
    says: ['the model (its weights) does not fit', 'maxMemoryAllocationSize', 'nvtop'],
  },
  'Vulkan, for less than any limit': {
    text: 'ggml_vulkan: Device memory allocation of size 314572800 failed.\nggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory\n',
    says: ['300.00 MiB'],
    never: ['maxMemoryAllocationSize', 'in one piece'],
  },
  'as much on CUDA': {
    text: 'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 5120.00 MiB on device 0: cudaMalloc failed: out of memory\n',
    says: ['5.00 GiB'],
    never: ['Vulkan'],
  },
  'AMDGPU.jl': {
    text: julia('AMDGPU'),
    says: ['AMDGPU.jl', 'rocm-smi', 'AMDGPU.unsafe_free!'],
    never: ['CUDA'],
  },
  'Metal.jl': { text: julia('Metal'), says: ['Metal.jl', 'Activity Monitor'], never: ['CUDA'] },
  'oneAPI.jl': { text: julia('oneAPI'), says: ['oneAPI.jl', 'xpu-smi'], never: ['CUDA'] },
  'CUDA.jl': { text: julia('CUDA'), says: ['CUDA.jl', 'nvidia-smi', 'CUDA.reclaim()'] },
  'HIP’s code in Julia': {
    text: 'ERROR: HIPError(code hipErrorOutOfMemory, out of memory)\nStacktrace:\n [1] check(err::AMDGPU.HIP.hipError_t) @ AMDGPU.HIP ~/.julia/packages/AMDGPU/x/src/hip/error.jl:15\n',
    says: ['HIP driver', 'rocm-smi'],
    never: ['CUDA'],
  },
  'ggml on ROCm, by its device’s line': {
    text: 'ggml_cuda_init: found 1 ROCm devices:\n  Device 0: AMD Radeon RX 7900 XTX, gfx1100\nggml_backend_cuda_buffer_type_alloc_buffer: allocating 20480.00 MiB on device 0: cudaMalloc failed: out of memory\nalloc_tensor_range: failed to allocate ROCm0 buffer of size 21474836480\n',
    says: ['llama.cpp', 'rocm-smi'],
  },
  'ggml on Metal': {
    text: 'ggml_metal_init: found device: Apple M2 Pro\nggml_metal_graph_compute: command buffer 0 failed with status 5\nerror: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)\nllama_graph_compute: ggml_backend_sched_graph_compute_async failed with error -1\n',
    says: ['llama.cpp', '-ngl', 'Activity Monitor'],
    never: ['gradient', 'torch'],
  },
  'ggml on Vulkan': {
    text: 'ggml_vulkan: 0 = AMD Radeon RX 6800 (RADV NAVI21) | uma: 0\nggml_vulkan: Device memory allocation of size 5368709120 failed.\nggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory\n',
    says: ['llama.cpp', '5.00 GiB', 'nvtop'],
  },
  'ggml on SYCL': {
    text: "ggml_backend_sycl_buffer_type_alloc_buffer: can't allocate 17179869184 Bytes of memory on device\nggml_gallocr_reserve_n: failed to allocate SYCL0 buffer of size 17179869184\n",
    says: ['llama.cpp', 'xpu-smi'],
  },
  'Ollama on ROCm': {
    text: 'level=INFO msg="inference compute" library=rocm compute=gfx1100 total="24.0 GiB"\nError: llama runner process has terminated: cudaMalloc failed: out of memory\n',
    says: ['rocm-smi'],
  },
  MLX: {
    text: 'libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)\n',
    says: ['MLX', '--grad-checkpoint', 'Activity Monitor'],
    never: ['PyTorch'],
  },
  'a driver of ROCm': {
    text: `RuntimeError: HIP error: out of memory\nHIP kernel errors might be asynchronously reported.\n${HIP_ALONE}`,
    says: ['HIP driver', 'rocm-smi', 'AMD_SERIALIZE_KERNEL'],
    never: ['CUDA'],
  },
  hipBLAS: {
    text: 'RuntimeError: CUDA error: HIPBLAS_STATUS_ALLOC_FAILED when calling `hipblasCreate(handle)`\n',
    says: ['hipBLAS', 'rocm-smi'],
  },
  MIOpen: {
    text: 'RuntimeError: miopenStatusInternalError\nMIOpen Error: /MIOpen/src/ocl/convolutionocl.cpp:530: Out Of Memory\n',
    says: ['MIOpen', 'rocm-smi'],
    never: ['CUDA'],
  },
  'a kernel of ROCm': {
    text: `RuntimeError: HIP error: an illegal memory access was encountered\n${HIP_ALONE}`,
    says: ['an address that is not its own', 'AMD_SERIALIZE_KERNEL'],
    never: ['CUDA', 'compute-sanitizer'],
  },
  'a queue of ROCm': {
    text: ':0:rocdevice.cpp :2881: 12 us: Callback: Queue 0x7f error: HSA_STATUS_ERROR_EXCEPTION: An HSAIL operation resulted in a hardware exception. code: 0x1016\n',
    says: ['HSA_STATUS_ERROR_EXCEPTION', 'AMD GPU'],
    never: ['CUDA'],
  },
  'no GPU of AMD’s': { text: 'RuntimeError: No HIP GPUs are available\n', says: ['rocminfo', '/dev/kfd'] },
  'TensorFlow on Metal': {
    text: 'Metal device set to: Apple M1 Max\nResourceExhaustedError: OOM when allocating tensor with shape[64,512,512,64] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator Simple allocator\n',
    says: ['TensorFlow', 'Activity Monitor'],
  },
  'ONNX Runtime on ROCm': {
    text: '[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : onnxruntime HIP failure 2: out of memory ; GPU=0 ; expr=hipMalloc((void**)&p, size);\n',
    says: ['ONNX Runtime', 'rocm-smi'],
  },
  DirectML: {
    text: '[E:onnxruntime:, sequential_executor.cc:514] Status Message: DmlExecutionProvider\\src\\BucketizedBufferAllocator.cpp(122): E_OUTOFMEMORY Not enough memory resources are available to complete this operation.\n',
    says: ['DirectML', 'Task Manager'],
  },
  'Paddle on ROCm': {
    text: 'ResourceExhaustedError: Out of memory error on GPU 0. Cannot allocate 1.50GB memory on GPU 0, 15.2GB memory has been allocated and available memory is only 700.00MB. hipErrorOutOfMemory\n',
    says: ['Paddle', 'rocm-smi', '700.00 MiB'],
  },
  'Paddle on Ascend': {
    text: 'ResourceExhaustedError: Out of memory error on NPU 0. Cannot allocate 1.5GB memory on NPU 0, available memory is only 700.0MB.\n',
    says: ['Paddle', 'npu-smi', '700.00 MiB'],
  },
  'vLLM on ROCm': {
    text: 'Automatically detected platform rocm.\nValueError: Free memory on device cuda:0 (31.20/191.98 GiB) on startup is less than desired GPU memory utilization (0.9, 172.78 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.\n',
    says: ['vLLM', 'rocm-smi'],
  },
  'Ascend’s workspace': {
    text: 'RuntimeError: NPU out of memory. NPUWorkspaceAllocator tried to allocate 1.20 GiB(NPU 3; 60.97 GiB total capacity; 812.00 MiB free).If you want to reduce memory usage, set TASK_QUEUE_ENABLE=1.\n',
    says: ['812.00 MiB of npu:3 free', 'total 60.97 GiB', 'npu-smi'],
  },
  'CuPy’s call of the driver': {
    text: 'Traceback (most recent call last):\n  File "/w/sim.py", line 12, in <module>\n    s = cupy.cuda.Stream()\n  File "cupy/cuda/stream.pyx", line 400, in cupy.cuda.stream.Stream.__init__\ncupy_backends.cuda.api.runtime.CUDARuntimeError: cudaErrorMemoryAllocation: out of memory\n',
    says: ['in a call of CuPy’s beside its pool', 'free_all_blocks', 'nvidia-smi'],
    never: ['PyTorch', 'torch'],
  },
  'CuPy’s FFT': {
    text: 'cupy.cuda.cufft.CuFFTError: CUFFT_ALLOC_FAILED\n',
    says: ['CuPy', 'free_all_blocks'],
    never: ['PyTorch'],
  },
  'CuPy on ROCm': {
    text: 'cupy_backends.cuda.api.runtime.CUDARuntimeError: hipErrorOutOfMemory: out of memory\n',
    says: ['HIP driver', 'CuPy', 'rocm-smi'],
    never: ['PyTorch'],
  },
  'the driver’s word in a program of PyTorch’s that CuPy stands beside': {
    text: 'import cupy.cuda\nFile "/v/torch/nn/modules/linear.py", line 1, in forward\nRuntimeError: CUDA error: out of memory\n',
    says: ['not at PyTorch’s allocator'],
  },
};

test.each(Object.entries(rows))('%s', (_, row) => {
  expectAnswer(row);
});

test.each([
  'VkResult(ERROR_OUT_OF_HOST_MEMORY)\n',
  'LogVulkanRHI: Error: vkCreateInstance failed, VkResult=-1 with error VK_ERROR_OUT_OF_HOST_MEMORY\n',
  'RuntimeError: Native API failed. Native API returns: -6 (PI_ERROR_OUT_OF_HOST_MEMORY)\n',
])('a driver’s word for the host’s memory is no proof of it: %s', text => {
  const { whose, confidence, says } = explainText(text, 'pasted', 2e12)!;
  expect({ whose, confidence }).toEqual({ whose: 'host', confidence: 'likely' });
  expect(says).toMatch('for other reasons too');
});

test('the rule finds advice of another vendor', () => {
  expect(otherAdvice('HIP out of memory', ['Look at nvidia-smi.'])).toHaveLength(1);
  expect(otherAdvice('ggml_metal_init: x', ['Set PYTORCH_CUDA_ALLOC_CONF.'])).toHaveLength(1);
  expect(otherAdvice('CUDA out of memory', ['Look at nvidia-smi.'])).toEqual([]);
});
