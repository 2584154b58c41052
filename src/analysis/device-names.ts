/** What libraries, drivers and tools are called in a sentence about a full device. */

import type { OutOfMemory } from '../contract/index.ts';

/** Libraries whose texts count memory of their own, and what they are called. */
export const OWNERS: Readonly<Record<string, string>> = {
  jax: 'JAX',
  tensorflow: 'TensorFlow',
  paddle: 'Paddle',
  mindspore: 'MindSpore',
  cupy: 'CuPy',
};
/** Devices that are no GPU, on which PyTorch’s allocator of CUDA runs, or a model of it. */
const LIKE_CUDA: ReadonlySet<string> = new Set(['standin', 'sim']);
/** The backend of a device that refused: HIP’s devices are called `cuda` too, and some errors name none. @param shown by the text around it */
export function backendOf({ device, by }: OutOfMemory, message: string, shown: string | null): string {
  const ofDevice = device?.split(':')[0];
  if (ofDevice !== undefined && LIKE_CUDA.has(ofDevice)) return 'cuda';
  const named = ofDevice ?? (by != null && Object.hasOwn(TOOLS, by) ? by : 'cuda');
  if (named !== 'cuda' && named !== 'cpu') return named;
  return by === 'hip' || /\bHIP(?:\b|_ERROR)|\brocm/i.test(message) ? 'hip' : (shown ?? 'cuda');
}

/** PyTorch’s module for a backend; none for one whose limits are not set there. */
export const TORCH: Readonly<Record<string, string>> = {
  cuda: 'torch.cuda',
  hip: 'torch.cuda',
  xpu: 'torch.xpu',
  npu: 'torch.npu',
  mlu: 'torch.mlu',
  musa: 'torch.musa',
};
/** What a process has of a device beside PyTorch’s tensors. */
const CONTEXTS: Readonly<Record<string, string>> = {
  cuda: 'CUDA context, NCCL',
  hip: 'HIP context, RCCL',
  xpu: 'its context, oneCCL',
  npu: 'its context, HCCL',
  mps: 'what else Metal has allocated for it',
};
export const contextOf = (backend: string): string => CONTEXTS[backend] ?? 'its context, libraries';

/** What shows who holds memory of a device. */
const TOOLS: Readonly<Record<string, string>> = {
  hip: 'rocm-smi',
  npu: 'npu-smi info',
  xpu: 'xpu-smi ps',
  hpu: 'hl-smi',
  mlu: 'cnmon',
  musa: 'mthreads-gmi',
  mps: 'Activity Monitor',
  tpu: 'tpu-info',
  kunlun: 'xpu_smi',
  vulkan: 'nvtop (any vendor’s)',
  dml: 'the Task Manager (dedicated GPU memory)',
};
export const toolOf = (backend: string): string => TOOLS[backend] ?? 'nvidia-smi';
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
  warp: 'Warp (MuJoCo Warp, mjlab: the simulator)',
  habana: 'Gaudi’s driver',
  rmm: 'RAPIDS’ allocator (RMM)',
  thrust: 'Thrust (CUDA’s algorithms for C++: XGBoost, cuML, kernels of extensions)',
  xgboost: 'XGBoost',
  faiss: 'faiss',
  catboost: 'CatBoost',
  lightgbm: 'LightGBM',
  optix: 'OptiX (ray tracing)',
  'dr.jit': 'Dr.Jit (Mitsuba)',
  direct3d: 'Direct3D (the renderer)',
  vllm: 'vLLM',
  torch_memory_saver: 'torch_memory_saver (SGLang’s sleep)',
  sglang: 'SGLang',
  nccl: 'NCCL',
  cublas: 'cuBLAS',
  cudnn: 'cuDNN',
  cusolver: 'cuSOLVER',
  cycles: 'Cycles (Blender’s renderer)',
  xpu: 'the XPU’s driver',
  mlx: 'MLX',
  miopen: 'MIOpen',
  hipblas: 'hipBLAS',
  cufft: 'cuFFT',
  cusparse: 'cuSPARSE',
  rocblas: 'rocBLAS',
  directml: 'DirectML',
  cupy: 'CuPy',
};
/** The driver that refused by itself, with no figure of who asked; undefined where a library did. */
export const driverOf = (by: string | null | undefined, backend: string): string | undefined =>
  by === 'cuda' || by === 'hip' || by === 'cupy' ? (backend === 'hip' ? 'HIP' : 'CUDA') : undefined;
