/** What people paste when something died, with prose around it: the place, what else the text shows, the advice that fits. Shapes as the programs print them, values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';

const OOM =
  'CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of 15.77 GiB of which 310.00 MiB is free. Including non-PyTorch memory, this process has 15.46 GiB memory in use. Of the allocated memory 14.90 GiB is allocated by PyTorch, and 150.00 MiB is reserved by PyTorch but unallocated.';
const STACK =
  'Traceback (most recent call last):\n  File "/w/edit/run.py", line 90, in <module>\n    main()\n  File "/w/edit/run.py", line 41, in load_all\n    latents = torch.load(path).to(device)\n';
const SHM =
  'ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).\n';
const QUEUE = `Traceback (most recent call last):\n  File "/env/lib/python3.8/site-packages/torch/utils/data/dataloader.py", line 701, in _try_get_data\n    data = self._data_queue.get(timeout=timeout)\n  File "/usr/lib/python3.8/multiprocessing/queues.py", line 104, in get\n    if not self._poll(timeout):\n`;

const places: Record<string, Pasted> = {
  'an error in a title, its traceback without it, and more words': {
    text: `RuntimeError: CUDA error: out of memory, though nothing else runs there\n\nI start it like this:\n${STACK}\nthe configuration is as it came:\nseed: 1\n`,
    says: ['/w/edit/run.py, line 41, in load_all'],
  },
  'an error in a title, and the traceback of another one': {
    text: `RuntimeError: CUDA error: out of memory\n\n${STACK}KeyError: 'latents'\n`,
    says: [],
    never: [/load_all/],
  },
  'a worker’s last word in front of a traceback that is cut': {
    text: `Epoch 2 train loss: 0.41 acc: 0.77\nEpoch 3 train loss: 0.39 acc: 0.78\n${SHM}${SHM}${QUEUE}`,
    says: ['SIGBUS', '/dev/shm', '--shm-size'],
    never: ['ends within a traceback'],
  },
  'the same words, long before a traceback that is cut': {
    text: `Epoch 2 train loss: 0.41 acc: 0.77\n${SHM}a\nb\nc\nd\n${QUEUE}`,
    says: ['SIGBUS', '--shm-size'],
  },
  'Colab’s frames, wrapped at words below a line that is drawn': {
    text: `---------------------------------------------------------------------------\nOutOfMemoryError                          Traceback (most recent call\nlast)\n/tmp/ipykernel_31/1398218205.py in <cell line: 0>()\n      3 \n      4 fitter = build(model, data)\n----> 5 fitter.train()\n\n13 frames\n/usr/local/lib/python3.11/dist-packages/transformers/trainer.py in\ntrain(self, resume_from_checkpoint, trial, ignore_keys_for_eval,\n**kwargs)\n   2240         else:\n-> 2241             return inner_training_loop(\n   2242                 args=args,\n\nOutOfMemoryError: CUDA out of memory. Tried to allocate 2.32 GiB. GPU 0\nhas a total capacity of 14.74 GiB of which 1.29 GiB is free. Process\n11222 has 13.45 GiB memory in use. Of the allocated memory 13.11 GiB is\nallocated by PyTorch, and 215.17 MiB is reserved by PyTorch but\nunallocated. If reserved but unallocated memory is large try setting\nPYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.\n`,
    says: [
      '/tmp/ipykernel_31/1398218205.py, line 5, in <cell line: 0>',
      'transformers/trainer.py, line 2241, in train',
      'unallocated in PyTorch’s cache 215.17 MiB',
    ],
  },
};

test.each(Object.entries(places))('where it was raised: %s', (_, pasted) => {
  expectAnswer(pasted);
});

/** From a page, which wraps nothing. */
const linked: Record<string, Pasted> = {
  'a notebook’s frame that a page made a link of': {
    text: `File [~/.local/lib/python3.11/site-packages/diffusers/models/attention_processor.py:601](http://10.0.0.7:8888/lab/tree/w/.local/lib/python3.11/site-packages/diffusers/models/attention_processor.py#line=600), in Attention.get_attention_scores(self, query, key, attention_mask)\n    599     beta = 1\n--> 601 attention_scores = torch.baddbmm(\n    602     baddbmm_input,\n\nOutOfMemoryError: ${OOM}\n`,
    says: ['diffusers/models/attention_processor.py, line 601, in Attention.get_attention_scores'],
  },
  'a cell that an editor made a link of, and a line of four digits': {
    text: `OutOfMemoryError                          Traceback (most recent call last)\nCell [In[7], line 3](vscode-notebook-cell:?execution_count=7&line=3)\n      1 x = batch()\n      2 \n----> 3 out = model(x)\n\n/env/lib/python3.11/site-packages/torch/nn/modules/module.py in _call_impl(self, *args, **kwargs)\n   1510     try:\n-> 1511         return self._call_impl(*args, **kwargs)\n\nOutOfMemoryError: ${OOM}\n`,
    says: ['Cell In[7], line 3 (within torch/nn/modules/module.py, line 1511, in _call_impl)'],
  },
};

