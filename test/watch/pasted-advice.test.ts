/** Advice that the text’s own evidence forbids, beside texts that look alike and have it. Values invented. */
import { expect, test } from 'vitest';
import { expectAnswer, type Pasted } from './pasted.ts';

const WHO = 'who else holds memory';
const torch = (tried: string, free: string, process: string, held: string, total = '79.15 GiB') =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${tried}. GPU 0 has a total capacity of ${total} of which ${free} is free.${process === '' ? '' : ` Including non-PyTorch memory, this process has ${process} memory in use.`} Of the allocated memory ${held} is allocated by PyTorch, and 90.00 MiB is reserved by PyTorch but unallocated.\n`;
const cublas = 'RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`\n';
const tensor = (type: string) =>
  `ResourceExhaustedError: OOM when allocating tensor with shape[4096,512,9] and type ${type} on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc\n`;
const array = (type: string, size: string) =>
  `numpy.core._exceptions._ArrayMemoryError: Unable to allocate ${size} for an array with shape (400, 1440, 2560, 3) and data type ${type}\n`;
const evaluated = (file: string) =>
  `Traceback (most recent call last):\n  File "/w/run_qa.py", line 9, in main\n    metrics = trainer.evaluate()\n  File "${file}", line 2515, in evaluation_loop\n    preds = torch.cat((preds, logits))\nRuntimeError: CUDA out of memory. Tried to allocate 3.40 GiB (GPU 0; 15.90 GiB total capacity; 8.30 GiB already allocated; 2.40 GiB free; 12.10 GiB reserved in total by PyTorch)\n`;
const ggml = (mib: number) =>
  `ggml_backend_cuda_buffer_type_alloc_buffer: allocating ${mib}.00 MiB on device 0: cudaMalloc failed: out of memory\nggml_gallocr_reserve_n: failed to allocate CUDA0 buffer of size ${mib * 2 ** 20}\nllama_new_context_with_model: failed to allocate compute buffers\n`;
const startup = (free: string) =>
  `ValueError: Free memory on device (${free}/139.72 GiB) on startup is less than desired GPU memory utilization (0.9, 125.75 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.\n`;
const torque = (mem: number, vmem: number) =>
  `PBS Job Id: 712\nAborted by PBS Server\nJob exceeded a memory resource limit (vmem, pvmem, etc.). Job was aborted\nresources_used.vmem=${vmem}kb\nresources_used.mem=${mem}kb\nreq_information.total_swap.0=209715200kb\n`;
const watchdog = (group: string) =>
  [1, 2]
    .map(
      rank =>
        `[rank${rank}]:[E302 10:00:00.1 ProcessGroupNCCL.cpp:616] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=44, OpType=ALLTOALL, NumelIn=4, NumelOut=4, Timeout(ms)=600000) ran for 600013 milliseconds before timing out.\n[rank${rank}]:[E302 10:00:00.2 ProcessGroupNCCL.cpp:1785] [PG ID ${group} Rank ${rank}] Exception (either an error or timeout) detected by watchdog at work: 44, last enqueued NCCL work: 46, last completed NCCL work: 43.\n`,
    )
    .join('');

