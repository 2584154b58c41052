/** Advice of another vendor's device or of another library: no answer may give it, whatever else is in a text. */
/** What a text shows of the device, by words of its vendor alone. */
const VENDORS: readonly { device: RegExp; others: RegExp }[] = [
  {
    device:
      /\bHIP\b|\bhip(?:Malloc|Error)|\bROCm|\brocm|\bAMDGPU\b|\bgfx\d{3,4}\b|\bRadeon\b|\brocBLAS|\bamdgpu\b/,
    others: /nvidia-smi|CUDA_|\bnvcc\b|xpu-smi|npu-smi|MPS_HIGH|Activity Monitor|CUDA\.reclaim/,
  },
  {
    device: /MPS backend|ggml_metal|\bMetal\b|metal::malloc|kIOGPU/,
    others: /nvidia-smi|CUDA_|rocm-smi|xpu-smi|npu-smi|torch\.cuda/,
  },
  {
    device: /XPU out of memory|\bUR_RESULT|ZE_RESULT|\bxpu:\d|ggml_sycl|\bSYCL\b|\btorch\.xpu\b/,
    others: /nvidia-smi|CUDA_|rocm-smi|npu-smi|torch\.cuda/,
  },
  {
    device: /NPU out of memory|\bAscend\b|\brtMalloc\b|\bHCCL\b|EL0004/,
    others: /nvidia-smi|CUDA_|rocm-smi|xpu-smi|torch\.cuda/,
  },
  { device: /HPU out of memory|pt_devmem/i, others: /nvidia-smi|CUDA_|rocm-smi|torch\.cuda/ },
];
const NVIDIA = /\bCUDA\b|\bNVIDIA\b|nvidia|\bcuda:\d|\bcuDNN\b|\bcuBLAS\b/;

/** Libraries that have an allocator of their own; a text that names PyTorch may be of both. */
const OTHER_LIBRARY =
  /ggml|llama\.cpp|\bollama\b|\bJulia\b|\.jl\b|jaxlib|\bjax\b|XlaRuntimeError|RESOURCE_EXHAUSTED|tensorflow|paddle|mxnet|\bcupy|xgboost|lightgbm|catboost|\brmm\b|std::bad_alloc: out_of_memory|onnxruntime|ONNXRuntime|\[TRT\]|\bkaldi|numba|\bfaiss\b|Cycles|\bOptiX\b|OPTIX|jit_malloc/i;
const TORCH = /torch|PyTorch|\bpth\b|\btransformers\b|\bvllm\b|\bsglang\b/i;
const TORCH_ADVICE = /\btorch\.\w|PYTORCH_|set_per_process_memory_fraction|expandable_segments/;

/** The sentences of advice that are of another device or library than the text names. */
export function otherAdvice(text: string, next: readonly string[]): string[] {
  const sentences = next.flatMap(line => line.split(/(?<=[.;:?]) /));
  const foreign = VENDORS.filter(({ device }) => device.test(text) && !NVIDIA.test(text));
  const isOtherLibrary = OTHER_LIBRARY.test(text) && !TORCH.test(text);
  return sentences.filter(
    sentence =>
      foreign.some(({ others }) => others.test(sentence)) ||
      // Another holder of the same device may be PyTorch.
      (isOtherLibrary && TORCH_ADVICE.test(sentence) && !sentence.includes('PyTorch')),
  );
}
