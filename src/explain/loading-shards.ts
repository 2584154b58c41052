/** A process that was killed while it read a model's weights, or made an optimizer's states, as the last lines of the text show: both may lie in the host's memory. */
import type { TextFinding } from '../analysis/index.ts';

/** `Loading checkpoint shards:  57% 4/7 [00:40<00:29,  9.96s/it]`, of transformers, vLLM, diffusers. */
const BAR =
  /Loading (?:safetensors |pt )?(?:checkpoint shards|pipeline components|weights)[^\n]{0,80}?(\d{1,3})%[^\n\r]*$/gim;

/** What DeepSpeed’s `see_memory_usage` was called for last. */
const lastOfDeepspeed = (text: string): string | undefined =>
  [...text.matchAll(/:see_memory_usage\] (?!MA |CPU )([^\n\r]{1,80})/g)].at(-1)?.[1]?.trim();

export function withShards(finding: TextFinding, text: string): TextFinding {
  if (finding.mark !== 'killed') return finding;
  if (lastOfDeepspeed(text) === 'Before initializing optimizer states')
    return {
      ...finding,
      says: `${finding.says} It was making the optimizer’s states, by DeepSpeed’s last line: those that are offloaded lie in the host’s memory.`,
      next: [
        'Where the optimizer is offloaded (offload_optimizer), Adam’s states and weights of 32 bits take 12 bytes of the host for each parameter that is trained, divided among the ranks: keep them on the GPUs or on NVMe, or train fewer parameters (LoRA).',
        ...finding.next,
      ],
    };
  const shown = [...text.replaceAll('\r', '\n').matchAll(BAR)].at(-1)?.[1];
  if (shown === undefined || shown === '100') return finding;
  return {
    ...finding,
    says: `${finding.says} It was reading the weights of a model (${shown}%).`,
    next: [
      'Weights pass through the host’s memory, once for every process that reads them: load them in their own type (torch_dtype="auto") and piece by piece (safetensors, low_cpu_mem_usage=True, device_map), with fewer processes of a node at once.',
      ...finding.next,
    ],
  };
}