test.each(Object.entries(linked))('where it was raised: %s', (_, { text, says }) => {
  expect(explainText(text, 'pasted', 2e12)?.place).toContain(says[0]);
});

const FIGURES = `torch.OutOfMemoryError: ${OOM}\n`;
const ofTraining = (before: string) =>
  `${before}\nTraceback (most recent call last):\n  File "/w/seg/train.py", line 40, in <module>\n    loss.backward()\n${FIGURES}`;
const SMALLER_BATCH = /a smaller batch(?! does)|microbatches|gradient accumulation/;

const settings: Record<string, Pasted> = {
  'a batch of one, in the command': {
    text: ofTraining('python train.py --batch_size 1 --img 640'),
    says: ['The batch is 1 already', 'activation checkpointing'],
    never: [SMALLER_BATCH],
  },
  'a batch of one for training, and a larger one for evaluation': {
    text: ofTraining(
      "['python', '-u', 'train.py', '--per_device_train_batch_size', '1', '--per_device_eval_batch_size', '8']",
    ),
    says: ['The batch is 1 already'],
    never: [SMALLER_BATCH],
  },
  'a batch of one, as a trainer prints it': {
    text: ofTraining('  Instantaneous batch size per device = 1\n  Total train batch size = 16'),
    says: ['The batch is 1 already'],
    never: [SMALLER_BATCH],
  },
  'a batch of one, in a sentence': {
    text: `It fails even with a batch size of 1.\n${FIGURES}`,
    says: ['The batch is 1 already'],
    never: [SMALLER_BATCH],
  },
  'a larger batch': { text: ofTraining('python train.py --batch_size 16'), says: ['microbatches'] },
  'a batch of one that somebody advises': {
    text: `${ofTraining('python train.py')}\nYou could try to reduce the batch size to 1.\n`,
    says: ['microbatches'],
  },
  'a batch of one that goes well': {
    text: `${ofTraining('python train.py')}\nIt only runs with a batch size of 1.\n`,
    says: ['microbatches'],
  },
  'two batches': {
    text: ofTraining('batch_size: 1\nbatch_size: 4'),
    says: ['microbatches'],
  },
  'the host’s copy of a model that diffusers keeps already': {
    text: `from diffusers import FluxPipeline\npipe.enable_model_cpu_offload()\nimage = pipe(prompt).images[0]\n\n${FIGURES}`,
    says: ['in the place of enable_model_cpu_offload()'],
    never: [/pipe\.enable_model_cpu_offload\(\), or/],
  },
  'vLLM, whose share is all of the device': {
    text: 'python -m vllm.entrypoints.openai.api_server --model m --gpu-memory-utilization 0.95\n\nValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.\n',
    says: ['gpu_memory_utilization is 0.95 already'],
    never: [/Raise gpu_memory_utilization/],
  },
  'vLLM, whose share is half of it': {
    text: 'vllm serve m --gpu-memory-utilization 0.5\nValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.\n',
    says: ['Raise gpu_memory_utilization'],
  },
  'a simulator with one environment': {
    text: 'i already set the num_envs to 1\nPxgCudaDeviceMemoryAllocator fail to allocate memory 339738624 bytes!! Result = 2\n',
    says: ['one environment already'],
    never: [/fewer environments/],
  },
  'a simulator with many': {
    text: 'python train.py --num_envs 4096\nPxgCudaDeviceMemoryAllocator fail to allocate memory 339738624 bytes!! Result = 2\n',
    says: ['fewer environments'],
  },
  'pieces, in an allocator that joins them already': {
    text: `export PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True\n${FIGURES.replace('14.90 GiB', '9.90 GiB').replace('150.00 MiB', '5.10 GiB')}`,
    says: ['fragmentation'],
    never: [/Set PYTORCH_ALLOC_CONF/],
  },
};

