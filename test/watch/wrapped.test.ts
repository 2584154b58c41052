/** Errors of memory as a terminal of every width shows them: the same figures, rank and place as before they were copied. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectSameFacts } from './pasted.ts';
import { factsIn, wrapped } from './wrapping.ts';

const FIRST = 60;
const LAST = 140;
/** No width is like another: of three one is tried. */
const EVERY = 3;

const FULL =
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.75 MiB. GPU 3 has a total capacity of 23.65 GiB of which 101.00 MiB is free. Including non-PyTorch memory, this process has 23.52 GiB memory in use. Of the allocated memory 22.10 GiB is allocated by PyTorch, and 300.00 MiB is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.';
const OLD =
  'RuntimeError: CUDA out of memory. Tried to allocate 22.10 MiB (GPU 0; 22.20 GiB total capacity; 20.31 GiB already allocated; 12.94 MiB free; 20.95 GiB reserved in total by PyTorch)';
const frames = (error: string) =>
  `Traceback (most recent call last):\n  File "/home/mia/projects/segmentation/train.py", line 214, in <module>\n    main(parse_arguments())\n  File "/home/mia/miniconda3/envs/seg/lib/python3.10/site-packages/torch/nn/modules/module.py", line 1518, in _wrapped_call_impl\n    return self._call_impl(*args, **kwargs)\n  File "/home/mia/projects/segmentation/networks/decoder.py", line 88, in forward\n    x = self.upsample(torch.cat([x, skip], dim=1))\n${error}\n`;

const texts: Record<string, string> = {
  'a traceback': frames(FULL),
  'an older one': frames(OLD),
  'of a rank': frames(FULL).replace(/^/gm, '[rank3]: ').trimEnd(),
  'its own line alone': OLD,
  'of a worker of Ray’s': `(WorkerDict pid=4711) ${FULL}`,
  Paddle:
    'ResourceExhaustedError: \n\nOut of memory error on GPU 0. Cannot allocate 2.000000GB memory on GPU 0, 30.500000GB memory has been allocated and available memory is only 1.250000GB.',
};

test.each(Object.entries(texts))('%s', (_, text) => {
  expect(factsIn(explainText(text, 'pasted', 2e12)!.evidence).length).toBeGreaterThan(0);
  for (let width = FIRST; width <= LAST; width += EVERY)
    for (const [way, copied] of wrapped(text, width)) expectSameFacts(text, copied, way);
});

test('lines of one width that are no rows of a wrapped text stay lines', () => {
  const rows = [1, 2, 3].map(
    rank =>
      `[rank${rank}]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU ${rank} has a total capacity of 23.65 GiB of which 1.00 GiB is free.`,
  );
  const { evidence } = explainText(rows.join('\n'), 'pasted', 2e12)!;
  expect(evidence.join('\n')).toMatch('total 23.65 GiB, free 1.00 GiB');
});
