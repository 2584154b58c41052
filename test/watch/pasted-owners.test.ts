/** Whose a figure, a rank or a program is that the answer names: a title’s words, a display’s memory, what a model is given. Values invented. */
import { expect, test } from 'vitest';
import { finished, textFinding } from '../../src/analysis/index.ts';
import { closingWords } from '../../src/cli/closing-words.ts';
import { expectAnswer, type Pasted, watchedTruly } from './pasted.ts';

const old = (asked: string, total: string, held: string, free: string, reserved: string) =>
  `CUDA out of memory. Tried to allocate ${asked} (GPU 0; ${total} total capacity; ${held} already allocated; ${free} free; ${reserved} reserved in total by PyTorch)`;
const recent = (free: string, process: string, held: string) =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of 6.00 GiB of which ${free} is free. Including non-PyTorch memory, this process has ${process} memory in use. Of the allocated memory ${held} is allocated by PyTorch, and 40.00 MiB is reserved by PyTorch but unallocated.`;
const of = (asked: string, total: string, free: string) =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${asked}. GPU 0 has a total capacity of ${total} of which ${free} is free.`;
const FIRST = ['148.00 MiB', '31.60 GiB', '87.44 MiB'] as const;
const TRAIN =
  'Traceback (most recent call last):\n  File "/w/train.py", line 4, in step\n    loss.backward()\n';
const ggml = (part: string) =>
  `ggml_backend_cuda_buffer_type_alloc_buffer: allocating 144.00 MiB on device 1: cudaMalloc failed: out of memory\n${part}\n`;

const rows: Record<string, Pasted & { first?: RegExp }> = {
  'a title with an amount of its own': {
    text: `# CUDA out of memory. Tried to allocate 50.00 MiB\n\nI have set batch_size = 16.\n\n${TRAIN}RuntimeError: ${old('2.00 MiB', '15.90 GiB', '14.40 GiB', '1.88 MiB', '14.60 GiB')}\n`,
    says: [/14\.40 GiB of 15\.90 GiB, and 2\.00 MiB more/, /train\.py, line 4/],
    never: [/50\.00 MiB/],
  },
  'a display beside the tensors that fill a small device': {
    text: recent('640.00 MiB', '4.50 GiB', '4.30 GiB'),
    first: /^Make each pass smaller/,
    says: [/has not enough left/],
    never: [/Others take/],
  },
  'more than a display has': {
    text: recent('600.00 MiB', '3.30 GiB', '3.20 GiB'),
    says: [/Others take cuda:0’s memory: 2\.11 GiB of 6\.00 GiB/],
  },
  'little of a display, and little of its own': {
    text: recent('600.00 MiB', '1.20 GiB', '1.10 GiB').replace(
      'Tried to allocate 1.50',
      'Tried to allocate 1.00',
    ),
    says: [/Others take/],
  },
  'refused though free, on Windows': {
    text: `File "C:\\Users\\me\\Lib\\site-packages\\torch\\nn\\modules\\conv.py", line 415, in _conv_forward\nRuntimeError: ${old('294.00 MiB', '6.00 GiB', '118.00 MiB', '4.20 GiB', '362.00 MiB')}`,
    first: /^Windows’ driver bounds/,
    says: [/set_per_process_memory_fraction\.$/m],
    never: [/MIG/],
  },
  'refused though free, on Linux': {
    text: `File "/home/me/train.py", line 415, in forward\nRuntimeError: ${old('294.00 MiB', '6.00 GiB', '118.00 MiB', '4.20 GiB', '362.00 MiB')}`,
    first: /^Look for a limit: .*MIG/,
    says: [],
    never: [/Windows/],
  },
  'a training of images': {
    text: `yolov5s.yaml\n${TRAIN}RuntimeError: ${old('20.00 MiB', '8.00 GiB', '7.60 GiB', '0 bytes', '7.70 GiB')}`,
    says: [/smaller images \(crops, tiles\)/],
    never: [/shorter sequences/],
  },
  'a training of text': {
    text: `input_ids: [1, 2]\n${TRAIN}RuntimeError: ${old('20.00 MiB', '8.00 GiB', '7.60 GiB', '0 bytes', '7.70 GiB')}`,
    says: [/or shorter sequences\./],
    never: [/smaller images/],
  },
  'a training of what the text does not show': {
    text: `${TRAIN}RuntimeError: ${old('20.00 MiB', '8.00 GiB', '7.60 GiB', '0 bytes', '7.70 GiB')}`,
    says: [/checkpointing, shorter sequences or smaller images\./],
  },
  'a small device of NVIDIA’s': {
    text: `${TRAIN}RuntimeError: ${old('23.00 MiB', '1.95 GiB', '1.46 GiB', '18.00 MiB', '1.47 GiB')}`,
    first: /^Use a smaller model, or half precision\.$/,
    says: [/too small/],
    never: [/integrated/],
  },
  'a model that accelerate puts there': {
    text: `Traceback (most recent call last):\n  File "/w/train_network.py", line 94, in train\n    unet = accelerator.prepare(unet)\n  File "/env/lib/python3.10/site-packages/accelerate/accelerator.py", line 912, in prepare_model\n    model = model.to(self.device)\nRuntimeError: ${old('20.00 MiB', '4.00 GiB', '3.43 GiB', '0 bytes', '3.50 GiB')}`,
    first: /A smaller batch makes no room here\.$/,
    says: [/while they are loaded/],
  },
  'a rank that was killed': {
    text: 'Root Cause (first observed failure):\n[0]:\n  rank      : 2 (local_rank: 2)\n  exitcode  : -9 (pid: 361)\n  traceback : Signal 9 (SIGKILL) received by PID 361\n',
    says: [/^Process 361 \(rank 2\) was killed by SIGKILL/],
  },
  'the first rank, which needs no name': {
    text: 'Root Cause (first observed failure):\n[0]:\n  rank      : 0 (local_rank: 0)\n  exitcode  : -9 (pid: 361)\n  traceback : Signal 9 (SIGKILL) received by PID 361\n',
    says: [/^Process 361 was killed by SIGKILL/],
  },
  'the workspace of Gaudi’s helper': {
    text: `${TRAIN}RuntimeError: FATAL ERROR :: MODULE:SYNHELPER workspace Allocation of size ::14493510400 failed!\n`,
    first: /mark_step\(\)/,
    says: [/asked hpu for 13\.50 GiB/],
    never: [/Not about memory/],
  },
};

