/** Refusals of memory as they stand in issues: lists, debuggers, tables that a page made wider, engines that start or sleep, pools that never had any. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';
import { readLog } from './read-log.ts';
import { reportOfLog } from './report-of-log.ts';

const OLD =
  'CUDA out of memory. Tried to allocate 30.00 MiB (GPU 0; 9.75 GiB total capacity; 2.10 GiB already allocated; 21.50 MiB free; 2.30 GiB reserved in total by PyTorch)';
const FULL =
  'CUDA out of memory. Tried to allocate 148.00 MiB. GPU 0 has a total capacity of 31.50 GiB of which 88.00 MiB is free. Including non-PyTorch memory, this process has 31.40 GiB memory in use. Of the allocated memory 31.00 GiB is allocated by PyTorch, and 4.00 MiB is reserved by PyTorch but unallocated.';
const MPS = (asked: string, own: string, others: string) =>
  `RuntimeError: MPS backend out of memory (MPS allocated: ${own}, other allocations: ${others}, max allowed: 18.10 GB). Tried to allocate ${asked} on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for memory allocations (may cause system failure).`;
const moved = (how: string) =>
  `Traceback (most recent call last):\n  File "/w/infer.py", line 8, in <module>\n    net = Net().${how === 'convert' ? 'to(device)' : 'cuda()'}\n  File "/env/lib/python3.11/site-packages/torch/nn/modules/module.py", line 1012, in _apply\n    param_applied = fn(param)\n  File "/env/lib/python3.11/site-packages/torch/nn/modules/module.py", line 1188, in ${how}\n    return t.to(device)\n`;
const KV =
  'INFO 03-02 08:11:25 worker.py:270] model weights take 11.30GiB; non_torch_memory takes 0.09GiB; PyTorch activation peak memory takes 1.31GiB; the rest of the memory reserved for KV Cache is -2.25GiB.';
const CUT_FRAMES =
  'Traceback (most recent call last):\n  File "/w/serve.py", line 44, in <module>\n    llm = LLM(\n  File "/w/serve.py", line 12, in build';

const rows: Record<string, Pasted> = {
  'an item of a list': {
    text: '* CUDA out of memory when the second epoch begins\n* happens with 2 and 4 GPUs\n',
    says: ['Out of GPU memory'],
    never: ['mentions an error'],
  },
  'an item of a list, indented': {
    text: 'What I see:\n\n  * RuntimeError: CUDA error: out of memory\n  * nothing else\n',
    says: ['CUDA driver'],
    never: ['mentions an error'],
  },
  'VS Code’s debugger, the innermost frame first': {
    text: `Exception has occurred: RuntimeError\n${OLD}\n  File "/w/proj/blocks.py", line 63, in forward\n    y = self.a(x) * self.b(x)\n  File "/w/proj/loop.py", line 120, in step\n    loss = self.net(batch)\n  File "/w/proj/main.py", line 9, in <module>\n    loop.run()\n`,
    says: [/blocks\.py, line 63, in forward(?! \()/, 'Others take cuda:0'],
    never: [/main\.py/],
  },
  'the same of a library, called by the program': {
    text: `Exception has occurred: OutOfMemoryError       (note: full exception trace is shown but execution is paused at: <module>)\n${FULL}\n  File "/env/lib/python3.10/site-packages/timm/layers/mlp.py", line 44, in forward\n    x = self.fc1(x)\n  File "/w/proj/loop.py", line 120, in step\n    loss = self.net(batch)\n  File "/w/proj/main.py", line 9, in <module>\n    loop.run()\n`,
    says: ['/w/proj/loop.py, line 120, in step (within timm/layers/mlp.py, line 44, in forward)'],
  },
  'weights that model.to() moves': {
    text: `${moved('convert')}torch.OutOfMemoryError: ${FULL}\n`,
    says: ['model’s own weights, while they are loaded', 'A smaller batch makes no room'],
    never: ['gradient accumulation'],
  },
  'weights that model.cuda() moves': {
    text: `${moved('<lambda>')}torch.OutOfMemoryError: ${FULL}\n`,
    says: ['model’s own weights, while they are loaded'],
  },
  'a step that moves a tensor is none of these': {
    text: `Traceback (most recent call last):\n  File "/w/train.py", line 8, in step\n    batch = batch.to(device)\ntorch.OutOfMemoryError: ${FULL}\n`,
    says: ['full of'],
    never: ['while they are loaded'],
  },
  'no index of a device': {
    text: `torch.cuda.OutOfMemoryError: ${FULL.replace('GPU 0', 'GPU ')}\n`,
    says: [/^The device is full/m],
  },
  'torchrun’s role that is a node’s name, with the local rank': {
    text: `[node07:2]:Traceback (most recent call last):\n[node07:2]:  File "/w/fit.py", line 77, in main\n[node07:2]:    accelerator.backward(loss)\n[node07:2]:torch.cuda.OutOfMemoryError: ${OLD.replace('GPU 0', 'GPU 2')}\n`,
    says: ['rank 2', 'cuda:2', '/w/fit.py, line 77, in main'],
  },
  'a refusal that one process prints, and raises': {
    text: '2031-04-05 06:07:08.123456: E external/xla/xla/pjrt/pjrt_stream_executor_client.cc:2985] Execution of replica 0 failed: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 71303168 bytes.\nTraceback (most recent call last):\n  File "/w/fit.py", line 12, in <module>\n    state = step(state)\njaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 71303168 bytes.\n',
    says: ['68.00 MiB was refused', '/w/fit.py, line 12'],
    never: [/refused \d times/],
  },
  'a refusal that Ray counted': {
    text: '(ActorA pid=71) RuntimeError: CUDA Error: out of memory at /b/csrc/cumem_allocator.cpp:62\n(EngineB pid=72) CUDA Error: out of memory at /b/csrc/cumem_allocator.cpp:62 [repeated 5x across cluster]\n',
    says: ['refused 5 times'],
  },
  'two runs, each with its error: a place is of its own one alone': {
    text: `${MPS('1.10 GB', '9.10 GB', '8.50 GB')}\n>> Shutting down.\nzsh: terminated  ./run.sh\n\n${MPS('612.00 MB', '9.40 GB', '8.30 GB')}\nStack (most recent call last):\n  File "/w/swarm/runner.py", line 61, in run\n    super().run(\n`,
    says: ['asked for 1.10 GiB'],
    never: ['runner.py'],
  },
  'an engine without room for its cache, cut before its error': {
    text: `${KV}\nINFO 03-02 08:11:25 executor_base.py:111] # cuda blocks: 0, # CPU blocks: 4096\n${CUT_FRAMES}`,
    says: ['nothing left for its KV cache', '-2.25', '2.25 GiB more is needed', 'serve.py, line 12'],
    never: ['ends within a traceback'],
  },
  'an engine that had room, cut before its error': {
    text: `${KV.replace('-2.25GiB', '2.25GiB')}\n${CUT_FRAMES}`,
    says: ['ends within a traceback'],
    never: ['nothing left'],
  },
  'an engine without room, and what repeats that it did not start': {
    text: `(EngineCore_DP0 pid=91) INFO 03-02 08:11:25 [gpu_worker.py:298] Available KV cache memory: -0.75 GiB\nTraceback (most recent call last):\n  File "/w/serve.py", line 44, in <module>\n    llm = LLM(\nRuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}\n`,
    says: ['nothing left for its KV cache', '-0.75 GiB'],
    never: ['only repeats'],
  },
  'an engine that starts, quoted': {
    text: '> 2031-02-03T04:05:06.1234567Z (EngineCore pid=44) DEBUG 02-03 04:05:06 [v1/worker/gpu_worker.py:548] Initial free memory: 43.10 GiB; Requested memory: 0.900000 (util), 40.05 GiB\n> 2031-02-03T04:05:06.1234568Z (EngineCore pid=44) DEBUG 02-03 04:05:06 [v1/worker/gpu_worker.py:559] Memory profiling takes 9.10 seconds. Total non KV cache memory: 16.20GiB; torch peak memory increase: 0.24GiB; weights memory: 15.25GiB.\n> 2031-02-03T04:05:06.1234569Z (EngineCore pid=44) INFO 02-03 04:05:06 [v1/worker/gpu_worker.py:560] Available KV cache memory: 23.85 GiB\n',
    says: [
      '23.85 GiB left for its KV cache',
      'no shortage',
      '40.05 GiB',
      '43.10 GiB was free before',
      '16.20 GiB',
    ],
  },
  'ComfyUI’s first line of an error': {
    text: '!!! Exception during processing !!! Allocation on device \nTraceback (most recent call last):\n  File "/w/ComfyUI/execution.py", line 330, in execute\n    output = run(node)\n',
    says: ['Out of GPU memory', '--lowvram'],
    never: ['ends within a traceback'],
  },
  'ComfyUI’s own word for it': {
    text: 'got prompt\nRequested to load Flux\nGot an OOM, unloading all loaded models.\nPrompt executed in 4.20 seconds\n',
    says: ['Out of GPU memory'],
  },
  'another error of ComfyUI’s': {
    text: '!!! Exception during processing !!! expected scalar type Half but found Float\nTraceback (most recent call last):\n  File "/w/ComfyUI/execution.py", line 330, in execute\n    output = run(node)\nRuntimeError: expected scalar type Half but found Float\n',
    says: [/Half/],
    never: ['Out of GPU memory'],
  },
  'a pool that never had any, in JAX': {
    text: '(Fold pid=17) 2031-01-02 03:04:05.600000: W external/org_tensorflow/tensorflow/core/common_runtime/bfc_allocator.cc:479] Allocator (GPU_0_bfc) ran out of memory trying to allocate 48.0KiB (rounded to 49152)requested by op \n(Fold pid=17) 2031-01-02 03:04:05.600100: W external/org_tensorflow/tensorflow/core/common_runtime/bfc_allocator.cc:491] <allocator contains no memory>\n',
    says: ['no memory for JAX from the beginning', '48.00 KiB', 'XLA_PYTHON_CLIENT_PREALLOCATE'],
    never: ['smaller batch'],
  },
  'a pool that never had any, in TensorFlow': {
    text: '2031-01-02 03:04:05.600000: W tensorflow/core/common_runtime/bfc_allocator.cc:462] Allocator (GPU_1_bfc) ran out of memory trying to allocate 2.0KiB (rounded to 2048)requested by op Add\n2031-01-02 03:04:05.600100: W tensorflow/core/common_runtime/bfc_allocator.cc:474] <allocator contains no memory>\n',
    says: ['no memory for TensorFlow from the beginning', 'set_memory_growth'],
    never: ['smaller batch'],
  },
  'a pool that has some': {
    text: '2031-01-02 03:04:05.600000: W tensorflow/core/common_runtime/bfc_allocator.cc:462] Allocator (GPU_1_bfc) ran out of memory trying to allocate 512.00MiB (rounded to 536870912)requested by op Add\n',
    says: ['512.00 MiB was refused', 'smaller batch'],
    never: ['from the beginning'],
  },
  'the allocator’s warning of the request that it then raises': {
    text: '[W903 13:41:51.709566905 CUDACachingAllocator.cpp:3934] memory allocation failed with OOM on device 0 while trying to allocate 21474836480 bytes (free: 16106127360, total: 17179869184).\nTraceback (most recent call last):\n  File "/w/train.py", line 9, in <module>\n    x = torch.empty(n, device="cuda")\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 16.00 GiB of which 15.00 GiB is free.\n',
    says: ['larger than the device', 'train.py, line 9'],
    never: [/warnings? of the allocator/],
  },
  'the same behind another one that went well': {
    text: '[W903 13:41:50.709566905 CUDACachingAllocator.cpp:3934] memory allocation failed with OOM on device 0 while trying to allocate 1073741824 bytes (free: 16777216, total: 17179869184).\n[W903 13:41:51.709566905 CUDACachingAllocator.cpp:3934] memory allocation failed with OOM on device 0 while trying to allocate 21474836480 bytes (free: 16106127360, total: 17179869184).\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 16.00 GiB of which 15.00 GiB is free.\n',
    says: ['1 warning of the allocator'],
  },
  'what this process has, where its tensors are not told': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.25 GiB.\nGPU 0 has a total capacity of 47.40 GiB of which 1.10 GiB is free.\nIncluding non-PyTorch memory, this process has 45.90 GiB memory in use.\n',
    says: ['cuda:0 is full: this process holds 45.90 GiB of 47.40 GiB, and 3.25 GiB more'],
  },
  'neighbours that leave a little': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 18.00 MiB. GPU 0 has a total capacity of 79.10 GiB of which 61.50 MiB is free. Process 811 has 61.20 GiB memory in use. Process 812 has 16.10 GiB memory in use. Including non-PyTorch memory, this process has 1.70 GiB memory in use.\n',
    says: ['Others take cuda:0', 'process 811 has 61.20 GiB'],
    never: ['a limit on the process'],
  },
  'a margin beside a request is none of it': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 50.00 MiB. GPU 0 has a total capacity of 23.60 GiB of which 120.00 MiB is free.\n',
    says: ['50.00 MiB was refused with 120.00 MiB of cuda:0 free'],
    never: ['a limit on the process'],
  },
  'room that is more than a margin': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 50.00 MiB. GPU 0 has a total capacity of 23.60 GiB of which 9.80 GiB is free.\n',
    says: ['a limit on the process'],
  },
  'the head of a notebook’s traceback in its first versions, cut': {
    text: 'OutOfMemoryErrorTraceback (most recent call last)\n/w/run.py in <module>()\n     40 a = 1\n---> 41 fit(a)\n\n/usr/lib/python2.7/site-packages/keras/engine/training.pyc in fit(self, x)\n   1195     b\n-> 1196     c\n',
    says: ['Out of GPU memory', 'run.py, line 41'],
  },
  'the same of TensorFlow’s class': {
    text: 'ResourceExhaustedErrorTraceback (most recent call last)\n/w/run.py in <module>()\n     40 a = 1\n---> 41 fit(a)\n',
    says: ['(ResourceExhaustedError)', 'By its class something ran out'],
  },
  'TensorFlow’s error of an eager operation': {
    text: 'ResourceExhaustedError: failed to allocate memory [Op:Conv2D]\n',
    says: ['TensorFlow could not have the memory of a tensor'],
    never: ['Not about memory'],
  },
  'TensorFlow’s error of another resource': {
    text: 'ResourceExhaustedError: /w/ckpt/model-0.data; Too many open files\n',
    says: [/[Ff]iles/],
    never: ['Out of the device', 'could not have'],
  },
  'XLA’s list of buffers alone': {
    text: '        Buffer 3:\n                Size: 48.00MiB\n                XLA Label: fusion\n                Shape: f32[64,256,768]\n                ==========================\n\n        Buffer 4:\n                Size: 512.0KiB\n                XLA Label: copy\n',
    says: ['largest in the text has 48.00MiB', 'is not in it'],
  },
};

test.each(Object.entries(rows))('%s', (_, row) => {
  expectAnswer(row);
});

test('a table whose columns a page made wider', () => {
  const table = [
    '+----------------------------------------------------------------------------+',
    '| NVIDIA-SMI 470.82.01                  Driver Version: 470.82.01                    |',
    '|   0  Quadro RTX 5000     On                    | 00000000:17:00.0  On          |                    Off |',
    '| 34%   51C    P2    80W / 230W                |   9120MiB / 16117MiB            |            12%      Default |',
    '|   1  Quadro RTX 5000     Off                   | 00000000:65:00.0 Off          |                    Off |',
    '| 33%   41C    P8    12W / 230W                |   1204MiB / 16117MiB            |             0%      Default |',
  ].join('\n');
  const answer = explainText(table, 'pasted', 2e12);
  expect(answer?.evidence).toEqual([
    'Device 0 (Quadro RTX 5000): 9120 of 16117 MiB in use (56.6%).',
    'Device 1 (Quadro RTX 5000): 1204 of 16117 MiB in use (7.5%).',
  ]);
});

test('a report has of weights that were moved what explain has', () => {
  const text = `${moved('convert')}torch.OutOfMemoryError: ${FULL}\n`;
  expect(reportOfLog(text).report.explanation?.says).toContain('model’s own weights, while they are loaded');
});

const slept = (worker: string, rest: string) =>
  `${worker}INFO 03-04 05:06:07 [gpu_worker.py:104] Sleep mode freed 21.10 GiB memory, ${rest} GiB memory is still in use.\n`;
const step = (number: number) => `step:${number} - actor/pg_loss:0.${number}00 - actor/entropy:0.200\n`;

test('an engine whose rest grows from sleep to sleep, without an error: the run’s verdict', () => {
  const text = ['2.10', '4.30', '7.90'].map((rest, i) => slept('', rest) + step(i + 1)).join('');
  const { verdict } = reportOfLog(text).report;
  expect(verdict.kind).toBe('growth');
  expect(verdict.says).toContain('from 2.10 to 7.90 GiB (+5.80 GiB in 2 steps), from sleep 2 on');
  const logged = readLog(text).events.filter(({ type }) => type === 'FIGURES_LOGGED');
  expect(logged.map(({ data }) => data)).toEqual([
    { figures: { 'in use asleep (GiB)': 2.1 } },
    { figures: { 'in use asleep (GiB)': 4.3 } },
    { figures: { 'in use asleep (GiB)': 7.9 } },
  ]);
});

test('two engines that alternate, of which none grows', () => {
  const text = [1, 2, 3]
    .map(number => slept('(V pid=1) ', '3.00') + slept('(V pid=2) ', '6.00') + step(number))
    .join('');
  const { verdict } = reportOfLog(text).report;
  expect(verdict.kind).toBe('unmeasured');
  expect(verdict.says).toContain('3.00 GiB of the device was still in use');
  expect(explainText(text, 'pasted', 2e12)?.says).not.toContain('What grew');
});
