/** Which of its three kinds of memory ggml (llama.cpp, Ollama) had no room for, by the lines beside its refusal. */
import { ggmlRefused, type TextFinding } from '../analysis/index.ts';

const PARTS: readonly { of: RegExp; why: string; next: string[] }[] = [
  {
    of: /failed to allocate compute (?:\w{1,4} )?buffers|gallocr_reserve_n|graph_reserve:/,
    why: 'the compute buffer, which grows with context and batch, does not fit beside the model and its KV cache',
    next: [
      'Make the compute buffer smaller: a smaller --ubatch-size (-ub), a shorter context (-c), flash attention (-fa). With several GPUs pipeline parallelism needs it several times.',
    ],
  },
  {
    of: /failed to allocate buffer for (?:kv|rs) cache|llama_kv_cache_init: failed/,
    why: 'the KV cache, which grows with the context, does not fit beside the model',
    next: ['Shorten the context (-c; num_ctx) first: the KV cache is in proportion to it.'],
  },
  {
    of: /alloc_tensor_range|unable to allocate \w{1,12} buffer|unable to allocate backend buffer/,
    why: 'the model (its weights) does not fit',
    next: [],
  },
];

export function withGgmlPart(finding: TextFinding, text: string): TextFinding {
  if (finding.mark !== 'ggml buffer') return finding;
  const part = PARTS.find(({ of }) => of.test(text));
  return part === undefined
    ? finding
    : { ...finding, says: ggmlRefused(finding.refused!, part.why), next: [...part.next, ...finding.next] };
}