test.each(Object.entries(settings))('advice beside what is set: %s', (_, pasted) => {
  expectAnswer(pasted);
});

const killed = (pid: number, name: string, kb: number, more = '') =>
  `[  518.0${pid}] Out of memory: Killed process ${pid} (${name}) total-vm:${kb * 2}kB, anon-rss:${kb}kB, file-rss:0kB, shmem-rss:0kB${more}\n`;
const OF_GPU = /the GPU’s memory too/;
const OF_HOST = /killed for lack of the host’s memory too/;

const deaths: Record<string, Pasted> = {
  'a number that is no size: no memory’s': {
    text: '由于\n```\nNPU out of memory. Tried to allocate more than 1EB memory\n```\n',
    says: ['Not a shortage of memory'],
  },
  'Ctrl-C that nobody pressed, behind large pieces of host memory': {
    text: 'It stops though I have not pressed Ctrl-C:\n2021-01-01 09:50:18.112: W tensorflow/core/framework/allocator.cc:107] Allocation of 41943040 exceeds 10% of system memory.\ntcmalloc: large alloc 1262256128 bytes == 0x11ff50000 @  0x7f34 0x7f35\n^C\n',
    says: ['a notebook service (Colab) killed the process', '1262256128 bytes'],
    never: [/No failure/],
  },
  'large pieces, and no Ctrl-C': {
    text: 'tcmalloc: large alloc 1262256128 bytes == 0x11ff50000 @  0x7f34 0x7f35\nready\n',
    says: ['No failure'],
    never: [/killed the process/],
  },
  'several processes that the kernel killed': {
    text: killed(784, 'python3', 4288) + killed(925, '(resolved)', 4064) + killed(783, 'python3', 9216),
    says: [
      '3 processes were killed in the text. Together they held 17.16 MiB; the largest was process 783 (python3) with 9.00 MiB.',
    ],
  },
  'one process, named twice': {
    text: killed(784, 'python3', 4288) + killed(784, 'python3', 4288),
    says: ['Process 784 (python3)'],
  },
  'a GPU’s error, then the kernel’s kill': {
    text: `RuntimeError: ${OOM}\nWith a batch size of 1 it goes on, and later dmesg has\n${killed(9911, 'python', 30211200)}`,
    says: ['is full of', /a smaller batch/, OF_HOST, 'Killed process 9911'],
  },
  'the kernel’s kill, then what the log had before it': {
    text: `${killed(9911, 'python', 30211200)}and in the log before it\nRuntimeError: ${OOM}\n`,
    says: ['Process 9911', OF_GPU, 'The other error: asked 1.50 GiB, total 15.77 GiB'],
  },
  'the kernel’s kill alone': {
    text: killed(9911, 'python', 30211200),
    says: ['Process 9911'],
    never: [OF_GPU],
  },
  'a GPU’s error, and Slurm’s kill of the same step': {
    text: `[rank1]: torch.OutOfMemoryError: ${OOM}\nslurmstepd: error: Detected 1 oom_kill event in StepId=77.0. Some of the step tasks have been OOM Killed.\n`,
    says: [OF_HOST, 'StepId=77.0'],
  },
  'a GPU’s error, and a Slurm step that was ended with it': {
    text: `[rank1]: torch.OutOfMemoryError: ${OOM}\nsrun: error: n1: task 1: Exited with exit code 1\n`,
    says: ['full of'],
    never: [OF_HOST],
  },
  'few pieces beside tensors that fill the device': {
    text: FIGURES.replace('15.77 GiB', '39.39 GiB')
      .replace('15.46 GiB', '38.98 GiB')
      .replace('14.90 GiB', '36.40 GiB')
      .replace('150.00 MiB', '1.90 GiB'),
    says: [
      'is full of',
      '1.90 GiB that PyTorch keeps in pieces would have held it',
      'expandable_segments:True',
    ],
    never: [/fragmentation/],
  },
  'more pieces': {
    text: FIGURES.replace('15.77 GiB', '39.39 GiB')
      .replace('15.46 GiB', '38.98 GiB')
      .replace('14.90 GiB', '34.40 GiB')
      .replace('150.00 MiB', '3.90 GiB'),
    says: ['Out of memory by fragmentation'],
  },
  'more pieces, beside tensors that fill it': {
    text: FIGURES.replace('15.77 GiB', '39.39 GiB')
      .replace('15.46 GiB', '38.98 GiB')
      .replace('14.90 GiB', '35.80 GiB')
      .replace('150.00 MiB', '2.60 GiB'),
    says: ['Out of memory by fragmentation'],
  },
  'a pod whose node has lost a GPU': {
    text: 'Message:        Pod Allocate failed due to device plugin GetPreferredAllocation rpc failed with err: rpc error: code = Unknown desc = error creating nvml.Device 2: nvml: GPU is lost, which is unexpected\n',
    says: ['a GPU of its node is lost', 'nvml.Device 2'],
  },
};

