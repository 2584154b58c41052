/** Which advice stands first, by what the text supports most, and that there are three pieces at most. Values invented. */
import { expect, test } from 'vitest';
import { closingWords } from '../../src/cli/closing-words.ts';
import { torchAdvice } from '../../src/report/index.ts';
import { expectAnswer, type Pasted, watchedTruly } from './pasted.ts';

const bracketed = (asked: string, held: string, free: string, rest: string) =>
  `RuntimeError: CUDA out of memory. Tried to allocate ${asked} (GPU 0; 11.00 GiB total capacity; ${held} already allocated; ${free} free; ${rest})`;
const SPLIT =
  ' If reserved but unallocated memory is large try setting max_split_size_mb to avoid fragmentation.  See documentation for Memory Management and PYTORCH_CUDA_ALLOC_CONF';
const recent = (allocated: string, unallocated: string) =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of 8.00 GiB of which 0 bytes is free. Of the allocated memory ${allocated} is allocated by PyTorch, and ${unallocated} is reserved by PyTorch but unallocated.${SPLIT}\n`;
const metal = (own: string, other: string, allowed: string) =>
  `RuntimeError: MPS backend out of memory (MPS allocated: ${own} GB, other allocations: ${other} GB, max allowed: ${allowed} GB). Tried to allocate 300.00 MB on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for memory allocations (may cause system failure).`;
const xla = (asked: number, rows: Record<string, string>) =>
  `jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate ${asked} bytes.\nBufferAssignment OOM Debugging.\nBufferAssignment stats:\n${Object.entries(
    rows,
  )
    .map(([name, size]) => `${`${name} allocation:`.padStart(34)} ${size.padStart(10)}`)
    .join('\n')}\n`;
const node = (name: string) =>
  `ResourceExhaustedError (see above for traceback): OOM when allocating tensor with shape[9000,512]\n\t [[Node: ${name} = Mul[T=DT_FLOAT, _device="/job:localhost/replica:0/task:0/device:GPU:0"](x, y)]]\n`;
const pod = (code: number) =>
  `State:          Terminated\n  Reason:       OOMKilled\n  Exit Code:    ${code}\n  Started:      Tue, 02 Feb 2021 01:02:03 +0000\n`;

const firsts: Record<string, Pasted & { first: RegExp }> = {
  'pieces beside what is free, in an old version': {
    text: bracketed('4.00 GiB', '4.50 GiB', '1.90 GiB', '3.80 GiB cached'),
    first: /^Make each pass smaller/,
    says: [/older than 2\.1/],
    never: [/nvidia-smi/, /is outside PyTorch/],
  },
  'more than a context beside them': {
    text: bracketed('4.00 GiB', '3.30 GiB', '1.90 GiB', '3.80 GiB cached'),
    first: /^Make each pass smaller/,
    says: [/nvidia-smi/, /2\.00 GiB is outside PyTorch/],
  },
  'tensors that fill an old one, and pieces': {
    text: bracketed('900.00 MiB', '8.60 GiB', '0 bytes', '10.30 GiB reserved in total by PyTorch'),
    first: /^Make each pass smaller/,
    says: [/pad or bucket/, /older than 2\.1/],
  },
  'pieces, and few tensors, where segments can grow': {
    text: recent('3.00 GiB', '4.00 GiB'),
    first: /^Set PYTORCH_ALLOC_CONF=expandable_segments/,
    says: [/a smaller batch/],
    never: [/vLLM/],
  },
  'the same beside an engine': {
    text: `vllm: gpu_memory_utilization=0.5\n${recent('3.00 GiB', '4.00 GiB').replace('CUDA out', 'vllm: CUDA out')}`,
    first: /^Set PYTORCH_ALLOC_CONF=expandable_segments/,
    says: [/vLLM’s sleep mode/],
  },
  'Metal’s limit, most of it outside PyTorch': {
    text: metal('9.50', '17.30', '27.00'),
    first: /^Call torch\.mps\.empty_cache/,
    says: [/PyTorch’s tensors 9\.50 GiB, outside PyTorch 17\.30 GiB/, /^Raise the limit/m],
    never: [/[Cc]lose what else/],
  },
  'Metal’s limit, most of it PyTorch’s': {
    text: metal('17.90', '0.10', '18.10'),
    first: /^Make each pass smaller/,
    says: [/^Raise the limit/m],
    never: [/empty_cache/, /outside PyTorch/],
  },
  'a program of XLA’s that returns most of it': {
    text: xla(4294967296, {
      parameter: '300.00MiB',
      maybe_live_out: '9.00GiB',
      'preallocated temp': '4.00GiB',
      total: '13.29GiB',
    }),
    first: /^Make the program smaller/,
    says: [/needs 13\.29GiB in all, most of that: results \(9\.00GiB\)/, /Let it return less/],
  },
  'a program of XLA’s that needs most of it in between': {
    text: xla(9663676416, {
      parameter: '300.00MiB',
      maybe_live_out: '1.00GiB',
      'preallocated temp': '9.00GiB',
      total: '10.29GiB',
    }),
    first: /^Make the program smaller/,
    says: [/most of that: what is needed in between \(9\.00GiB\)/],
    never: [/Let it return less/, /Give it less at once/],
  },
  'a small program of XLA’s on a full device': {
    text: xla(188743680, { parameter: '180.00MiB', maybe_live_out: '180.00MiB', total: '360.00MiB' }),
    first: /^Look at nvidia-smi/,
    says: [/what fills the device is something else/],
    never: [/smaller batch/, /jax\.checkpoint/],
  },
  'a node of TensorFlow’s optimizer': {
    text: node('training_4/Adam/mul_23'),
    first: /^It was in the optimizer’s update/,
    says: [/clear_session/],
    never: [/mixed precision/],
  },
  'a node of a layer’s gradient': {
    text: node('training/Adam/gradients/model_2/conv2d_16/convolution_grad/Conv2DBackpropInput'),
    first: /^Use a smaller batch/,
    says: [],
    never: [/optimizer’s update/],
  },
  'a container whose first process went on': {
    text: pod(0),
    first: /resources\.limits\.memory/,
    says: [/exit code 0: it was another of its processes/],
  },
  'a container that was killed itself': {
    text: pod(137),
    first: /resources\.limits\.memory/,
    says: [],
    never: [/another of its processes/],
  },
};

const killed = (pid: number, kb: number) =>
  `[Thu Mar 14 01:57:54 2019] Out of memory: Killed process ${pid} (python) total-vm:${kb + 900}kB, anon-rss:${kb}kB, file-rss:8kB, shmem-rss:0kB\n`;
const ofRay = (held: string) =>
  `ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.\nMemory on the node (IP: 192.168.0.7, ID: fc2b) where the task (actor ID: f9cc, name=SimEnv.__init__, pid=433, memory used=${held}GB) was running was 59.49GB / 62.58GB (0.950744), which exceeds the memory usage threshold of 0.95.\n`;
const killers: Record<string, Pasted & { first: RegExp }> = {
  'two of the kernel’s, the second far larger': {
    text: killed(71, 2048) + killed(72, 104857600),
    first: /./,
    says: [/^Process 72 \(python\), which held 100\.00 GiB, was killed/],
    never: [/0 bytes/],
  },
  'two of one size: the first': {
    text: killed(71, 94371840) + killed(72, 104857600),
    first: /./,
    says: [/^Process 71 \(python\), which held 90\.00 GiB, was killed/],
  },
  'several by Slurm’s count': {
    text: 'slurmstepd: error: Detected 8 oom-kill event(s) in step 59.batch cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler.',
    first: /Slurm: --mem/,
    says: [/^Processes were killed for lack of host memory \(8 times by Slurm’s count\): the limit of their/],
  },
  'one by Slurm’s count': {
    text: 'slurmstepd: error: Detected 1 oom-kill event(s) in step 59.batch cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler.',
    first: /Slurm: --mem/,
    says: [/^A process was killed for lack of host memory: the limit of its/],
  },
  'a task of Ray’s that holds little of a full node': {
    text: ofRay('2.22'),
    first: /^Run fewer tasks/,
    says: [/most of the memory is others’/],
    never: [/SimEnv\.__init__ hold less/],
  },
  'a task of Ray’s that holds most of it': {
    text: ofRay('50.00'),
    first: /^Run fewer tasks/,
    says: [/SimEnv\.__init__ hold less/],
  },
  'a session of Colab’s': {
    text: 'Your session crashed after using all available RAM.',
    first: /^Hold less at once/,
    says: [/runtime with more memory/],
    never: [/DataLoader/, /swap/],
  },
  'cuBLAS, of a training': {
    text: 'Traceback (most recent call last):\n  File "train.py", line 32, in train_model\n    loss.backward()\nRuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`\n',
    first: /^Use smaller microbatches/,
    says: [/set_per_process_memory_fraction below 1\.$/m, /nvidia-smi/],
  },
  'a device of which PyTorch holds little, and nothing else is known': {
    text: 'RuntimeError: XPU out of memory. Tried to allocate 1.00 GiB (GPU 0; 15.00 GiB total capacity; 900.00 MiB already allocated; 900.00 MiB reserved in total by PyTorch)',
    first: /^Look at xpu-smi/,
    says: [/the driver itself refused/],
    never: [/smaller batch/],
  },
  'the same, of which it holds most': {
    text: 'RuntimeError: XPU out of memory. Tried to allocate 1.00 GiB (GPU 0; 15.00 GiB total capacity; 12.00 GiB already allocated; 12.10 GiB reserved in total by PyTorch)',
    first: /^Look at xpu-smi/,
    says: [/a smaller batch/],
    never: [/the driver itself refused/],
  },
};

