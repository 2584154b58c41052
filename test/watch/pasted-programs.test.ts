/** Whose tensors they are, and what to try: by the program and the device that a text shows. Values invented. */
import { expect, test } from 'vitest';
import { expectAnswer, type Pasted } from './pasted.ts';

const FULL =
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 512.00 MiB. GPU 0 has a total capacity of 23.65 GiB of which 101.00 MiB is free. Of the allocated memory 22.10 GiB is allocated by PyTorch, and 300.00 MiB is reserved by PyTorch but unallocated.';
const frames = (...lines: [file: string, name: string, code: string][]) =>
  [
    'Traceback (most recent call last):',
    ...lines.map(([file, name, code]) => `  File "${file}", line 30, in ${name}\n    ${code}`),
    FULL,
  ].join('\n');

/** What a training is advised, and nothing else. */
const OF_TRAINING = /microbatches|checkpointing|optimizer state|optimizer’s step/;
const training: Record<string, string> = {
  'a backward pass': frames(['/app/main.py', '<module>', 'loss.backward()']),
  'a trainer’s step': frames([
    '/v/transformers/trainer.py',
    'training_step',
    'loss = self.compute_loss(m, x)',
  ]),
  'a script of that name': frames(['/app/train_unet.py', 'main', 'y = model(x)']),
  'a loop of that name': frames(['/app/main.py', 'train_one_epoch', 'y = model(x)']),
  'lines of steps': `step 12: loss 2.31\nstep 13: loss 2.29\n${FULL}`,
  'an epoch’s head': `Epoch 3/40\n${FULL}`,
  'generation within a trainer': frames(
    ['/v/trl/trainer/grpo_trainer.py', '_generate', 'out = self.model.generate(x)'],
    ['/v/transformers/generation/utils.py', 'generate', 'result = self._sample('],
  ),
};
const inference: Record<string, string> = {
  'a generation': frames(
    ['/app/run.py', '<module>', 'out = model.generate(**x)'],
    ['/v/transformers/generation/utils.py', 'generate', 'result = self._sample('],
  ),
  Whisper: frames(['/v/whisper/transcribe.py', 'transcribe', 'result = decode(m)']),
  'an evaluation': frames(['/app/evaluate.py', 'main', 'with torch.no_grad(): y = model(x)']),
};
const images: Record<string, string> = {
  'a pipeline of diffusers': frames(
    ['/app/run.py', '<module>', 'image = pipe(prompt).images[0]'],
    ['/v/diffusers/pipelines/flux/pipeline_flux.py', '__call__', 'image = self.vae.decode(x)'],
  ),
  'the frames alone': frames([
    '/v/diffusers/pipelines/flux/pipeline_flux.py',
    '__call__',
    'x = self.vae.decode(y)',
  ]),
  ComfyUI: `got prompt\n${frames(['C:\\ComfyUI\\nodes.py', 'decode', 'images = vae.decode(s)'])}\nPrompt executed in 4.11 seconds`,
};
const unknown: Record<string, string> = {
  'the error alone': FULL,
  'a cell of a notebook': `----> 1 y = model(x.cuda())\n\n${FULL}`,
  'frames that show nothing': frames(['/app/main.py', 'main', 'y = model(x)']),
  'a model put into the mode of training': frames(['/app/main.py', 'main', 'model.train(False)']),
};