test.each(Object.entries(deaths))('what died: %s', (_, pasted) => {
  expectAnswer(pasted);
});

test('one process that is named twice is one', () => {
  const { evidence } = explainText(deaths['one process, named twice']!.text, 'pasted', 2e12)!;
  expect(evidence.join('\n')).not.toMatch(/processes were killed/);
});

test('whose memory: none’s, where nothing was short', () => {
  const whose = (text: string) => explainText(text, 'pasted', 2e12)?.whose;
  expect(whose(deaths['a number that is no size: no memory’s']!.text)).toBe(null);
  expect(whose(deaths['Ctrl-C that nobody pressed, behind large pieces of host memory']!.text)).toBe('host');
  expect(whose(FIGURES)).toBe('GPU');
});

const MORE_RAM = /DataLoader workers/;

const more: Record<string, Pasted> = {
  'a debugger’s frames right behind the error, the innermost first': {
    text: 'I started train.py and got\n\n```RuntimeError\nCUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`\n  File "/w/mot/dcn.py", line 23, in forward\n    output = _backend.forward(\n  File "/w/mot/pose.py", line 355, in forward\n    x = self.conv(x)\n  File "/w/mot/track.py", line 90, in eval_seq\n    targets = tracker.update(blob)\n```\n',
    says: ['Raised at: /w/mot/dcn.py, line 23, in forward'],
  },
  'Ray’s frames right behind its error, the innermost last': {
    text: `ray.exceptions.RayTaskError(OutOfMemoryError): ray::Worker.update() (pid=71, ip=10.0.0.1)\n  File "/w/rl/main.py", line 20, in update\n    self.step()\n  File "/w/rl/actor.py", line 44, in step\n    loss.backward()\n${FIGURES}`,
    says: ['Raised at: /w/rl/actor.py, line 44, in step'],
  },
  'one exception that two programs print': {
    text: ' 10 Traceback (most recent call last):\n 12     File "/w/osprey/__init__.py", line 183, in printGpuInfo\n 13         c.gpu.cuda.Diagnostics.main(None)\n 14 jpype.CudaExceptionPyRaisable: jcuda.CudaException: CUDA_ERROR_OUT_OF_MEMORY\n 15\n 16 jcuda.CudaException: CUDA_ERROR_OUT_OF_MEMORY\n 17     at jcuda.driver.JCudaDriver.checkResult(JCudaDriver.java:337)\n',
    says: ['CUDA driver'],
    never: [/refused 2 times/],
  },
  'one large piece that Intel’s driver refused a process with nothing': {
    text: 'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 8.00 GiB. GPU 0 has a total capacity of 15.11 GiB. Of the allocated memory 0 bytes is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated. Please use `empty_cache` to release all unoccupied cached memory.\n',
    says: ['PyTorch holds nothing of xpu:0', 'UR_L0_USE_RELAXED_ALLOCATION_LIMITS=1'],
  },
  'a small piece that it refused a process with nothing': {
    text: 'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.11 GiB. Of the allocated memory 0 bytes is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated.\n',
    says: ['was refused though PyTorch holds only 0 bytes'],
    never: [/mostly Intel/],
  },
  'a container that was killed as it started': {
    text: 'Warning  Failed  113s   kubelet  Error: container create failed: time="2024-09-14T11:35:13Z" level=error msg="runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?)"\n',
    says: ['lack of host memory: the limit of its container', 'runc'],
  },
  'one tensor of the host’s that is most of a machine': {
    text: 'RuntimeError: [enforce fail at ..\\c10\\core\\CPUAllocator.cpp:73] data. DefaultCPUAllocator: not enough memory: you tried to allocate 318767104000 bytes. Buy new RAM!\n',
    says: ['296.88 GiB (318767104000 bytes) was asked for at once', 'one piece'],
    never: [MORE_RAM],
  },
  'a small one': {
    text: "RuntimeError: [enforce fail at CPUAllocator.cpp:64] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 278528000 bytes. Error code 12 (Cannot allocate memory)\n",
    says: ['265.62 MiB', MORE_RAM],
    never: [/one piece/],
  },
  'a size of the host’s that was never one': {
    text: "RuntimeError: [enforce fail at CPUAllocator.cpp:68] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 7881299347898367 bytes. Error code 12 (Cannot allocate memory)\n",
    says: ['Not a shortage of memory', '7881299347898367 bytes', 'broadcast_object_list'],
  },
  'Kit’s plugins, which the driver refused': {
    text: '2025-02-13 12:01:23 [10,436ms] [Error] [carb.cudainterop.plugin] CUDA error 2: cudaErrorMemoryAllocation - out of memory)\n2025-02-13 12:01:23 [10,476ms] [Error] [omni.physx.plugin] Unable to create PxCudaContextManager!\n',
    says: ['Omniverse Kit: Isaac Sim', '--device cuda:1'],
    never: [/set_per_process_memory_fraction/],
  },
  'a shell’s word of a kill, and the killer’s line before it': {
    text: '…/slurm_script: line 28:  8156 Killed                  python3 main.py --epochs 400\nslurmstepd: error: Detected 1 oom-kill event(s) in StepId=191.batch cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler."\nIt is the same in a shell:\n...\nEpoch: [0][415/1736]\t Loss 0.58 MAE 0.63\nEpoch: [0][447/1736]\t Loss 0.55 MAE 0.63\nEpoch: [0][479/1736]\t Loss 0.63 MAE 0.59\nEpoch: [0][511/1736]\t Loss 0.5117 MAE 0.6075\nKilled\n',
    says: ['Process 8156 (python3)', 'StepId=191.batch', 'Slurm: --mem'],
    never: [/Look for the killer/, 'SIGKILL'],
  },
};