const array = (size: string, shape: string, type: string) =>
  `numpy.core._exceptions._ArrayMemoryError: Unable to allocate ${size} for an array with shape ${shape} and data type ${type}`;
const others: Record<string, Pasted & { first: RegExp }> = {
  'an array whose shape has its bytes': {
    text: array('7.91 GiB', '(1396913, 190, 4)', 'float64'),
    first: /^Make it smaller/,
    says: [/7\.91 GiB \(8493231040 bytes\) was asked for/],
  },
  'one of records, whose shape has not': {
    text: array('2.73 TiB', '(124994103978,)', "[('sample_id', '<u8'), ('ptr', '<u8'), ('size', '<u8')]"),
    first: /damaged, not finished, or of another format/,
    says: [/2\.73 TiB was asked for at once/],
    never: [/\d bytes/, /sparse/],
  },
  'a matrix that no machine has': {
    text: array('2.73 TiB', '(612606, 612606)', 'float64'),
    first: /a sparse matrix was made dense/,
    says: [/^Keep it sparse/m],
  },
  'FSDP’s warning as it gathers, behind words of how it came': {
    text: `I got this after the training finished.\n\n/env/lib/python3.9/site-packages/torch/distributed/fsdp/fully_sharded_data_parallel.py:2224: UserWarning: Failed to clone() tensor with name lm_head.weight. This may mean that this state_dict entry could point to invalid memory regions. Error: ${bracketed('502.00 MiB', '9.10 GiB', '0.10 GiB', '9.80 GiB reserved in total by PyTorch').replace('RuntimeError: ', '')}`,
    first: /^It was gathering a checkpoint/,
    says: [/whether the checkpoint is whole/, /is not in it/],
    never: [/completed/, /went on\./, /shapes alike/],
  },
  'TensorFlow’s own figures, printed bold': {
    text: 'I tensorflow/core/common_runtime/bfc_allocator.cc:702] Stats: \n**Limit:                 12049707828\nInUse:                 11984328960\nMaxInUse:              12038083584**\n\nW tensorflow/core/framework/op_kernel.cc:968] Resource exhausted: OOM when allocating tensor with shape[256,832,7,7] and type float\n',
    first: /^Use a smaller batch/,
    says: [/may use 11\.22 GiB, and its tensors hold 11\.16 GiB/],
  },
};

