/** torchtune: `Step 4 | loss:1.124484 lr:2e-05 tokens_per_second_per_gpu:655.9 peak_memory_active:37.8 …`; memory in GiB, since the step before. */
import { spacedPairs } from '../key-values.ts';
import { held, peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const STEP = /(?:^|\s)Step (\d{1,12}) \| (?=\S{1,60}:\S)/;

export const torchtune = reportFormat({
  name: 'torchtune',
  about: 'torchtune: step lines',
  marks: ['step ', 'Saving final epoch checkpoint'],
  names: {
    tokens_per_second_per_gpu: { step: 'tokensPerSecond' },
    // The first versions: torch.cuda.memory_allocated().
    gpu_resources: held('allocatedBytes', 'B'),
    peak_memory_active: peak('peakActiveBytes', 'GiB', 'update'),
    peak_memory_alloc: peak('peakAllocatedBytes', 'GiB', 'update'),
    peak_memory_reserved: peak('peakReservedBytes', 'GiB', 'update'),
  },
  kind: 'step',
  head({ text }) {
    const step = STEP.exec(text);
    if (step === null || !text.includes(':', step.index)) return null;
    return { number: Number(step[1]), pairs: spacedPairs(text.slice(step.index + step[0].length)) };
  },
  other({ text }, out) {
    if (!text.includes('Saving final epoch checkpoint')) return false;
    out.finished();
    return true;
  },
});