const array = (size: string, shape: string) =>
  `numpy.core._exceptions._ArrayMemoryError: Unable to allocate ${size} for an array with shape ${shape} and data type uint8`;
const trees =
  "terminate called after throwing an instance of 'thrust::system::system_error'\n  what():  parallel_for failed: out of memory\n";
const hbm =
  'Ran out of memory in memory space hbm. Used 8.50G of 8.00G hbm. Exceeded hbm capacity by 512.00M.\n';
const ofNames: Record<string, Pasted & { first?: RegExp }> = {
  'pieces that would do with what is free, few of a device': {
    text: `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.50 GiB. GPU 0 has a total capacity of 22.00 GiB of which 6.25 GiB is free. Process 43 has 15.50 GiB memory in use. Of the allocated memory 13.90 GiB is allocated by PyTorch, and 1.30 GiB is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting max_split_size_mb to avoid fragmentation.`,
    first: /^Make each pass smaller/,
    says: [/keeps 1\.30 GiB that no tensor uses: with what is free it would do/, /expandable_segments/],
  },
  'pieces that would not do': {
    text: `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.50 GiB. GPU 0 has a total capacity of 22.00 GiB of which 6.25 GiB is free. Process 43 has 15.50 GiB memory in use. Of the allocated memory 15.00 GiB is allocated by PyTorch, and 0.20 GiB is reserved by PyTorch but unallocated.`,
    says: [/has not enough left/],
    never: [/expandable_segments/],
  },
  'the host’s allocator, by a path of Windows’ build': {
    text: 'RuntimeError: [enforce fail at ..\\c10\\core\\CPUAllocator.cpp:73] data. DefaultCPUAllocator: not enough memory: you tried to allocate 1379857984 bytes. Buy new RAM!',
    first: /page file/,
    says: [],
    never: [/Slurm/],
  },
  'the same of Linux': {
    text: 'RuntimeError: [enforce fail at alloc_cpu.cpp:73] . DefaultCPUAllocator: can’t allocate memory: you tried to allocate 1379857984 bytes. Error code 12 (Cannot allocate memory)',
    first: /Slurm/,
    says: [],
    never: [/page file/],
  },
  'Thrust beside trees': {
    text: `xgboost training with rmm\n${trees}`,
    first: /max_bin/,
    says: [],
    never: [/set_per_process_memory_fraction/],
  },
  'Thrust in an extension of PyTorch’s': {
    text: `import torch\n${trees}`,
    first: /fewer points/,
    says: [/set_per_process_memory_fraction/],
    never: [/max_bin/],
  },
  'a program of JAX’s on a TPU': {
    text: `jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: ${hbm}`,
    first: /jax\.checkpoint/,
    says: [],
  },
  'a program of TensorFlow’s on a TPU': {
    text: `Status code: Resource exhausted [9x]\n  Compilation failure: ${hbm}`,
    first: /bfloat16/,
    says: [],
    never: [/jax/],
  },
  'a program of JAX’s that answers': {
    text: `Traceback (most recent call last):\n  File "/w/vision_chat.py", line 7, in run\n    out = sampler(prompts)\njaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: ${hbm}`,
    first: /shorter or smaller inputs/,
    says: [],
    never: [/optimizer|jax\.checkpoint/],
  },
  'more than the device, without a traceback': {
    text: old('64.00 GiB', '14.75 GiB', '8.79 GiB', '5.48 GiB', '9.13 GiB'),
    first: /the traceback, which is not in the text/,
    says: [],
  },
  'more than the device, with one': {
    text: `${TRAIN}RuntimeError: ${old('64.00 GiB', '14.75 GiB', '8.79 GiB', '5.48 GiB', '9.13 GiB')}`,
    first: /^Look at the line that asked/,
    says: [],
  },
  'a model of text by its name': {
    text: `Fine-tuning on ./llama-7b-hf with train.py\n${TRAIN}RuntimeError: ${old('2.00 MiB', '15.90 GiB', '14.40 GiB', '1.88 MiB', '14.60 GiB')}`,
    first: /shorter sequences/,
    says: [],
    never: [/smaller images/],
  },
  'a title with the first figures of the error': {
    text: `# ${of(...FIRST)}\n\nI have 3 GPUs.\n\n${of(...FIRST)} Process 41 has 30.51 GiB memory in use. Process 49 has 1022.00 MiB memory in use. Of the allocated memory 594.01 MiB is allocated by PyTorch, and 5.99 MiB is reserved by PyTorch but unallocated.`,
    says: [/Others take cuda:0’s memory: 30\.52 GiB.*: process 41 has 30\.51 GiB\./],
    never: [/smaller batch/],
  },
  'processes without what they have': {
    text: `${of('130.00 MiB', '79.10 GiB', '12.81 MiB')} ${[27, 23, 29, 26].map(pid => `Process ${pid} has 0 bytes memory in use. `).join('')}Of the allocated memory 10.47 GiB is allocated by PyTorch, and 93.52 MiB is reserved by PyTorch but unallocated.`,
    first: /started together.*set_device/,
    says: [/processes 27, 23, 29, 26 are there, and the driver does not tell/],
    never: [/has 0 bytes/],
  },
  'the same, started apart': {
    text: `${of('130.00 MiB', '79.10 GiB', '12.81 MiB')} ${[27, 230, 2900].map(pid => `Process ${pid} has 0 bytes memory in use. `).join('')}Of the allocated memory 10.47 GiB is allocated by PyTorch, and 93.52 MiB is reserved by PyTorch but unallocated.`,
    first: /^See who it is/,
    says: [],
  },
  'a little that is free beside a process that is named': {
    text: `${of('86.00 MiB', '23.64 GiB', '264.00 MiB')} Process 20 has 419.48 MiB memory in use. Including non-PyTorch memory, this process has 8.04 GiB memory in use. Process 27 has 14.85 GiB memory in use. Of the allocated memory 7.63 GiB is allocated by PyTorch, and 40.11 MiB is reserved by PyTorch but unallocated.`,
    says: [/Others take cuda:0’s memory/],
    never: [/refused though/],
  },
  'refused though free under Linux, in ComfyUI': {
    text: `/home/me/ComfyUI/execution.py:641: UserWarning: a\n${of('124.00 MiB', '19.94 GiB', '554.47 MiB').replace('CUDA', 'HIP')} Of the allocated memory 15.87 GiB is allocated by PyTorch, and 165.29 MiB is reserved by PyTorch but unallocated.`,
    says: [/refused though/],
    never: [/Windows/],
  },
  'a share of SGLang’s without a trainer': {
    text: 'RuntimeError: Not enough memory. Please try to increase --mem-fraction-static. Current value: self.server_args.mem_fraction_static=0.2',
    says: [/--mem-fraction-static: 0\.2\)/, /what others hold/],
    never: [/trainer/],
  },
  'one piece of Intel’s before there is a model': {
    text: 'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 4.00 GiB. GPU 0 has a total capacity of 15.11 GiB. Of the allocated memory 0 bytes is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated.',
    says: [/each below 4 GiB/],
    never: [/attention/],
  },
  'a kill as the optimizer’s states are made': {
    text: "[2023-04-07 13:08:55,468] [INFO] [utils.py:829:see_memory_usage] Before initializing optimizer states\n[2023-04-07 13:08:55,469] [INFO] [utils.py:830:see_memory_usage] MA 11.76 GB         Max_MA 11.76 GB         CA 11.77 GB         Max_CA 12 GB\n[2023-04-07 13:09:33,220] [ERROR] [launch.py:324:sigkill_handler] ['/usr/bin/python3', '-u', 'run.py'] exits with return code = -9",
    first: /offload_optimizer/,
    says: [/making the optimizer’s states/],
  },
  'a kill after they were made': {
    text: "[2023-04-07 13:08:55,468] [INFO] [utils.py:829:see_memory_usage] Before initializing optimizer states\n[2023-04-07 13:08:56,468] [INFO] [utils.py:829:see_memory_usage] After initializing optimizer states\n[2023-04-07 13:09:33,220] [ERROR] [launch.py:324:sigkill_handler] ['/usr/bin/python3', '-u', 'run.py'] exits with return code = -9",
    says: [],
    never: [/making the optimizer/],
  },
  'a replay buffer': {
    text: array('1.89 TiB', '(1000000, 1, 3, 960, 720)'),
    first: /how many are kept/,
    says: [],
    never: [/sparse/],
  },
};