test.each([...Object.entries(others), ...Object.entries(firsts), ...Object.entries(killers)])(
  '%s',
  (_, { first, ...pasted }) => {
    const { next } = expectAnswer(pasted);
    expect(next[0]).toMatch(first);
    expect(next.length).toBeLessThan(4);
  },
);

/** What watch prints at its end. */
const closing = (text: string) => {
  const { report, snapshot } = watchedTruly(text);
  return closingWords(report, snapshot, '/runs/a').join('\n');
};

test('torch’s own advice is quoted where it does not help, and whole', () => {
  expect(torchAdvice(watchedTruly(recent('3.00 GiB', '4.00 GiB')).report)).toBe(null);
  const full = torchAdvice(watchedTruly(recent('7.50 GiB', '0.10 GiB')).report);
  expect(full?.quote).toMatch(/max_split_size_mb to avoid fragmentation\.$/);
  expect(full?.remark).toMatch(/^Not here/);
  const cut = recent('7.50 GiB', '0.10 GiB').replace('setting max', 'setting\nmax');
  expect(torchAdvice(watchedTruly(cut).report)).toBe(null);
});

test('what is beyond the device is no memory in pieces, and no share of it', () => {
  const beyond = recent('9.00 GiB', '3.00 GiB').replace(
    ' Of the',
    ' Including non-PyTorch memory, this process has 7.75 GiB memory in use. Of the',
  );
  const { report } = watchedTruly(beyond);
  expect(torchAdvice(report)?.remark).toMatch('more than the device has, so the 3.00 GiB');
  expect(JSON.stringify(report)).not.toMatch(/PyTorch holds|as any program/);
});

