/** What libraries beside PyTorch print of memory that they were refused, and hosts of arrays too large. Values invented. */
import { expect, test } from 'vitest';
import { expectAnswer, type Pasted } from './pasted.ts';

interface Row extends Pasted {
  whose: 'GPU' | 'host' | null;
}
const faiss = 'Error in virtual void* faiss::gpu::StandardGpuResourcesImpl::allocMemory(const AllocRequest&)';
const hbm = (largest: string) =>
  `RuntimeError: RESOURCE_EXHAUSTED: Ran out of memory in memory space hbm. Used 20.10G of 15.90G hbm. Exceeded hbm capacity by 4.20G.\n\n  Largest program allocations in hbm:\n\n${largest}`;
const ggml = (after: string) =>
  `ggml_backend_cuda_buffer_type_alloc_buffer: allocating 2048.00 MiB on device 1: cudaMalloc failed: out of memory\n${after}\n`;
const metal = (own: string, others: string, allowed: string) =>
  `MPS backend out of memory (MPS allocated: ${own}, other allocations: ${others}, max allowed: ${allowed}).`;

const rows: Record<string, Row> = {
  'SGLang’s own error behind a sentence about another': {
    text: 'With --mem-fraction-static at eighty percent I get a CUDA out of memory error. Below that it is\n\nRuntimeError: Not enough memory. Please try to increase --mem-fraction-static.\n\nand nothing in between works.\n',
    whose: 'GPU',
    says: ['SGLang’s share of the device', 'Raise --mem-fraction-static'],
    never: ['does not say who holds'],
  },
  'a sentence about an error, and the error of another kind': {
    text: "With larger images we had an out of memory error, with fewer workers none. Now it is\nRuntimeError: DataLoader worker (pid 812) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory.\n",
    whose: 'host',
    says: ['/dev/shm'],
    never: ['Out of GPU memory:'],
  },
  'a sentence about an error, and one that is not about memory': {
    text: 'After two hours it ended in a CUDA out of memory error.\nValueError: too many values to unpack\n',
    whose: 'GPU',
    says: ['Out of GPU memory'],
  },
  'cuBLAS’s handle, in TensorFlow’s words': {
    text: 'I get "failed to create cublas handle: CUBLAS_STATUS_ALLOC_FAILED" with one GPU.\n',
    whose: 'GPU',
    says: ['in TensorFlow', 'set_memory_growth'],
    never: ['PyTorch', 'set_per_process_memory_fraction'],
  },
  'cuBLAS’s handle, in PyTorch’s words': {
    text: 'RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`\n',
    whose: 'GPU',
    says: ['cuBLAS asked', 'set_per_process_memory_fraction'],
    never: ['TensorFlow'],
  },
  'a refusal that old PyTorch prints in front of its traceback': {
    text: 'THCudaCheck FAIL file=/b/torch/lib/THC/generic/THCStorage.cu line=66 error=2 : out of memory\nTraceback (most recent call last):\n  File "snli.py", line 74, in build\n    self.model.cuda()\n  File "/w/lib/python3.6/site-packages/torch/_utils.py", line 65, in _cuda\n    return new_type(self.size()).copy_(self, async)\nRuntimeError: cuda runtime error (2) : out of memory at /b/torch/lib/THC/generic/THCStorage.cu:66\n',
    whose: 'GPU',
    says: ['snli.py, line 74, in build'],
  },
  'a refusal of one library in front of another’s traceback': {
    text: 'THCudaCheck FAIL file=/b/torch/lib/THC/generic/THCStorage.cu line=66 error=2 : out of memory\nTraceback (most recent call last):\n  File "serve.py", line 12, in run\n    go()\nMemoryError: std::bad_alloc\n',
    whose: 'GPU',
    says: ['Out of GPU memory'],
    never: ['serve.py'],
  },
  'weights that FSDP could not copy as it saved them': {
    text: `${['lm_head.weight', 'norm.weight'].map(name => `/w/torch/distributed/fsdp/_state_dict_utils.py:312: UserWarning: Failed to clone() tensor with name ${name} on rank 0. Please check clone implementation of ${name}. Error: CUDA out of memory. Tried to allocate 96.00 MiB (GPU 0; 39.39 GiB total capacity; 36.60 GiB already allocated; 29.30 MiB free; 37.10 GiB reserved in total by PyTorch)`).join('\n')}\n`,
    whose: 'GPU',
    says: ['No failure', '2 weights (lm_head.weight first)', 'may be wrong', 'offload_to_cpu=True'],
  },
  faiss: {
    text: `RuntimeError: ${faiss} at StandardGpuResources.cpp:452: Error: 'err == cudaSuccess' failed: Failed to cudaMalloc 268435456 bytes on device 1 (error 2 out of memory)`,
    whose: 'GPU',
    says: ['faiss asked cuda:1 for 256.00 MiB', 'setTempMemory'],
    never: ['microbatches', 'Make each pass smaller'],
  },
  'faiss, wrapped': {
    text: `${faiss} at /home/\nStandardGpuResources.cpp:452: Error: 'err == cudaSuccess' failed: StandardGpuResources: alloc\n fail type FlatData dev 3 space Device stream 0 size 1073741824 bytes (cudaMalloc error out of memory [2])\n`,
    whose: 'GPU',
    says: ['faiss asked cuda:3 for 1.00 GiB'],
  },
  'CuPy at its own limit': {
    text: 'cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 2,147,483,648 bytes (allocated so far: 5,368,709,120 bytes, limit set to: 6,442,450,944 bytes).',
    whose: 'GPU',
    says: ['CuPy may use 6.00 GiB', 'hold 5.00 GiB', '1.00 GiB is left', 'set_limit'],
  },
  'Paddle’s first words': {
    text: 'paddle.fluid.core.EnforceNotMet: enforce allocating <= available failed, 7516192768 > 1073741824\nat [/p/paddle/fluid/platform/gpu_info.cc:89]',
    whose: 'GPU',
    says: ['in Paddle: 7.00 GiB was refused with 1.00 GiB free'],
  },
  'a TPU': {
    text: 'jax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: Error allocating device buffer: Attempting to allocate 1.50G. That was not possible. There are 512.00M free.; (0x0x0_HBM0)',
    whose: 'GPU',
    says: ['1.50 GiB was refused with 512.00 MiB free', 'tpu-info'],
    never: ['XLA_PYTHON_CLIENT', 'nvidia-smi', '75%'],
  },
  'CatBoost, LightGBM': {
    text: '_catboost.CatBoostError: catboost/cuda/cuda_lib/memory_pool/stack_like_memory_pool.h:303: Error: Out of memory. Requested 4096 MB; Free 1024.50 MB',
    whose: 'GPU',
    says: ['CatBoost asked the device for 4.00 GiB', 'free 1.00 GiB', 'gpu_ram_part'],
    never: ['microbatches', 'Make each pass smaller', 'NCCL'],
  },
  'ONNX Runtime and not NCCL': {
    text: 'onnxruntime.capi.onnxruntime_pybind11_state.Fail: [ONNXRuntimeError] : 1 : FAIL : CUDA failure 2: out of memory ; GPU=0 ; file=/onnxruntime_src/x.cc ; expr=cudaMalloc((void**)&p, size);',
    whose: 'GPU',
    says: ['ONNX Runtime asked', 'gpu_mem_limit'],
    never: ['NCCL', 'Make each pass smaller'],
  },
  'TensorFlow’s allocator’s own statistics': {
    text: '2026-01-02 03:04:05.6: I tensorflow/core/common_runtime/bfc_allocator.cc:1121] Stats: \nLimit:                      8589934592\nInUse:                      8053063680\nMaxInUse:                   8321499136\nNumAllocs:                        1234\nMaxAllocSize:               1073741824\n',
    whose: null,
    says: [
      'of the 8.00 GiB',
      '7.50 GiB are in tensors (94%)',
      '512 MiB are left',
      'largest single tensor so far: 1.00 GiB',
    ],
  },
  'Triton’s own pool': {
    text: 'W0102 03:04:05.678901 1 memory.cc:212] Failed to allocate CUDA memory with byte size 104857600 on GPU 0: CNMEM_STATUS_OUT_OF_MEMORY, falling back to pinned system memory',
    whose: null,
    says: ['Not out of GPU memory', 'has no 100.00 MiB left', 'cuda-memory-pool-byte-size'],
  },
  'the driver, at a barrier': {
    text: [0, 1]
      .map(
        r =>
          `[rank${r}]:   File "t.py", line 9, in main\n[rank${r}]:     dist.barrier()\n[rank${r}]: RuntimeError: CUDA error: out of memory`,
      )
      .join('\n'),
    whose: 'GPU',
    says: [
      '2 ranks were refused alike',
      'refused at barrier()',
      'set_device(local_rank)',
      'Exclusive_Process',
      'left over',
    ],
  },
  'the driver, at a first tensor': {
    text: 'Traceback (most recent call last):\n  File "t.py", line 9, in main\n    model.cuda()\nRuntimeError: CUDA error: out of memory',
    whose: 'GPU',
    says: ['It was refused at .cuda()', 'Exclusive_Process'],
    never: ['alike'],
  },
  'the driver, after a first tensor elsewhere': {
    text: `x = x.cuda(0)\n${'.'.repeat(900)}\nRuntimeError: CUDA error: out of memory`,
    whose: 'GPU',
    says: ['at the CUDA driver', 'Exclusive_Process'],
    never: ['refused at', 'alike'],
  },
  'Julia with a limit': {
    text: 'Out of GPU memory trying to allocate 12.000 MiB\nEffective GPU memory usage: 90.10% (10.812 GiB/12.000 GiB)\nCUDA allocator usage: 9.900 GiB (capped at 10.000 GiB)\n',
    whose: 'GPU',
    says: ['Julia (CUDA.jl): 12.00 MiB', '10.812 GiB of 12.00 GiB', 'no more than 10.00 GiB', 'reclaim'],
    never: ['PyTorch'],
  },
  'Julia without one': {
    text: 'Out of GPU memory trying to allocate 1.000 GiB\nEffective GPU memory usage: 99.10% (11.892 GiB/12.000 GiB)\nMemory pool usage: 8.000 GiB (9.000 GiB reserved)\n',
    whose: 'GPU',
    says: ['1.00 GiB was refused', 'Its own pool has 8.00 GiB'],
    never: ['PyTorch'],
  },
  'Julia went on': {
    text: 'Effective GPU memory usage: 99.10% (11.892 GiB/12.000 GiB)\nWARNING: CUDA memory allocation failed; attempting to free up memory...\n... running a quick GC (freed 2.100 GiB)\n',
    whose: 'GPU',
    says: ['No failure', '99.10% (11.892 GiB/12.000 GiB)'],
  },
  'Julia’s driver': {
    text: 'ERROR: LoadError: CUDA error: out of memory (code 2, ERROR_OUT_OF_MEMORY)\n',
    whose: 'GPU',
    says: ['at the CUDA driver', 'GC.gc()'],
    never: ['PyTorch'],
  },
  'Rust’s driver': {
    text: 'Error: DriverError(CUDA_ERROR_OUT_OF_MEMORY, "out of memory")\n',
    whose: 'GPU',
    says: ['at the CUDA driver', 'smaller quantisation'],
    never: ['PyTorch', 'set_per_process'],
  },
  XGBoost: {
    text: '[03:00:00] WARNING: src/common/device_helpers.cuh: Memory allocation error on worker 0: std::bad_alloc: cudaErrorMemoryAllocation: out of memory\n- Free memory: 4194304\n- Requested memory: 67108864\n',
    whose: 'GPU',
    says: ['XGBoost asked the device for 64.00 MiB', 'free 4.00 MiB'],
  },
  'Metal’s largest buffer': {
    text: 'std::runtime_error: [metal::malloc] Attempting to allocate 34359738368 bytes which is greater than the maximum allowed buffer size of 17179869184 bytes.\n',
    whose: 'GPU',
    says: ['Not full', 'no more than 16.00 GiB in one piece', '32.00 GiB'],
  },
  'Metal’s limit, in a title': {
    text: metal('30.00 GiB', '68.50 GiB', '100.00 GiB'),
    whose: 'GPU',
    says: ['reached its own limit', '100.00 GiB', 'holds 98.50 GiB'],
  },
  'TensorFlow on ROCm': {
    text: 'E tensorflow/stream_executor/rocm/rocm_driver.cc:600] failed to allocate 512.00M (536870912 bytes) from device: HIP_ERROR_OutOfMemory\n',
    whose: 'GPU',
    says: ['in TensorFlow: 512.00 MiB', 'rocm-smi'],
  },
  'TensorFlow’s allocator names the amount': {
    text: 'I tensorflow/core/common_runtime/bfc_allocator.cc:702] Stats: \nLimit:                  8000000000\nInUse:                  7990000000\n\nW tensorflow/core/common_runtime/bfc_allocator.cc:275] Ran out of memory trying to allocate 12.25MiB.  See logs for memory state.\nW tensorflow/core/framework/op_kernel.cc:968] Resource exhausted: OOM when allocating tensor with shape[8,16,7,7]\n',
    whose: 'GPU',
    says: ['in TensorFlow: 12.25 MiB was refused', 'asked 12.25 MiB'],
  },
  'a request without its first words': {
    text: 'Tried to allocate 30.00 MiB (GPU 0; 7.90 GiB total capacity; 7.10 GiB already allocated; 2.10 MiB free; 7.20 GiB reserved in total by PyTorch)',
    whose: 'GPU',
    says: ['7.10 GiB of 7.90 GiB', '30.00 MiB'],
  },
  'vLLM’s title': {
    text: 'Free memory on device cuda:0 (20.00/24.00 GiB) on startup is less than desired GPU memory utilization (0.9, 21.60 GiB)',
    whose: 'GPU',
    says: ['was to take 21.60 GiB of 24.00 GiB', '20.00 GiB was free'],
  },
  'a compute buffer': {
    text: ggml('ggml_gallocr_reserve_n: failed to allocate CUDA1 buffer of size 2147483648'),
    whose: 'GPU',
    says: ['cuda:1 for 2.00 GiB', 'the compute buffer', '--ubatch-size'],
  },
  'a model’s buffer': {
    text: ggml('llama_model_load: error loading model: unable to allocate CUDA1 buffer'),
    whose: 'GPU',
    says: ['the model (its weights) does not fit'],
    never: ['--ubatch-size'],
  },
  'an array of padding': {
    text: hbm(
      '  1. Size: 16.00G\n     Operator: op_name="a/mul"\n     Shape: f32[4194304,8,4]{2,1,0:T(8,128)}\n     Unpadded size: 512.00M\n     Extra memory due to padding: 15.50G (32.0x expansion)\n',
    ),
    whose: 'GPU',
    says: ['15.50G of its largest array of 16.00G is padding', 'f32[4194304,8,4]', 'a/mul'],
  },
  'a largest array without padding': {
    text: hbm('  1. Size: 2.00G\n     Shape: f32[32,4096,4096]{1,2,0:T(8,128)}\n'),
    whose: 'GPU',
    says: ['4.20G too much', 'Its largest array: 2.00G, f32[32,4096,4096].'],
    never: ['padding'],
  },
  'JAX’s older words': {
    text: '**RuntimeError: Resource exhausted: Failed to allocate request for 64.00MiB (67108864B) on device ordinal 1**\n',
    whose: 'GPU',
    says: ['in JAX: 64.00 MiB'],
  },
  'more than any GPU has': {
    text: 'W external/xla/xla/tsl/framework/bfc_allocator.cc:501] Allocator (GPU_0_bfc) ran out of memory trying to allocate 2.00TiB (rounded to 2199023255552)requested by op\n',
    whose: 'GPU',
    says: ['larger than any GPU', '2.00 TiB'],
  },
  'FlashInfer’s workspace': {
    text: 'RuntimeError: Failed to allocate memory for batch_prefill_tmp_v with size 268435456 and alignment 16 in AlignedAllocator\n',
    whose: null,
    says: ['Not out of GPU memory', 'batch_prefill_tmp_v needs 256.00 MiB'],
  },
  'CANN’s amount': {
    text: 'ERROR [PID: 9] Memory_Allocation_Failure(EL0004): Failed to allocate memory requested by GE module.\n        Call rtMalloc fail, purpose: page caching, type = 2, size:2147483648, device_id:0[FUNC:Alloc]\n',
    whose: 'GPU',
    says: ['asked npu for 2.00 GiB'],
  },
  'a model that is loaded': {
    text: '  File "transformers/modeling_utils.py", line 9, in _load_state_dict_into_meta_model\n    set_module_tensor_to_device(model, name, device)\nRuntimeError: NPU out of memory. Tried to allocate 300.00 MiB (NPU 2; 60.90 GiB total capacity; 59.50 GiB already allocated; 59.50 GiB current active; 16.00 MiB free; 60.00 GiB reserved in total by PyTorch)\n',
    whose: 'GPU',
    says: ['the model’s own weights, while they are loaded', 'device_map'],
    never: ['microbatches', 'Make each pass smaller'],
  },
  'numpy without a size': {
    text: 'numpy.core._exceptions.MemoryError: Unable to allocate array with shape (20000, 10000) and data type float64\n',
    whose: 'host',
    says: ['1.49 GiB (1600000000 bytes)', 'shape (20000, 10000), float64'],
  },
  'more than a host has': {
    text: 'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 3.00 TiB for an array with shape (412316860416,) and data type float64\n',
    whose: 'host',
    says: ['3.00 TiB', 'Look at the shape', '(412316860416,)'],
    never: ['--mem'],
  },
  'Python’s bare word': {
    text: ' data = np.zeros((n, 10, 227, 227))\nMemoryError\n',
    whose: 'host',
    says: ['Out of the host’s memory', 'does not say how much'],
  },
  'a store that never answered': {
    text: 'TimeoutError: The client socket has timed out after 900s while trying to connect to (10.0.0.1, 29500).\n',
    whose: null,
    says: ['never joined the job', 'not out of memory'],
  },
  'a driver that does not start': {
    text: '[   20.0] NVRM: GPU 0000:01:00.0: RmInitAdapter failed! (0x22:0x56:894)\n',
    whose: null,
    says: ['Not out of memory', 'GPU 0000:01:00.0: RmInitAdapter failed! (0x22:0x56:894)'],
  },
};

test.each(Object.entries(rows))('%s', (_, { whose, ...row }) => {
  expect(expectAnswer(row).whose).toBe(whose);
});
