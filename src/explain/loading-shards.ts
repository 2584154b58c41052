/** A process that was killed while it read a model's weights, as the last bar of the text shows: they pass through the host's memory. */
import type { TextFinding } from '../analysis/index.ts';

/** `Loading checkpoint shards:  57% 4/7 [00:40<00:29,  9.96s/it]`, of transformers, vLLM, diffusers. */
const BAR =
  /Loading (?:safetensors |pt )?(?:checkpoint shards|pipeline components|weights)[^\n]{0,80}?(\d{1,3})%[^\n\r]*$/gim;

export function withShards(finding: TextFinding, text: string): TextFinding {
  if (finding.mark !== 'killed') return finding;
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
