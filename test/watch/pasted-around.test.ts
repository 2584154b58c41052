/** What stands around an error shows what fits: the same of a pasted text and of a run that `watch` read. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { keptShown, shownIn, shownOfKept } from '../../src/texts/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';
import { reportOfLog } from './report-of-log.ts';

const frame = (file: string, line: number, name: string) => `  File "${file}", line ${line}, in ${name}\n`;
const packages = '/env/lib/python3.11/site-packages';
const raised = 'Traceback (most recent call last):\n';
const torch = (tried: string, held: string, unallocated: string, free = '120.00 MiB') =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${tried}. GPU 0 has a total capacity of 23.60 GiB of which ${free} is free. Including non-PyTorch memory, this process has 23.40 GiB memory in use. Of the allocated memory ${held} is allocated by PyTorch, and ${unallocated} is reserved by PyTorch but unallocated.\n`;
const full = torch('64.00 MiB', '22.90 GiB', '12.00 MiB');
const npu =
  'RuntimeError: NPU out of memory. Tried to allocate 5.00 GiB (NPU 1; 60.96 GiB total capacity; 49.40 GiB already allocated; 49.40 GiB current active; 1.30 GiB free; 57.50 GiB reserved in total by PyTorch)\n';

const rows: Record<string, Pasted> = {
  'a pipeline that is moved to the device': {
    text: `${raised}${frame('/home/me/app.py', 12, '<module>')}    pipe.to(device)\n${frame(`${packages}/diffusers/pipelines/pipeline_utils.py`, 545, 'to')}    module.to(device, dtype)\n${frame(`${packages}/torch/nn/modules/module.py`, 1369, 'to')}    return self._apply(convert)\n${full}`,
    says: ['while they are loaded', 'enable_model_cpu_offload'],
    never: ['gradient accumulation', /(?:Use|:) a smaller batch/],
  },
  'a batch of one, in a command behind the error': {
    text: `${npu}\nThe command:\ntorchrun --nproc_per_node 4 pkg/bin/train.py --dataset_batchsize 1 --dataset_text_seqlen 8192\n`,
    says: ['The batch is 1 already'],
    never: ['a smaller batch,'],
  },
  'a training on Metal, by frames that are not kept': {
    text: `${raised}${frame(`${packages}/transformers/trainer.py`, 3782, 'training_step')}    self.accelerator.backward(loss)\n${frame(`${packages}/torch/autograd/graph.py`, 825, '_engine_run_backward')}    return Variable._execution_engine.run_backward(\nRuntimeError: MPS backend out of memory (MPS allocated: 11.10 GB, other allocations: 6.60 GB, max allowed: 18.13 GB). Tried to allocate 375.40 MB on private pool.\n`,
    says: ['smaller microbatches'],
    never: ['Where it does not'],
  },
  'nothing around it': {
    text: full,
    says: ['Where it trains', 'Where it does not'],
  },
  'ComfyUI’s own words behind it': {
    text: `${full}This error means you ran out of memory on your GPU.\n`,
    says: ['smaller or fewer images'],
    never: ['Where it trains'],
  },
};

test.each(Object.entries(rows))('%s, pasted and watched', (_, row) => {
  const { next } = expectAnswer(row);
  const { report } = reportOfLog(row.text);
  expect(report.explanation?.next).toEqual(next);
  expect(report.verdict.says).toContain(explainText(row.text, 'pasted', 2e12)!.says.slice(0, 60));
});

test('what is far from the error is looked for at both ends alone', () => {
  const long = `${'loading part of the data '.repeat(60)}\n`.repeat(150);
  const near = reportOfLog(`python train.py --batch_size 1\n${long}${full}`).report.explanation?.next.join();
  expect(near).toContain('The batch is 1 already');
});

test('nothing is kept where the error’s own words show as much', () => {
  const failed = reportOfLog(full).events.find(({ type }) => type === 'TRAINING_FAILED');
  expect(failed?.data).not.toHaveProperty('shown');
});

test.each([
  'File "/w/vllm/v1/worker/gpu_worker.py", line 1\ngpu_memory_utilization=0.85 on Windows C:\\w',
  'pipe.enable_model_cpu_offload()\n  File "/w/diffusers/pipelines/pipeline_utils.py", line 1, in to\n',
  'Traceback (most recent call last)\n  File "/w/transformers/trainer.py", line 1, in evaluation_loop\n',
  'Traceback (most recent call last)\n  File "/w/train.py", line 1, in train\n  File "/w/torch/optim/adam.py", line 1, in step\n',
  'ggml_cuda: x\n--batch-size 1 num_envs=1\n/home/me/x',
  '',
])('what is kept of a text is the same again: %j', text => {
  const shown = shownIn(text);
  expect(shownOfKept(JSON.parse(JSON.stringify(keptShown(shown))))).toEqual(shown);
});

test('what a later version keeps is passed over', () => {
  const shown = shownOfKept({ program: 'dreaming', engine: 'X', library: 'y', signs: ['isNew'] });
  expect(shown).toEqual(shownIn(''));
});
