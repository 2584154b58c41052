/** More refusals as they stand in issues, each with what must not be made of it: last lines of a trainer, titles, lists of processes, engines that wake. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';
import { reportOfLog } from './report-of-log.ts';

const OLD = (asked: string, own: string, reserved: string) =>
  `CUDA out of memory. Tried to allocate ${asked} (GPU 0; 15.50 GiB total capacity; ${own} already allocated; 3.50 MiB free; ${reserved} reserved in total by PyTorch)`;
const FULL =
  'CUDA out of memory. Tried to allocate 148.00 MiB. GPU 0 has a total capacity of 31.50 GiB of which 88.00 MiB is free. Including non-PyTorch memory, this process has 31.40 GiB memory in use. Of the allocated memory 31.00 GiB is allocated by PyTorch, and 4.00 MiB is reserved by PyTorch but unallocated.';
const d2 = (iteration: number) =>
  `[03/04 05:06:07 d2.utils.events]:  eta: 2:01:02  iter: ${iteration}  total_loss: 1.25  time: 0.41  lr: 0.001  max_mem: 9000M\n`;
const row = (device: number, pid: number, size: number) =>
  `|    ${device}   N/A  N/A   ${pid}      C   .../env/bin/python          ${size}MiB |\n`;

const rows: Record<string, Pasted> = {
  'a title, and frames without their error': {
    text: '# CUDA error: out of memory at /b/csrc/cumem_allocator.cpp:62\n\nIt ends so after the first rollout:\n\n(main_task pid=71)   File "/w/rl/sharding.py", line 79, in __enter__\n(main_task pid=71)     self.engine.wake_up()\n',
    says: ['cumem', 'sharding.py, line 79'],
    never: ['mentions an error'],
  },
  'the first of a program’s comments is no title': {
    text: '# CUDA out of memory happens here\n# unless the batch is small\nbatch = 4\n',
    says: ['mentions an error of memory'],
  },
  'a thread’s error that was cut off in its first line': {
    text: 'Traceback (most recent call last):\n  File "/w/fit.py", line 6, in <module>\n    trainer.train()\n  File "/env/lib/python3.10/site-packages/torch/_utils.py", line 644, in reraise\n    raise exception\nRuntimeError: Caught RuntimeError in pin memory thread for dev',
    says: ['The cause is not in this text', 'fit.py, line 6'],
    never: ['Not about memory'],
  },
  'the same with the thread’s own': {
    text: 'RuntimeError: Caught RuntimeError in pin memory thread for device 0.\nOriginal Traceback (most recent call last):\n  File "/env/lib/python3.10/site-packages/torch/utils/data/_utils/pin_memory.py", line 37, in do_one_step\n    data = pin_memory(data, device)\nRuntimeError: CUDA error: out of memory\n',
    says: [/page-locked|pinned|host/i],
    never: ['The cause is not in this text'],
  },
  'ranks whose contexts lie on one device, the first row without its edge': {
    text: `${row(2, 501, 21000).slice(1)}${[502, 503, 504].map(pid => row(2, pid, 733)).join('')}`,
    says: [
      'device 2 23199 MiB (4 processes)',
      '3 processes hold 733 MiB each beside one of 21000 MiB',
      'set_device',
    ],
  },
  'processes of one size without a larger one': {
    text: [502, 503, 504].map(pid => row(2, pid, 733)).join(''),
    says: ['device 2 2199 MiB (3 processes)'],
    never: ['other ranks'],
  },
  'Ray’s list of the largest processes': {
    text: 'PID     MEM(GB) COMMAND\n5101    9.25    ray::Worker.generate\n5102    9.40    ray::Worker.generate\n4990    0.50    ray::main\n',
    says: ['Process 5102 (ray::Worker.generate) holds 9.40 GB of the host’s memory'],
  },
  'Ollama’s devices': {
    text: 'time=2031-01-02T03:04:05.1+01:00 level=INFO source=types.go:130 msg="inference compute" id=GPU-1a2b3c4d-5e6f library=cuda variant=v12 compute=8.9 driver=12.4 name="NVIDIA L4" total="22.2 GiB" available="20.9 GiB"\n',
    says: ['one GPU', '20.9 GiB of 22.2 GiB available'],
  },
  'a pipeline of diffusers’ that is moved whole': {
    text: `Traceback (most recent call last):\n  File "/w/app.py", line 81, in <module>\n    pipe.to(device)\n  File "/env/lib/python3.12/site-packages/diffusers/pipelines/pipeline_utils.py", line 545, in to\n    module.to(device, dtype)\n  File "/env/lib/python3.12/site-packages/torch/nn/modules/module.py", line 1366, in convert\n    return t.to(\ntorch.OutOfMemoryError: ${FULL}\n`,
    says: ['own weights, while they are loaded', 'enable_model_cpu_offload() in the place of pipe.to'],
    never: ['smaller images', 'fewer images'],
  },
  'ComfyUI’s own explanation': {
    text: 'SamplerNode\nAllocation on device\nThis error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before you might have accidentally set the batch_size to a large number.\n',
    says: ['Out of GPU memory'],
  },
  'SGLang’s engine that takes its memory back': {
    text: '[torch_memory_saver.cpp] cuMemCreate CUDA_ERROR_OUT_OF_MEMORY (may not be an issue e.g. torch allocator will free cache and retry)\n[torch_memory_saver.cpp] cudaError error: 2 (out of memory)  file=csrc/core.cpp func=resume line=172\n',
    says: ['torch_memory_saver (SGLang’s sleep)', 'mem_fraction_static'],
    never: ['mentions an error'],
  },
  'what that library can do without': {
    text: '[torch_memory_saver.cpp] cuMemCreate CUDA_ERROR_OUT_OF_MEMORY (may not be an issue e.g. torch allocator will free cache and retry)\n',
    says: [/./],
    never: ['SGLang’s sleep'],
  },
  'a TPU’s memory on its chip': {
    text: 'RuntimeError: Bad StatusOr access: RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Ran out of memory in memory space vmem. Used 24.50M of 16.00M vmem. Exceeded vmem capacity by 8.50M\n',
    says: ['Not out of the accelerator’s main memory', '24.50M', 'vmem', '16.00M', 'smaller blocks'],
  },
  'a TPU’s own memory': {
    text: 'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Ran out of memory in memory space hbm. Used 18.20G of 15.48G hbm. Exceeded hbm capacity by 2.72G.\n',
    says: ['18.20G of the accelerator’s 15.48G (hbm)'],
    never: ['on its chip'],
  },
  'a TPU that PyTorch reaches': {
    text: 'RuntimeError: Resource exhausted: From /job:tpu_worker/replica:0/task:0:\nAttempting to reserve 2.40G at the bottom of memory. That was not possible. There are 1.10G free, 0B reserved, and 1.10G reservable.; \n',
    says: ['in XLA: 2.40 GiB was refused with 1.10 GiB free'],
    never: ['JAX'],
  },
  'the source of a page': {
    text: '<pre>Traceback (most recent call last):\n  File &quot;/w/envs/arm.py&quot;, line 45, in __init__\n    self.sim = make(task)\n  File &quot;/w/envs/sim.py&quot;, line 9, in &lt;lambda&gt;\n    step()\nRuntimeError: CUDA error: out of memory\n</pre>\n',
    says: ['CUDA driver', '/w/envs/sim.py, line 9, in <lambda>'],
  },
  'NCCL’s refusal, and cuBLAS’ that comes of the same': {
    text: "node1:604:83 [0] include/alloc.h:103 NCCL WARN Cuda failure 2 'out of memory'\nnode1:604:83 [0] include/alloc.h:206 NCCL WARN Failed to CUDA calloc async 48 bytes\nRuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`\n",
    says: ['NCCL asked cuda:0 for 48 bytes'],
  },
  'NCCL’s refusal, and PyTorch’s error with its figures': {
    text: `node1:604:83 [0] include/alloc.h:103 NCCL WARN Cuda failure 2 'out of memory'\ntorch.OutOfMemoryError: ${FULL}\n`,
    says: ['31.00 GiB of 31.50 GiB'],
  },
  'inference by DeepSpeed': {
    text: `  File "/env/lib/python3.8/site-packages/deepspeed/model_implementations/transformers/ds_transformer.py", line 70, in __init__\n    self.mlp = MLP(config)\ntorch.cuda.OutOfMemoryError: ${FULL}\nTraceback (most recent call last):\n  File "/w/ask.py", line 185, in <module>\n    model = deepspeed.init_inference(\n`,
    says: ['model’s own tensors', 'ask.py, line 185'],
    never: ['the training’s'],
  },
  'a training by DeepSpeed': {
    text: `  File "/env/lib/python3.8/site-packages/deepspeed/runtime/engine.py", line 70, in backward\n    loss.backward()\ntorch.cuda.OutOfMemoryError: ${FULL}\n`,
    says: ['the training’s own tensors'],
  },
  'a kill whose cause other lines have': {
    text: 'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=44.batch cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler.\nNow without sbatch:\nEpoch: [0][10/500] Loss 0.75 MAE 0.50\nEpoch: [0][20/500] Loss 0.50 MAE 0.25\nEpoch: [0][30/500] Loss 0.50 MAE 0.25\nEpoch: [0][40/500] Loss 0.50 MAE 0.25\nEpoch: [0][50/500] Loss 0.50 MAE 0.25\nKilled\n',
    says: ['after step 50, 500 an epoch (host memory)', 'No GPU is to blame (slurm)', 'oom-kill event'],
    never: ['SIGKILL'],
  },
};

test.each(Object.entries(rows))('%s', (_, pasted) => {
  expectAnswer(pasted);
});

test('detectron2’s last lines behind an error are no going on', () => {
  const after =
    '[03/04 05:06:07 d2.engine.hooks]: Overall training speed: 40 iterations in 0:00:16 (0.4100 s / it)\n[03/04 05:06:07 d2.engine.hooks]: Total training time: 0:00:17 (0:00:00 on hooks)\n';
  const failed = reportOfLog(
    `${d2(39)}RuntimeError: ${OLD('152.00 MiB', '14.90 GiB', '15.10 GiB')}\n${after}${d2(41)}`,
  );
  expect(failed.report.run.state).toBe('failed');
  expect(failed.report.failure?.outOfMemory?.triedBytes).toBe(152 * 2 ** 20);
  // Without an error they are of a training that went well, and figures behind an error are a going on.
  expect(reportOfLog(`${d2(39)}${after}${d2(41)}`).report.failure).toBeNull();
  const caught = `${d2(39)}WARNING: skipping: ${OLD('152.00 MiB', '14.90 GiB', '15.10 GiB')}\n${d2(59)}${d2(79)}`;
  expect(reportOfLog(caught).report.failure).toBeNull();
});

test('a small request beside pieces: the report has what explain has, a full device', () => {
  const log = `step 1: loss 0.5\nstep 2: loss 0.4\nRuntimeError: ${OLD('2.00 MiB', '14.10 GiB', '14.90 GiB')}\n`;
  expect(reportOfLog(log).report.verdict.kind).toBe('full');
  expect(explainText(log, 'pasted', 2e12)?.says).toContain('is full of');
  // The pieces would have held it, and are few beside what tensors fill.
  const large = log.replace('2.00 MiB', '300.00 MiB');
  expect(reportOfLog(large).report.verdict.kind).toBe('full');
  expect(reportOfLog(large.replace('14.10 GiB', '13.10 GiB')).report.verdict.kind).toBe('fragmentation');
});

const free = (head: string, free: string) =>
  `${head}torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 3.00 GiB (GPU 0; 11.99 GiB total capacity; 2.50 GiB already allocated; ${free} free; 2.75 GiB reserved in total by PyTorch)\n`;
const mapped = (bytes: number, file: string) =>
  `Traceback (most recent call last):\n  File "/w/actors.py", line 31, in make\n    pool.append(torch.zeros(8).share_memory_())\nRuntimeError: unable to mmap ${bytes} bytes from file <${file}>: Cannot allocate memory (12)\n`;
const POOL =
  '2024-03-04 05:06:07.1: I tensorflow/stream_executor/cuda/cuda_driver.cc:733] failed to allocate 6.25G (6710886400 bytes) from device: CUDA_ERROR_OUT_OF_MEMORY: out of memory\n';
const TENSOR =
  '2024-03-04 05:06:17.2: W tensorflow/core/common_runtime/bfc_allocator.cc:479] Allocator (GPU_0_bfc) ran out of memory trying to allocate 312.50MiB (rounded to 327680000)requested by op _EagerConst\n';
const metal = (before: string) =>
  `${before}\nRuntimeError: MPS backend out of memory (MPS allocated: 16.20 GB, other allocations: 1.75 GB, max allowed: 18.00 GB). Tried to allocate 128.00 MB on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for memory allocations (may cause system failure).\n`;
const nccl = (device: number, words: string) =>
  `node4:7001:7204 [0] proxy.cc:1143 NCCL WARN Socket recv failed while polling for opId=0x55a5\nnode4:7003:7210 [${device}] include/alloc.h:178 NCCL WARN ${words}\nnode4:7003:7210 [${device}] include/alloc.h:185 NCCL WARN Failed to CUDA calloc 4194304 bytes\n`;
const host = (path: string, left: string) =>
  `** the model could not be loaded: [enforce fail at alloc_cpu.cpp:81] data. DefaultCPUAllocator: not enough memory: you tried to allocate 10485760 bytes.\nTraceback (most recent call last):\n  File "${path}", line 80, in get\n    self.load(name)\nRuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 8.00 GiB total capacity; 512.00 KiB already allocated; ${left} free; 2.00 MiB reserved in total by PyTorch)\n`;
const chat = (batch: string) =>
  `    self.scale = torch.ones(1).cuda()\nRuntimeError: cuda runtime error (2) : out of memory at /b/aten/src/THC/THCTensorRandom.cu:25\n${batch}\n`;
const reports = [3, 2]
  .map(tenth => `{'loss': 0.${tenth}12, 'grad_norm': 0.5, 'learning_rate': 2e-05, 'epoch': ${5 - tenth}.0}\n`)
  .join('');
const evaluating =
  'Traceback (most recent call last):\n  File "/w/train.py", line 80, in main\n    trainer.train()\n  File "/env/transformers/trainer.py", line 3011, in evaluate\n    output = eval_loop(\n  File "/env/transformers/trainer.py", line 3204, in evaluation_loop\n    all_preds.add(logits)\n';

const beside: Record<string, Pasted> = {
  'refused though free, on a system that the text does not show': {
    text: free('', '8.75 GiB'),
    says: ['refused though 8.75 GiB', 'On Windows the driver counts', 'page file'],
  },
  'refused though free, where the driver takes a part of the total as on Linux': {
    text: free('', '8.75 GiB').replace('11.99', '11.76'),
    says: ['refused though 8.75 GiB'],
    never: ['Windows'],
  },
  'refused though free, on Linux': {
    text: free('  File "/home/me/up.py", line 4, in up\n', '8.75 GiB'),
    says: ['refused though 8.75 GiB'],
    never: ['Windows'],
  },
  'refused though free, on Windows': {
    text: free('  File "D:\\up\\up.py", line 4, in up\n', '8.75 GiB'),
    says: ['Windows’ driver bounds'],
  },
  'one mapping too many': {
    text: mapped(18432, '/torch_4021_1180335_64211'),
    says: ['a mapping of 18.00 KiB was refused', 'vm.max_map_count', 'free -h'],
    never: ['Out of the host', '--mem'],
  },
  'a large tensor that processes share': {
    text: mapped(8589934592, '/torch_4021_1180335_64211'),
    says: ['Out of the host’s memory', '8.00 GiB'],
    never: ['max_map_count'],
  },
  'a model’s file': {
    text: mapped(8589934592, '/m/model-00001-of-00002.safetensors'),
    says: ['Out of the host’s memory'],
    never: ['max_map_count'],
  },
  'a pool that could not grow, and the tensor that it was for': {
    text: POOL + POOL + TENSOR,
    says: ['312.50 MiB was refused'],
    never: ['6.25 GiB was refused'],
  },
  'a pool that could not grow': { text: POOL, says: ['6.25 GiB'] },
  'a limit of Metal that was to be gone: in a sentence': {
    text: metal('I already tried setting PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0, no change:'),
    says: ['reads it once, as it starts'],
    never: [/[Rr]aise the limit/],
  },
  'the same in a script': {
    text: metal('os.environ["PYTORCH_MPS_HIGH_WATERMARK_RATIO"] = "0.0"'),
    says: ['before torch is imported'],
  },
  'the error’s own advice sets nothing': {
    text: metal('python fit.py'),
    says: [/[Rr]aise the limit/],
    never: ['reads it once'],
  },
  'another value is still a limit': {
    text: metal('export PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.7'),
    says: [/[Rr]aise the limit/],
    never: ['reads it once'],
  },
  'NCCL’s own lines name the device': {
    text: nccl(3, "Cuda failure 'out of memory'"),
    says: ['NCCL asked cuda:3 for 4.00 MiB'],
  },
  'both memories, on Windows with room on the device': {
    text: host('D:\\ui\\model_cache.py', '6.25 GiB'),
    says: ['Out of the host’s memory', 'error of the GPU’s memory too', 'the same cause'],
    never: ['its own cause', 'its advice is another'],
  },
  'both memories, and the device is full': {
    text: host('D:\\ui\\model_cache.py', '1.25 MiB'),
    says: ['error of the GPU’s memory too', 'its own cause', 'its advice is another'],
    never: ['the same cause'],
  },
  'a script’s line behind a collector’s time': {
    text: '2024-03-04 05:06:07.069 Epoch 3/3\n\n2024-03-04 05:06:17.069 - 24s - loss: 4.9945\n\n2024-03-04 05:08:28.106 /bin/bash: line 27: 318 Killed sh start.sh\n',
    says: ['Process 318 (sh) was killed by SIGKILL'],
    never: ['completed'],
  },
  'the word alone behind a time': {
    text: '2024-03-04T05:08:28.106Z Killed\n',
    says: ['killed by SIGKILL'],
  },
  'an evaluation that mmdet’s hook calls': {
    text: `Traceback (most recent call last):\n  File "tools/train.py", line 180, in main\n    run(cfg)\n  File "/env/mmcv/runner/epoch_based_runner.py", line 54, in train\n    self.call_hook('after_train_epoch')\n  File "/env/mmdet/apis/test.py", line 28, in single_gpu_test\n    result = model(**data)\ntorch.OutOfMemoryError: ${FULL}\n`,
    says: ['It was evaluating'],
    never: ['microbatches'],
  },
  'an evaluation behind a trainer’s own lines': {
    text: `${reports}${evaluating}torch.OutOfMemoryError: ${FULL}\n`,
    says: ['It was evaluating', 'The training failed after'],
    never: ['microbatches'],
  },
  'an evaluation that was over, and a step that failed': {
    text: `${evaluating}KeyError: 'labels'\n${reports}Traceback (most recent call last):\n  File "/w/train.py", line 80, in main\n    trainer.train()\ntorch.OutOfMemoryError: ${FULL}\n`,
    says: ['microbatches'],
    never: ['It was evaluating'],
  },
  'the same runner in a step': {
    text: `Traceback (most recent call last):\n  File "tools/train.py", line 180, in main\n    run(cfg)\n  File "/env/mmcv/runner/epoch_based_runner.py", line 50, in train\n    self.run_iter(data_batch, train_mode=True)\ntorch.OutOfMemoryError: ${FULL}\n`,
    says: ['microbatches'],
    never: ['It was evaluating'],
  },
  'what is free and what is kept, together enough': {
    text: 'CUDA out of memory. Tried to allocate 6.50 GiB (GPU 0; 23.70 GiB total capacity; 10.25 GiB already allocated; 4.25 GiB free; 17.75 GiB reserved in total by PyTorch)\n',
    says: ['PyTorch keeps 7.50 GiB that no tensor uses'],
  },
  'what is free, and nothing kept': {
    text: 'CUDA out of memory. Tried to allocate 8.50 GiB (GPU 0; 23.70 GiB total capacity; 16.50 GiB already allocated; 5.25 GiB free; 16.75 GiB reserved in total by PyTorch)\n',
    says: ['has not enough left'],
    never: ['that no tensor uses'],
  },
  'Thrust, in an extension': {
    text: '  File "scene/points.py", line 13, in create\nMemoryError: bad allocation: cudaErrorMemoryAllocation: out of memory\n',
    says: ['Out of GPU memory outside PyTorch', 'fewer points'],
    never: ['max_bin'],
  },
  'a client of text-generation-inference': {
    text: `tgi-1  | 2024-03-04T05:06:07.1Z ERROR batch{batch_size=1}:prefill{id=1 size=1}: text_generation_client: router/client/src/lib.rs:33: Server error: ${FULL}\n`,
    says: ['text-generation-inference’s own tensors', '--max-batch-prefill-tokens'],
    never: ['activation checkpointing'],
  },
  'a server of text-generation-inference': {
    text: `ERROR text_generation_launcher: Method Prefill encountered an error.\nTraceback (most recent call last):\n  File "/v/text_generation_server/server.py", line 30, in Prefill\n    x\ntorch.OutOfMemoryError: ${FULL}\n`,
    says: ['text-generation-inference’s own tensors', '--num-shard'],
    never: ['smaller batch'],
  },
  'a batch of one, in a sentence of Chinese': {
    text: chat('有人知道怎么办吗？batch_size已经设置为1了'),
    says: ['The batch is 1 already'],
  },
  'a batch of two': { text: chat('batch_size改成2也不行'), says: ['a smaller batch'] },
  'advice in Chinese': { text: chat('建议把batch_size改为1'), says: ['a smaller batch'] },
};

test.each(Object.entries(beside))('%s', (_, pasted) => {
  expectAnswer(pasted);
});