test.each(Object.entries(ofNames))('%s', (_, { first, ...pasted }) => {
  const { next } = expectAnswer(pasted);
  if (first !== undefined) expect(next[0]).toMatch(first);
});

test.each(Object.entries(rows))('%s', (_, { first, ...pasted }) => {
  const { next } = expectAnswer(pasted);
  if (first !== undefined) expect(next[0]).toMatch(first);
});

/** What watch prints at its end. */
const closing = (text: string) => {
  const { report, snapshot } = watchedTruly(text);
  return closingWords(report, snapshot, '/runs/a').join('\n');
};

test('torch’s own advice is not turned down beside the same advice', () => {
  expect(closing(ofNames['pieces that would do with what is free, few of a device']!.text)).not.toMatch(
    /Torch advises/,
  );
});

test('a command in front of an error stands around it for watch, too', () => {
  const full = `RuntimeError: NPU out of memory. Tried to allocate 3.47 GiB (NPU 0; 60.97 GiB total capacity; 58.92 GiB already allocated; 1.66 GiB free; 58.95 GiB reserved in total by PyTorch)\n`;
  expect(
    closing(
      `[Bug]:\n\n### Your current environment\n\nexport DEVICES=0,1\nexport SIZE=2\n\nvllm serve /models/glm \\\n  -tp 2\n\n${full}`,
    ),
  ).toMatch(/vLLM’s own tensors/);
  expect(closing(full)).not.toMatch(/vLLM/);
});