test.each(Object.entries(more))('%s', (_, pasted) => {
  expectAnswer(pasted);
});

const NANNY = 'distributed.nanny - WARNING - Restarting worker\n';

const killers: Record<string, Pasted> = {
  'a worker of Dask’s that reached its share, and the client’s traceback, cut': {
    text: `${NANNY}distributed.nanny - WARNING - Worker exceeded 95% memory budget. Restarting\n${NANNY}Traceback (most recent call last):\n  File "/w/job.py", line 41, in run\n    client.gather(futures)\n`,
    says: ['Dask ended a worker', 'more than 95%', 'memory_limit', 'KilledWorker'],
    never: ['ends within a traceback'],
  },
  'one that newer versions name': {
    text: 'distributed.nanny.memory - WARNING - Worker tcp://127.0.0.1:34589 (pid=71) exceeded 95% memory budget. Restarting...\n',
    says: ['Process 71, a worker of Dask’s', 'more than 95%'],
  },
  'a worker of Dask’s that was killed': {
    text: `distributed.nanny - INFO - Worker process 9018 was killed by signal 9\n${NANNY}`,
    says: ['SIGKILL', /host’s memory/],
  },
  'a job that Torque ended for memory': {
    text: 'PBS Job Id: 75736704\nJob Name:   train\nExec host:  node450/0-19\nAborted by PBS Server\nJob exceeded a memory resource limit (vmem, pvmem, etc.). Job was aborted\nExit_status=-10\n',
    says: ['lack of host memory: the limit of its container or job was reached', 'pbs'],
  },
  'a job that Torque ended for time': {
    text: 'PBS Job Id: 75736705\nAborted by PBS Server\nJob exceeded its walltime limit. Job was aborted\nExit_status=-11\n',
    says: ['time limit', 'pbs'],
    never: [/lack of host memory/],
  },
  'slots of SGLang’s scheduler': {
    text: 'RuntimeError: alloc_req_slots runs out of memory. Please set a smaller number for `--max-running-requests`. self.req_to_token_pool.available_size()=1, num_reqs=2,\n',
    says: ['Not out of GPU memory', '--max-running-requests'],
  },
  'SGLang, whose share is all of the device': {
    text: 'python -m sglang.launch_server --model-path m --mem-fraction-static 0.95\nRuntimeError: Not enough memory. Please try to increase --mem-fraction-static.\n',
    says: ['--tp'],
    never: [/Raise --mem-fraction-static/],
  },
  'SGLang, whose share is less': {
    text: 'python -m sglang.launch_server --model-path m --mem-fraction-static 0.7\nRuntimeError: Not enough memory. Please try to increase --mem-fraction-static.\n',
    says: ['Raise --mem-fraction-static'],
  },
  'cuDNN, which cannot reach memory': {
    text: 'Traceback (most recent call last):\n  File "/w/train.py", line 40, in step\n    loss.backward()\nRuntimeError: cuDNN error: CUDNN_STATUS_MAPPING_ERROR\n',
    says: ['cuDNN could not reach memory of the device', '/w/train.py, line 40, in step'],
    never: [/Not about memory/],
  },
};

