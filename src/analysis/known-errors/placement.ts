/** Models and engines that were placed, or measured, while memory was somebody else’s; and warnings that are no failure. */
import type { Known } from './known-error.ts';

export const placement: readonly Known[] = [
  {
    words: ['error in memory profiling'],
    says: 'Not out of memory: while vLLM measured what the model needs, more of the device became free than before: another process that shares the device let memory go, so its sum was wrong.',
    next: [
      'Start the engine when the other processes of the device are at rest, or one after another; or give it a device of its own.',
    ],
  },
  {
    words: ['modules are dispatched on the cpu or the disk'],
    says: 'The model does not fit the GPUs as they were when it was loaded: device_map placed some of it on the CPU or the disk, which the quantised kernels do not allow. Nothing was refused by the device itself.',
    next: [
      'See with nvidia-smi what else holds memory of the devices; take a smaller quantisation (4 bits), more devices, or max_memory.',
      'Where slow parts on the CPU will do: llm_int8_enable_fp32_cpu_offload=True, with a device_map of your own.',
    ],
    confidence: 'likely',
  },
  {
    words: ['on the meta device because they were offloaded'],
    says: 'No failure: the model does not fit the GPUs whole, so device_map left some of its parameters on the CPU or the disk. It runs, slowly; to train such parameters fails.',
    next: [
      'For training, free the devices or use more of them, a smaller quantisation (4 bits), or ZeRO/FSDP instead of device_map="auto".',
    ],
  },
  {
    words: ['expandable_segments not supported'],
    says: 'No failure: expandable segments are not available on this platform (Windows, and some builds), so PyTorch uses segments of fixed size as if they had not been asked for.',
    next: [
      'Against fragmentation use max_split_size_mb or garbage_collection_threshold in PYTORCH_ALLOC_CONF instead, or shapes that are alike.',
    ],
  },
  {
    words: ['than the profiled value -'],
    kind: 'full',
    mark: 'engine',
    says: 'SGLang has less than nothing left for its KV cache: the model’s weights take more than its share of the device (--mem-fraction-static).',
    next: [
      'Raise --mem-fraction-static where nobody else needs the device.',
      'Spread the model over more devices (--tp), quantise it, or free what others hold before the engine starts.',
    ],
    named: { pattern: /profiled value (-\d{1,12})/, says: 'Tokens for which there is room:' },
  },
];
