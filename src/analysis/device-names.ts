/** What libraries, drivers and tools are called in a sentence about a full device. */

/** Libraries whose texts count memory of their own, and what they are called. */
export const OWNERS: Readonly<Record<string, string>> = {
  jax: 'JAX',
  tensorflow: 'TensorFlow',
  paddle: 'Paddle',
  cupy: 'CuPy',
};
/** What shows who holds memory of a device. */
export const TOOLS: Readonly<Record<string, string>> = {
  npu: 'npu-smi info',
  xpu: 'xpu-smi ps',
  hpu: 'hl-smi',
  mlu: 'cnmon',
  musa: 'mthreads-gmi',
  mps: 'Activity Monitor',
  tpu: 'tpu-info',
};
/** How others that were refused are called. */
export const CALLED: Readonly<Record<string, string>> = {
  vulkan: 'the renderer (Vulkan; a simulator’s cameras)',
  cann: 'Ascend’s CANN',
  tensorrt: 'TensorRT',
  'tensorrt-llm': 'TensorRT-LLM',
  'onnx runtime': 'ONNX Runtime',
  kaldi: 'Kaldi',
  mxnet: 'MXNet',
  numba: 'Numba',
  habana: 'Gaudi’s driver',
  rmm: 'RAPIDS’ allocator (RMM)',
  thrust: 'Thrust (XGBoost, cuML)',
  xgboost: 'XGBoost',
  faiss: 'faiss',
  vllm: 'vLLM',
  sglang: 'SGLang',
  nccl: 'NCCL',
  cublas: 'cuBLAS',
  cudnn: 'cuDNN',
  cusolver: 'cuSOLVER',
  cycles: 'Cycles (Blender’s renderer)',
  xpu: 'the XPU’s driver',
};
/** Refusals by the driver itself, with no word of who asked. */
export const DRIVERS: Readonly<Record<string, string>> = { cuda: 'CUDA', hip: 'HIP' };