test.each(Object.entries(killers))('%s', (_, pasted) => {
  expectAnswer(pasted);
});

test('a worker of Dask’s that is near its share has not ended', () => {
  const near =
    'distributed.worker - WARNING - Memory use is high but worker has no data to store to disk.  Process memory: 19.20 GB -- Worker memory limit: 27.05 GB\n';
  expect(explainText(near, 'pasted', 2e12)).toBeNull();
});

const shown: Record<string, Pasted> = {
  'a batch of one, in a line of two languages': {
    text: ofTraining(
      '  batch size per device / バッチサイズ: 1\n  total train batch size (with parallel & distributed & accumulation) / 総バッチサイズ: 8',
    ),
    says: ['The batch is 1 already'],
    never: [SMALLER_BATCH],
  },
  'a training that is given images by its command': {
    text: ofTraining('python train.py --batch_size 8 --img 640'),
    says: ['smaller images (crops, tiles)'],
    never: [/sequences/],
  },
  'one that is given text and images': {
    text: ofTraining('image_size: 336\nmax_seq_len: 4096'),
    says: ['shorter sequences'],
  },
  'frames of a model of diffusers’, and no training': {
    text: `Traceback (most recent call last):\n  File "/w/edit.py", line 9, in main\n    out = net(x)\n  File "/env/lib/python3.11/site-packages/diffusers/models/attention_processor.py", line 601, in get_attention_scores\n    scores = torch.baddbmm(\n${FIGURES}`,
    says: ['enable_model_cpu_offload'],
    never: [/shorter sequences/],
  },
  'frames of a model of diffusers’ in a training': {
    text: `Traceback (most recent call last):\n  File "/w/finetune.py", line 9, in train_step\n    out = net(x)\n  File "/env/lib/python3.11/site-packages/diffusers/models/attention_processor.py", line 601, in get_attention_scores\n    scores = torch.baddbmm(\n${FIGURES}`,
    says: ['microbatches'],
    never: [/--lowvram/],
  },
  'the kubelet’s own event, beside a container’s state': {
    text: '  "terminated": {\n    "exitCode": 137,\n    "reason": "Error"\n  }\nOct 10 17:41:58 n1 kubelet[4991]: I1010 17:41:57.858757    4991 manager.go:1126] Created an OOM event in container "/kubepods/burstable/pod1" at 2017-10-10\n',
    says: ['lack of host memory: the limit of its container', 'kubernetes'],
  },
  'a container’s state alone': {
    text: '  "terminated": {\n    "exitCode": 137,\n    "reason": "Error"\n  }\n',
    says: ['SIGKILL'],
    never: [/limit of its container or job was reached/],
  },
};

test.each(Object.entries(shown))('%s', (_, pasted) => {
  expectAnswer(pasted);
});