test('figures that lie beyond a device are not called wrong beside why they do', () => {
  const text = `${TRAIN}RuntimeError: ${old('40.00 MiB', '8.00 GiB', '13.98 GiB', '0 bytes', '14.20 GiB')}\n`;
  const printed = closing(text);
  expect(printed).toMatch(/more than its 8\.00 GiB/);
  expect(printed).not.toMatch(/do not add up/);
});

test('three pieces of advice at most', () => {
  const next = ['a', 'b', 'c', 'd'];
  expect(finished(textFinding({ kind: 'full', says: 'a', next })).next).toEqual(['a', 'b', 'c']);
});

test('torch’s own advice is turned down by what the figures have of pieces', () => {
  const advised = (held: string, reserved: string) =>
    closing(
      `${TRAIN}RuntimeError: ${old('688.00 MiB', '31.75 GiB', held, '41.94 MiB', reserved)} If reserved memory is >> allocated memory try setting max_split_size_mb to avoid fragmentation.\n`,
    );
  expect(advised('29.87 GiB', '30.29 GiB')).toMatch(
    /430\.08 MiB that is in pieces would not hold 688\.00 MiB/,
  );
  expect(advised('29.37 GiB', '30.29 GiB')).toMatch(/only 942\.08 MiB is in pieces \(2\.9%\)/);
});

test('the call that touches a device first stands in what watch prints, too', () => {
  const at = (call: string) =>
    `Traceback (most recent call last):\n  File "/w/run.py", line 16, in start\n    dist.${call}()\n  File "/env/lib/python3.7/site-packages/torch/distributed/distributed_c10d.py", line 2420, in ${call}\n    work = group.${call}()\nRuntimeError: CUDA error: out of memory\n`;
  expect(closing(at('barrier'))).toMatch(/refused at barrier\(\).*\n.*\n {2}To try: With several processes/);
  expect(closing(at('all_reduce'))).not.toMatch(/refused at/);
});

test('which of its buffers ggml had no room for stands in what watch prints, too', () => {
  const compute = 'llama_new_context_with_model: failed to allocate compute buffers';
  expect(closing(ggml(compute))).toMatch(/the compute buffer, which grows with context and batch/);
  const cache = 'llama_init_from_model: failed to allocate buffer for kv cache';
  expect(closing(ggml(cache))).toMatch(/the KV cache, which grows with the context/);
  expect(closing(ggml('main: exiting'))).toMatch(/does not fit beside what is there/);
});
