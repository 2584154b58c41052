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
    says: ['/dev/shm', '--shm-size', 'multiprocessing/queues.py, line 104'],
    never: ['ends within a traceback'],
  },
  'the same words, long before a traceback that is cut': {
    text: `Epoch 2 train loss: 0.41 acc: 0.77\n${SHM}a\nb\nc\nd\n${QUEUE}`,
    says: ['ends within a traceback'],
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
    never: [/processes were killed/],
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
  'a pod whose node has lost a GPU': {
    text: 'Message:        Pod Allocate failed due to device plugin GetPreferredAllocation rpc failed with err: rpc error: code = Unknown desc = error creating nvml.Device 2: nvml: GPU is lost, which is unexpected\n',
    says: ['a GPU of its node is lost', 'nvml.Device 2'],
  },
};

test.each(Object.entries(deaths))('what died: %s', (_, pasted) => {
  expectAnswer(pasted);
});

test('whose memory: none’s, where nothing was short', () => {
  const whose = (text: string) => explainText(text, 'pasted', 2e12)?.whose;
  expect(whose(deaths['a number that is no size: no memory’s']!.text)).toBe(null);
  expect(whose(deaths['Ctrl-C that nobody pressed, behind large pieces of host memory']!.text)).toBe('host');
  expect(whose(FIGURES)).toBe('GPU');
});
