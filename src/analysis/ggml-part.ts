/** Which of its three kinds of memory ggml (llama.cpp, Ollama) had no room for, by the lines beside its refusal. */
import { GIB } from '../base/index.ts';
import { ggmlRefused } from './engine-finding.ts';
import type { TextFinding } from './text-finding.ts';

const PARTS: readonly { of: RegExp; what?: string; why: string; next: string[] }[] = [
  {
    of: /failed to allocate compute (?:\w{1,4} )?buffers|gallocr_reserve_n|graph_reserve:/,
    what: 'the compute buffer',
    why: 'the compute buffer, which grows with context and batch, does not fit beside the model and its KV cache',
    next: [
      'Make the compute buffer smaller: a smaller --ubatch-size (-ub), a shorter context (-c), flash attention (-fa). With several GPUs pipeline parallelism needs it several times.',
    ],
  },
  {
    of: /failed to allocate buffer for (?:kv|rs) cache|llama_kv_cache_init: failed/,
    what: 'the KV cache',
    why: 'the KV cache, which grows with the context, does not fit beside the model',
    next: ['Shorten the context (-c; num_ctx) first: the KV cache is in proportion to it.'],
  },
  {
    of: /alloc_tensor_range|unable to allocate \w{1,12} buffer|unable to allocate backend buffer/,
    why: 'the model (its weights) does not fit',
    next: [],
  },
];

/** What Vulkan’s driver hands out in one piece. */
const BEYOND_LIMIT = /Requested buffer size exceeds device (?:memory allocation|buffer size) limit/;
/** Drivers of Vulkan have limits from here on. */
const LEAST_LIMIT = 2 * GIB;
/** More than a GPU has beside a model. */
const NO_DEVICE = 192 * GIB;
const OTHER_BACKEND = 'Take another backend (CUDA, ROCm/HIP, SYCL), which has no such limit.';

/** With the part that it was, once. */
export function withGgmlPart(finding: TextFinding, text: string): TextFinding {
  if (finding.mark !== 'ggml buffer') return finding;
  const { mark: _, ...named } = finding;
  const part = PARTS.find(({ of }) => of.test(text));
  if (BEYOND_LIMIT.test(text))
    return {
      ...named,
      kind: 'process limit',
      says: ggmlRefused(
        finding.refused!,
        `Vulkan’s driver hands out no more than a certain size in one piece, however much is free${part?.what === undefined ? '' : `, and ${part.what} was to be one piece`}`,
      ),
      next: [...(part?.next ?? []), OTHER_BACKEND],
    };
  const isLarge = /\bggml_vulkan\b/.test(text) && (finding.refused?.triedBytes ?? 0) >= LEAST_LIMIT;
  const next = isLarge
    ? [
        ...finding.next,
        `Where the device has that much free, it is the largest piece that Vulkan’s driver hands out (vulkaninfo: maxMemoryAllocationSize, often 2 or 4 GiB). ${OTHER_BACKEND}`,
      ]
    : finding.next;
  if (part === undefined) return { ...finding, next };
  // Room that fewer layers make is no help to what is larger than a device.
  if (part.what !== undefined && (finding.refused?.triedBytes ?? 0) > NO_DEVICE)
    return {
      ...named,
      says: `${ggmlRefused(finding.refused!, part.why)} No device has room for so much: it follows from the context, the batch or the number of sequences.`,
      next: part.next,
    };
  return {
    ...named,
    says: ggmlRefused(finding.refused!, part.why),
    next: [...part.next, ...next],
  };
}