const rows: Record<string, Pasted> = {
  'figures that account for the device': {
    text: torch('40.00 GiB', '12.00 GiB', '67.10 GiB', '66.60 GiB'),
    says: ['40.00 GiB'],
    never: [WHO],
  },
  'the same without the process’s own figure': {
    text: torch('40.00 GiB', '12.00 GiB', '', '66.60 GiB'),
    says: ['40.00 GiB'],
    never: [WHO],
  },
  'more that is nobody’s in the text': {
    text: torch('40.00 GiB', '12.00 GiB', '', '65.80 GiB'),
    says: [WHO],
  },
  'cuBLAS, with no engine anywhere': { text: cublas, says: [/below 1\./], never: ['inference engine'] },
  'cuBLAS, beside an engine’s share': {
    text: `gpu_memory_utilization=0.6\n${cublas}`,
    says: ['a smaller share for the inference engine'],
  },
  'a tensor of TensorFlow’s in a prediction': {
    text: `  File "predict.py", line 5, in <module>\n${tensor('int32')}`,
    says: ['shape [4096,512,9], int32', 'smaller inputs'],
    never: ['mixed precision'],
  },
  'a tensor of TensorFlow’s in a training': {
    text: `  File "train.py", line 5, in train\n${tensor('float')}`,
    says: ['shape [4096,512,9], float', 'mixed precision'],
  },
  'an array of bytes': { text: array('uint8', '4.12 GiB'), says: ['pieces'], never: ['narrower type'] },
  'an array of float32': {
    text: array('float32', '16.5 GiB'),
    says: ['float16, uint8'],
    never: ['(float32'],
  },
  'an array of float64': { text: array('float64', '33.0 GiB'), says: ['float32, uint8'] },
  'an evaluation of transformers’ Trainer, in pieces': {
    text: evaluated('/env/lib/python3.9/site-packages/transformers/trainer.py'),
    says: ['eval_accumulation_steps'],
    never: ['no_grad'],
  },
  'an evaluation of another loop': {
    text: evaluated('/w/loop.py'),
    says: ['no_grad'],
    never: ['eval_accumulation_steps'],
  },
  'a compute buffer that no device has': {
    text: ggml(279_000),
    says: ['No device has room', '-ub'],
    never: ['fewer layers'],
  },
  'a compute buffer that a device could have': {
    text: ggml(9866),
    says: ['fewer layers', '-ub'],
    never: ['No device has room'],
  },
  'an engine, where next to nothing is free': {
    text: startup('7.34'),
    says: ['too little for any engine'],
    never: ['gpu_memory_utilization below'],
  },
  'an engine, where half is free': { text: startup('70.00'), says: ['gpu_memory_utilization below 0.5'] },
  'Torque’s mail, of addresses': {
    text: torque(37_296_368, 286_793_240),
    says: ['address space (vmem), 273.51 GiB, of which it may have 200.00 GiB'],
    never: ['Where it was the address space'],
  },
  'Torque’s mail, where either may be': {
    text: torque(217_296_368, 286_793_240),
    says: ['Where it was the address space'],
  },
  'a hang in a group that need not have all ranks': {
    text: watchdog('2 PG GUID 9'),
    says: ['where they are of the same group (2/9)'],
  },
  'a hang in the group of all ranks': {
    text: watchdog('0 PG GUID 0(default_pg)'),
    says: ['rank 0 has no line: look there first'],
    never: ['of the same group'],
  },
  'an optimizer’s step': {
    text: `Traceback (most recent call last):\n  File "/w/train.py", line 9, in train\n  File "/env/lib/python3.10/site-packages/torch/optim/adamw.py", line 606, in _multi_tensor_adamw\n${torch('130.00 MiB', '80.00 MiB', '79.00 GiB', '78.50 GiB')}`,
    says: ['in the optimizer’s step', '8 bits'],
    never: ['smaller microbatches'],
  },
  'an optimizer’s step that calls the model again': {
    text: `Traceback (most recent call last):\n  File "/w/train.py", line 9, in train\n  File "/env/lib/python3.10/site-packages/torch/optim/adamw.py", line 200, in step\n  File "/w/train.py", line 30, in closure\n  File "/w/model.py", line 4, in forward\n${torch('130.00 MiB', '80.00 MiB', '79.00 GiB', '78.50 GiB')}`,
    says: ['smaller microbatches'],
    never: ['in the optimizer’s step'],
  },
  'the scheduler of a rate is no optimizer’s step': {
    text: `Traceback (most recent call last):\n  File "/w/train.py", line 9, in train\n  File "/env/lib/python3.10/site-packages/torch/optim/lr_scheduler.py", line 68, in wrapper\n${torch('130.00 MiB', '80.00 MiB', '79.00 GiB', '78.50 GiB')}`,
    says: ['smaller microbatches'],
    never: ['in the optimizer’s step'],
  },
  'weights that are loaded, in pieces': {
    text: `Traceback (most recent call last):\n  File "/w/demo.py", line 3, in main\n  File "/env/lib/python3.10/site-packages/torch/nn/modules/module.py", line 987, in convert\n${torch('600.00 MiB', '0 bytes', '', '6.50 GiB', '8.00 GiB').replace('90.00 MiB', '900.00 MiB')}`,
    says: ['pieces', 'Load fewer'],
    never: ['pad or bucket'],
  },
  'a kill of a server': {
    text: '[ 70.2] Memory cgroup out of memory: Killed process 632 (uwsgi) total-vm:3149468kB, anon-rss:164992kB, file-rss:52176kB, shmem-rss:92kB, UID:0\n',
    says: ['Let uwsgi hold less'],
    never: ['DataLoader'],
  },
  'a kill of Python': {
    text: '[ 70.2] Memory cgroup out of memory: Killed process 632 (python3.10) total-vm:3149468kB, anon-rss:164992kB, file-rss:52176kB, shmem-rss:92kB, UID:0\n',
    says: ['DataLoader'],
    never: ['hold less, or'],
  },
  'a kill of an engine’s worker by Ray': {
    text: 'Memory on the node (IP: 10.0.0.2, ID: 7a) where the task (actor ID: 0d, name=RayWorkerVllm.__init__, pid=308, memory used=11.15GB) was running was 12.49GB / 13.15GB (0.950003), which exceeds the memory usage threshold of 0.95. Ray killed this worker (ID: 79) because it was the most recently scheduled task\n',
    says: ['--swap-space'],
    never: ['DataLoader'],
  },
  'the driver’s refusal, of a PyTorch that is recent': {
    text: 'AcceleratorError: CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.\n',
    says: ['CUDA driver'],
    never: ['before 1.1'],
  },
  'the driver’s refusal, of one whose age is not known': {
    text: 'RuntimeError: CUDA error: out of memory\n',
    says: ['before 1.1'],
  },
  'XLA’s warning alone': {
    text: "2024-02-19 15:14:56.8: W external/xla/xla/service/hlo_rematerialization.cc:2941] Can't reduce memory use below -30.29GiB (-32529110990 bytes) by rematerialization; only reduced to 49.62GiB (53280000080 bytes), down from 49.62GiB (53280000080 bytes) originally\n",
    says: ['less than 49.62GiB', 'It is a warning', '30.29GiB more'],
  },
  'a size that cannot be': {
    text: 'bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t) Failed to allocate memory for requested buffer of size 4585490524328388608\n',
    says: ['4585490524328388608 bytes'],
  },
};

test.each(Object.entries(rows))('%s', (_, row) => {
  const { evidence } = expectAnswer(row);
  // A figure that is not used is one all the same.
  if (evidence.some(says => says.includes('is impossible')))
    expect(evidence).not.toContain('The error itself has no figures.');
});