test('a line that a terminal cut behind its process’s name', () => {
  const lines = [
    '(EngineCore pid=31) Traceback (most recent call last):',
    '(EngineCore pid=31)   File "/env/lib/python3.12/site-packages/vllm/v1/core/kv_cache_utils.py", line 75, in check',
    '(EngineCore pid=31)     raise ValueError(',
    '(EngineCore pid=31) ValueError: To serve at least one request with the model’s max seq len (64000), (3.50 GiB KV cach',
    'e is needed, which is larger than the available KV cache memory (3.25 GiB). Based on the avai',
  ];
  expect(closing(lines.join('\n'))).toMatch(
    /one request of 64000 tokens.*needs 3\.50 GiB, and 3\.25 GiB is left/,
  );
  // What another process prints next is none of it.
  expect(closing([...lines.slice(0, 4), 'INFO: the server is shutting down'].join('\n'))).toMatch(
    /Not about memory/,
  );
});

const epochs = [10, 20, 30, 40, 50].map(step => `Epoch: [0][${step}/500] Loss 0.75 MAE 0.50`).join('\n');
const OOM_KILL = 'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=44.batch cgroup.';

test('a kill whose cause stands above the training', () => {
  expect(closing(`${OOM_KILL}\nWithout sbatch:\n${epochs}\nKilled\n`)).toMatch(
    /No GPU is to blame \(slurm\)/,
  );
  // Without a killer’s line nobody has named it, and an error of its own is no kill.
  expect(closing(`${epochs}\nKilled\n`)).toMatch(/SIGKILL/);
  expect(closing(`${OOM_KILL}\nWith more:\n${epochs}\nValueError: no such key\n`)).not.toMatch(/slurm/);
});

test('who waited stands in the answer itself', () => {
  const line = (rank: number) =>
    `[rank${rank}]:[E626 06:24:44.9 ProcessGroupNCCL.cpp:616] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=80, OpType=ALLREDUCE, NumelIn=9, NumelOut=9, Timeout(ms)=600000) ran for 600020 milliseconds before timing out.`;
  expect(closing([0, 1, 2].map(line).join('\n'))).toMatch(
    /: ranks 0, 1, 2 waited, all in the same operation\./,
  );
  expect(closing([1, 3].map(line).join('\n'))).toMatch(/: ranks 1, 3 waited; ranks 0, 2 have no line\./);
});

test('where a task of Ray’s was waited for, with its error as the title of the page', () => {
  const text = `Traceback (most recent call last):\n  File "/w/run_sim.py", line 15, in <module>\n    for obs in ray.get(steps):\n  File "/env/lib/python3.9/site-packages/ray/_private/worker.py", line 2523, in get\n    raise value\n${ofRay('2.22')}`;
  const place = /Raised at: \/w\/run_sim\.py, line 15/;
  expect(closing(text)).toMatch(place);
  expect(
    closing(`# OutOfMemoryError: Task was killed due to the node running low on memory.\n\n${text}`),
  ).toMatch(place);
});

test('what was in use while an engine slept stands in the answer itself', () => {
  const text =
    'INFO 09-10 12:12:34 [gpu_worker.py:115] Sleep mode freed 9.25 GiB memory, 7.50 GiB memory is still in use.\nCUDA Error: out of memory at /workspace/csrc/cumem_allocator.cpp:62\n';
  expect(closing(text)).toMatch(
    /While the inference engine slept, 7\.50 GiB of the device was still in use\./,
  );
});

test('of what TensorFlow’s allocator prints bold watch has the limit too', () => {
  expect(
    closing(others['TensorFlow’s own figures, printed bold']!.text.replace(' and type float', '')),
  ).toMatch(/may use 11\.22 GiB/);
});