test.each(Object.entries(training))('a training: %s', (_, text) => {
  expectAnswer({ text, says: ['full of the training’s own tensors', 'microbatches'] });
});
test('a training, in its optimizer’s step: no batch makes that smaller', () => {
  const text = frames(['/v/torch/optim/adamw.py', '_init_group', 'state = torch.zeros_like(p)']);
  const says = ['full of the training’s own tensors', 'optimizer’s step', 'smaller states'];
  expectAnswer({ text, says, never: ['microbatches', 'checkpointing'] });
});
test.each(Object.entries(inference))('a model in use: %s', (_, text) => {
  expectAnswer({
    text,
    says: ['full of the model’s own tensors', 'shorter context', 'smaller images', '8 or 4 bits'],
    never: [OF_TRAINING, 'raining'],
  });
});
test.each(Object.entries(images))('images are made: %s', (_, text) => {
  expectAnswer({ text, says: ['images it makes', 'in tiles'], never: [OF_TRAINING, 'raining'] });
});
test.each(Object.entries(unknown))('neither is shown: %s', (_, text) => {
  const { next } = expectAnswer({
    text,
    says: ['full of this process’s own tensors', 'Where it trains: ', 'Where it does not: '],
    never: ['raining’s', 'The training'],
  });
  expect(next.filter(line => OF_TRAINING.test(line)).every(line => line.includes('Where it trains'))).toBe(
    true,
  );
});
const ofPyTorch = (backend: string, gib: { allocated: string; unallocated: string; free: string }) =>
  `torch.OutOfMemoryError: ${backend} out of memory. Tried to allocate 1.00 GiB. GPU 0 has a total capacity of 23.98 GiB of which ${gib.free} GiB is free. Of the allocated memory ${gib.allocated} GiB is allocated by PyTorch, and ${gib.unallocated} GiB is reserved by PyTorch but unallocated.`;
const inPieces = { allocated: '14.10', unallocated: '9.20', free: '0.10' };
const ofOthers = { allocated: '4.10', unallocated: '0.10', free: '0.20' };
const devices: Record<string, Pasted> = {
  'CUDA in pieces': {
    text: ofPyTorch('CUDA', inPieces),
    says: ['PYTORCH_ALLOC_CONF=expandable_segments:True (PYTORCH_CUDA_ALLOC_CONF before'],
  },
  'HIP in pieces': {
    text: ofPyTorch('HIP', inPieces),
    says: ['PYTORCH_HIP_ALLOC_CONF before', 'RCCL'],
    never: ['CUDA', 'nvidia-smi'],
  },
  'an NPU in pieces': {
    text: ofPyTorch('NPU', inPieces),
    says: ['PYTORCH_NPU_ALLOC_CONF=expandable_segments:True', 'HCCL'],
    never: ['CUDA', / PYTORCH_ALLOC_CONF/, 'nvidia-smi'],
  },
  'an XPU in pieces': {
    text: ofPyTorch('XPU', inPieces),
    says: ['torch.xpu.empty_cache()'],
    never: ['CUDA', 'ALLOC_CONF', 'nvidia-smi'],
  },
  'an NPU that others hold': {
    text: ofPyTorch('NPU', ofOthers),
    says: ['npu-smi', 'torch.npu.set_per_process_memory_fraction'],
    never: ['CUDA', 'torch.cuda', 'nvidia-smi'],
  },
  'an XPU that others hold': {
    text: ofPyTorch('XPU', ofOthers),
    says: ['xpu-smi', 'torch.xpu.set_per_process_memory_fraction'],
    never: ['CUDA', 'torch.cuda', 'nvidia-smi'],
  },
  'a GPU of HIP that others hold': {
    text: ofPyTorch('HIP', ofOthers),
    says: ['rocm-smi', 'torch.cuda.set_per_process_memory_fraction'],
    never: ['CUDA', 'nvidia-smi'],
  },
  'Metal’s limit': {
    text: 'RuntimeError: MPS backend out of memory (MPS allocated: 17.50 GB, other allocations: 384.00 KB, max allowed: 18.13 GB). Tried to allocate 1.20 GB on private pool.',
    says: ['PYTORCH_MPS_HIGH_WATERMARK_RATIO'],
    never: ['ALLOC_CONF', 'torch.cuda', 'nvidia-smi', 'CUDA'],
  },
};
test.each(Object.entries(devices))('advice of its own device: %s', (_, row) => {
  expectAnswer(row);
});
