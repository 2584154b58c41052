/** What people paste of old and of cut texts: advice that their version can follow, the line that is theirs. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';

interface Row extends Pasted {
  whose: 'GPU' | 'host';
}
const FILE = (path: string, line: number, name: string) => `  File "${path}", line ${line}, in ${name}`;
const TORCH = '/opt/env/lib/python3.7/site-packages/torch/autograd/__init__.py';
const bracketed = (rest: string) =>
  `RuntimeError: CUDA out of memory. Tried to allocate 1.50 GiB (GPU 0; 15.90 GiB total capacity; 9.10 GiB already allocated; 1.20 GiB free; 13.40 GiB reserved in total by PyTorch)${rest}`;

const rows: Record<string, Row> = {
  'pieces, in a PyTorch that cannot join them': {
    text: bracketed(''),
    whose: 'GPU',
    says: ['keeps 4.30 GiB that no tensor uses', 'older than 2.1'],
    never: ['Set PYTORCH', 'max_split_size_mb'],
  },
  'pieces, in one that knows a limit of splits': {
    text: bracketed(
      ' If reserved memory is >> allocated memory try setting max_split_size_mb to avoid fragmentation.  See documentation for Memory Management and PYTORCH_CUDA_ALLOC_CONF',
    ),
    whose: 'GPU',
    says: ['PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:128', 'a smaller batch'],
    never: ['PYTORCH_ALLOC_CONF='],
  },
  'pieces beside tensors that fill most of it': {
    text: 'RuntimeError: CUDA out of memory. Tried to allocate 90.00 MiB (GPU 1; 10.90 GiB total capacity; 9.20 GiB already allocated; 70.00 MiB free; 700.00 MiB cached)',
    whose: 'GPU',
    says: ['keeps 700.00 MiB', 'a smaller batch'],
    never: ['Set PYTORCH'],
  },
  'one that fills the device: nobody else does': {
    text: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 300.00 MiB. GPU 0 has a total capacity of 23.60 GiB of which 90.00 MiB is free. Process 71 has 23.50 GiB memory in use. Of the allocated memory 22.80 GiB is allocated by PyTorch, and 210.00 MiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['22.80 GiB of 23.60 GiB'],
    never: ['who else holds'],
  },
  'a text that ends within its figures': {
    text: 'RuntimeError: CUDA out of memory. Tried to allocate 60.00 MiB (GPU 2; 7.80 GiB tot',
    whose: 'GPU',
    says: ['asked 60.00 MiB', 'total 7.80 GiB'],
  },
  'an error of a library’s hook, and the program’s own traceback, cut': {
    text: [
      'Exception during training:',
      'Traceback (most recent call last):',
      FILE('/opt/env/lib/python3.7/site-packages/lib2/engine.py', 140, 'train'),
      FILE(TORCH, 99, 'backward'),
      bracketed(''),
      '[03/04 11:05:25 lib2.hooks]: Total training time: 0:01:02',
      'Traceback (most recent call last):',
      FILE('my_train.py', 61, 'main'),
      '    trainer.train()',
      '  File "/opt',
    ].join('\n'),
    whose: 'GPU',
    says: ['Raised at: my_train.py, line 61, in main (within torch/autograd/__init__.py, line 99'],
  },
  'TensorFlow’s refusal, its warning, and a traceback that is cut': {
    text: [
      '2018-03-04 10:11:12.1: W tensorflow/core/framework/op_kernel.cc:1192] Resource exhausted: OOM when allocating tensor with shape[90000,400]',
      '2018-03-04 10:11:12.2: W tensorflow/core/common_runtime/bfc_allocator.cc:217] Allocator (GPU_0_bfc) ran out of memory trying to allocate 61.50MiB. The caller indicates that this is not a failure, but may mean that there could be performance gains if more memory is available.',
      'Traceback (most recent call last):',
      FILE('fit_all.py', 77, '<module>'),
      '    net.fit(x, y, batch_size=10)',
    ].join('\n'),
    whose: 'GPU',
    says: ['a tensor of shape [90000,400]', 'fit_all.py, line 77'],
    never: ['61.50', 'No failure'],
  },
  'a frame that the person names below': {
    text: 'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 70.00 MiB. GPU 0 has a total capacity of 15.90 GiB of which 60.00 MiB is free. Of the allocated memory 15.20 GiB is allocated by PyTorch, and 280.00 MiB is reserved by PyTorch but unallocated.\n\nIt happens here:\n\n  File "/home/a/ui/main.py", line 31, in infer\n    pipe.to(device)\n',
    whose: 'GPU',
    says: ['Raised at: /home/a/ui/main.py, line 31, in infer'],
  },
  'the whole machine’s memory: no limit to raise': {
    text: '[ 91.4] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/user.slice,task=python3,pid=811,uid=0\n[ 91.5] Out of memory: Killed process 811 (python3) total-vm:53000000kB, anon-rss:31000000kB, file-rss:0kB, shmem-rss:0kB\n',
    whose: 'host',
    says: ['whole machine’s', 'a machine with more'],
    never: ['--mem', 'container’s limit\\)'],
  },
  'a line of the kernel’s that a terminal padded': {
    text: `[ 91.5] Memory cgroup out of memory: Killed process 811 (python3) total-vm:53000000${' '.repeat(80)}kB, anon-rss:31000000kB, file-rss:0kB\n`,
    whose: 'host',
    says: ['total-vm:53000000 kB'],
  },
  'an engine that tries its largest request': {
    text: 'RuntimeError: Not enough memory to handle 2048 prefill tokens. You need to decrease `--max-batch-prefill-tokens`',
    whose: 'GPU',
    says: ['text-generation-inference does not fit', '2048 tokens', 'Lower --max-batch-prefill-tokens'],
    never: ['Not about memory'],
  },
  'what a page of images prints below its error': {
    text: 'RuntimeError: CUDA out of memory. Tried to allocate 60.00 MiB (GPU 0; 3.90 GiB total capacity; 2.90 GiB already allocated; 12.00 MiB free; 2.95 GiB reserved in total by PyTorch)\n\nTime taken: 7.2 sec.\nA: 2.90 GB, R: 2.95 GB, Sys: 3.9/3.9 GB (100%)\n',
    whose: 'GPU',
    says: ['--lowvram', 'the images it makes'],
    never: ['gradient accumulation'],
  },
  'a checkpoint that is read onto the device': {
    text: [
      'Traceback (most recent call last):',
      FILE('/home/a/lm/main.py', 136, 'load_model'),
      '    optimizer.load_state_dict(torch.load(path))',
      FILE('/opt/env/lib/python3.6/site-packages/torch/serialization.py', 99, '_cuda_deserialize'),
      'RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 11.10 GiB total capacity; 900.00 MiB already allocated; 17.00 MiB free; 910.00 MiB reserved in total by PyTorch)',
    ].join('\n'),
    whose: 'GPU',
    says: ['Others take cuda:0', 'map_location="cpu"', 'main.py, line 136'],
  },
  'an array that is large for its kind': {
    text: 'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 51.0 GiB for an array with shape (165400, 165500) and data type uint16',
    whose: 'host',
    says: ['51.00 GiB', 'Look at the shape, (165400, 165500)', 'narrower type'],
    never: ['DataLoader'],
  },
  'an array that is small': {
    text: 'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 90.0 MiB for an array with shape (2160, 3640, 3) and data type float32',
    whose: 'host',
    says: ['It is a small one', 'let go of each'],
    never: ['DataLoader', 'Look at the shape'],
  },
  'a process that was killed over a model’s weights': {
    text: 'Loading checkpoint shards:  43%|████▎     | 3/7 [00:40<00:29,  9.96s/it]ERROR:torch.distributed.elastic.multiprocessing.api:failed (exitcode: -9) local_rank: 0 (pid: 3163) of binary: /usr/bin/python3\n',
    whose: 'host',
    says: ['reading the weights of a model (43%)', 'low_cpu_mem_usage=True'],
  },
  'PyTorch’s allocator before it printed figures': {
    text: [
      'THCudaCheck FAIL file=/pytorch/torch/lib/THC/generic/THCStorage.cu line=58 error=2 : out of memory',
      'Traceback (most recent call last):',
      FILE('train.py', 151, 'train'),
      FILE('/home/a/lab/net.py', 88, 'forward'),
    ].join('\n'),
    whose: 'GPU',
    says: ['Out of GPU memory', 'net.py, line 88'],
    never: ['CUDA driver', 'outside PyTorch'],
  },
  'an engine that holds much outside its allocator, by its process': {
    text: '(EngineCore_DP0 pid=88) torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 700.00 MiB. GPU 0 has a total capacity of 79.10 GiB of which 130.00 MiB is free. Process 327 has 78.95 GiB memory in use. Of the allocated memory 67.80 GiB is allocated by PyTorch, and 300.00 MiB is reserved by PyTorch but unallocated.',
    whose: 'GPU',
    says: ['vLLM’s own tensors', '10.86 GiB of this process is outside PyTorch'],
    never: ['Others take'],
  },
  'a script’s line whose spaces a page has joined': {
    text: 'My job runs fine until I receive:\n\n> var/spool/slurm/job47/slurm_script: line 31:  6521 Killed singularity exec --nv ../torch.sif python ./train.py \n',
    whose: 'host',
    says: ['Process 6521 (singularity) was killed by SIGKILL'],
  },
  'Slurm’s limit, and a step that was on its way': {
    text: 'Epoch 0 | Training | Steps: 91 | Loss: 24.98\nEpoch 0 | Training | Steps: 93 | Loss: 24.58\nslurmstepd: error: Job 75 exceeded memory limit (626359956 > 512000000), being killed\nslurmstepd: error: Exceeded job memory limit\nslurmstepd: error: *** JOB 75 ON n1 CANCELLED AT 2022-06-10T17:11:35 ***\nEpoch 0 | Training | Steps: 95 | Loss: 24.18\n',
    whose: 'host',
    says: ['lack of host memory', 'limit of its container or job'],
    never: ['how the training ended is not in it'],
  },
  'an error whose handler failed: its frames are not where it was raised': {
    text: [
      'RuntimeError: CUDA out of memory. Tried to allocate 2.10 GiB (GPU 0; 11.10 GiB total capacity; 9.70 GiB already allocated; 1.04 GiB free; 9.80 GiB reserved in total by PyTorch)',
      '',
      'During handling of the above exception, another exception occurred:',
      '',
      'Traceback (most recent call last):',
      FILE('/home/a/lib/util.py', 493, 'is_oom_exception'),
      '    return isinstance(err',
    ].join('\n'),
    whose: 'GPU',
    says: ['9.70 GiB of 11.10 GiB'],
    never: ['util.py'],
  },
  'a cell of Colab’s, with its link': {
    text: [
      'OutOfMemoryError                          Traceback (most recent call last)',
      '[<ipython-input-11-f4c8>](https://localhost:8080/#) in <cell line: 0>()',
      '----> 1 video = pipe(prompt=prompt).frames[0]',
      '',
      '[/usr/local/lib/python3.11/dist-packages/diffusers/models/vae.py](https://localhost:8080/#) in forward(self, f)',
      '    194         norm_f = self.norm_layer(f)',
      '--> 195         new_f = norm_f * conv_y',
      '',
      'OutOfMemoryError: CUDA out of memory. Tried to allocate 600.00 MiB. GPU 0 has a total capacity of 14.70 GiB of which 190.00 MiB is free.',
    ].join('\n'),
    whose: 'GPU',
    says: ['<ipython-input-11-f4c8>, line 1, in <cell line: 0> (within diffusers'],
  },
  'an evaluation': {
    text: [
      'Traceback (most recent call last):',
      FILE('train.py', 200, 'main'),
      FILE('train.py', 157, 'evaluate'),
      '    out = net(x)',
      'RuntimeError: CUDA out of memory. Tried to allocate 50.00 MiB (GPU 0; 11.10 GiB total capacity; 10.60 GiB already allocated; 20.00 MiB free; 10.70 GiB reserved in total by PyTorch)',
    ].join('\n'),
    whose: 'GPU',
    says: ['torch.no_grad()', 'line 157, in evaluate'],
    never: ['gradient accumulation'],
  },
  'a command behind its environment': {
    text: './entrypoint.sh: line 28:     7 Killed                  LD_LIBRARY_PATH=/app/lib:$LD_LIBRARY_PATH /app/bin/server $ARGS "$@"\n',
    whose: 'host',
    says: ['Process 7 (server) was killed by SIGKILL'],
  },
  'a runner of Ollama’s that was killed': {
    text: '2023/11/17 14:08:33 llama.go:385: signal: killed\n2023/11/17 14:08:33 llama.go:459: llama runner stopped successfully\n',
    whose: 'host',
    says: ['killed by SIGKILL'],
  },
  'a buffer of ggml’s, of which the line before was left off': {
    text: 'Error: llama runner process has terminated: cudaMalloc failed: out of memory\nggml_gallocr_reserve_n: failed to allocate CUDA0 buffer of size 838447104\n',
    whose: 'GPU',
    says: ['799.61 MiB'],
  },
  'a worker of the loader’s that was killed': {
    text: 'RuntimeError: DataLoader worker (pid 4711) is killed by signal: Killed. ',
    whose: 'host',
    says: ['A DataLoader worker (process 4711) was killed by SIGKILL', 'Lower num_workers'],
  },
};

test.each(Object.entries(rows))('%s', (_, row) => {
  const answer = expectAnswer(row);
  expect(answer.whose).toBe(row.whose);
});

test('an error that names memory in words of its own is not called something else', () => {
  const { says } = explainText('EngineError: insufficient memory for the planner', 'x', 2e12)!;
  expect(says).toMatch(/names memory, and not whose/);
});

test('cuDNN that finds no algorithm is mostly out of memory', () => {
  const { says } = explainText(
    'RuntimeError: Unable to find a valid cuDNN algorithm to run convolution',
    'x',
    2e12,
  )!;
  expect(says).toMatch(/found no way to compute a convolution.*Mostly the device had no memory left/);
});

test('a text that ends before its error does not show whose memory it was', () => {
  const { whose } = explainText(
    '      Epoch    GPU_mem  box_loss   cls_loss   dfl_loss  Instances       Size\n     1/300      34.4G       1.64     0.3032     0.5341        219       2048: 100%|██████████| 82/82 [00:53<00:00,  1.53it/s]\nTraceback (most recent call last):\n  File "/home/a/t.py", line 9, in <module>\n    trainer.train()\n  File "/opt',
    'x',
    2e12,
  )!;
  expect(whose).toBeNull();
});

test('pinned memory that llama.cpp does without is not the device’s', () => {
  const { says } = explainText(
    'ggml_vulkan: Failed to allocate pinned memory.\nggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory\n',
    'x',
    2e12,
  )!;
  expect(says).toMatch(/Not out of GPU memory: page-locked/);
});

test('a watchdog’s operation on the next line, its names the other way round', () => {
  const { says } = explainText(
    '[E ProcessGroupNCCL.cpp:523] Watchdog caught collective operation timeout:\nWorkNCCL(OpType=ALLREDUCE, SeqNum=458) ran for 1800600 ms before timing out.\n',
    'x',
    2e12,
  )!;
  expect(says).toMatch(/ALLREDUCE, work 458.*ran 1800600 ms/);
});

test('figures that go on after a scheduler’s line show that the job went on', () => {
  const step = (number: number) => `Epoch 0 | Training | Steps: ${number} | Loss: 24.98\n`;
  const text = `${step(1)}${step(2)}slurmstepd: error: Detected 1 oom_kill event in StepId=7.0. Some of the step tasks have been OOM Killed.\n${[3, 4, 5, 6, 7, 8].map(step).join('')}`;
  expect(explainText(text, 'x', 2e12)!.says).not.toMatch(/failed/);
});

test('a hundred times what any device has was never a size', () => {
  const { says } = explainText(
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 131062.02 GiB. GPU 0 has a total capacity of 44.53 GiB of whic',
    'x',
    2e12,
  )!;
  expect(says).toMatch(/never a real size/);
});

test('a call of NCCL’s that failed does not show of what', () => {
  const { says, next } = explainText(
    "terminate called after throwing an instance of 'std::runtime_error'\nwhat():  NCCL Error 1: unhandled cuda error\n",
    'x',
    2e12,
  )!;
  expect(says).toMatch(/does not say why/);
  expect(next.join()).toMatch(/NCCL_DEBUG=WARN/);
});

test('what to try first of a worker is about workers', () => {
  expect(
    explainText('RuntimeError: DataLoader worker (pid 4711) is killed by signal: Killed. ', 'x', 2e12)!
      .next[0],
  ).toMatch(/^Lower num_workers/);
});
