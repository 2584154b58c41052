/** Errors and hosts’ lines of which each figure counts, and of which no more is known than they have. Shapes as programs print them, values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';

const SLICE =
  'CUDA out of memory. Tried to allocate 448.00 MiB. GPU 0 has a total capacty of 15.77 GiB of which 201.06 MiB is free.';
const COMFY = (limit: string) =>
  `**CheckpointLoaderSimple\nAllocation on device 0 would exceed allowed memory. (out of memory)\nCurrently allocated : 4.91 GiB\nRequested : 10.00 MiB\nDevice limit : 11.00 GiB\nFree (according to CUDA): 4.50 GiB\nPyTorch limit (set by user-supplied memory fraction)\n: ${limit}**\n`;
const xid = (gpu: string, number: string) => `kernel: NVRM: Xid (PCI:0000:${gpu}:00): ${number}\n`;
const STDIN = 'Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n';

const rows: Record<string, Pasted> = {
  'this process under another number, in a container': {
    text: `torch.cuda.OutOfMemoryError: ${SLICE} Process 30511 has 15.55 GiB memory in use. Of the allocated memory 15.02 GiB is allocated by PyTorch, and 188.42 MiB is reserved by PyTorch but unallocated.\n`,
    says: ['cuda:0 is full', 'Process 30511 has 15.55 GiB: by its size this process itself'],
    never: [/Other processes/],
  },
  'another process beside it': {
    text: `torch.cuda.OutOfMemoryError: ${SLICE} Process 30511 has 9.55 GiB memory in use. Including non-PyTorch memory, this process has 6.01 GiB memory in use. Of the allocated memory 5.52 GiB is allocated by PyTorch, and 88.42 MiB is reserved by PyTorch but unallocated.\n`,
    says: ['process 30511 has 9.55 GiB'],
    never: [/by its size this process/],
  },
  'a refusal with room, where PyTorch has no limit': {
    text: COMFY('17179869184.00 GiB'),
    says: ['10.00 MiB was refused though 4.50 GiB of cuda:0 is free', 'has no limit set', 'page file larger'],
    never: [/limit on the process|set_per_process_memory_fraction/],
  },
  'the same with a limit': {
    text: COMFY('8.80 GiB'),
    says: [
      'refused though 4.50 GiB of cuda:0 is free: a limit on the process',
      'set_per_process_memory_fraction',
    ],
    never: [/no limit set/],
  },
  'a refusal with room by HIP': {
    text: 'torch.OutOfMemoryError: HIP out of memory. Tried to allocate 28.00 MiB. GPU 0 has a total capacity of 15.92 GiB of which 12.60 GiB is free. Of the allocated memory 2.72 GiB is allocated by PyTorch, and 18.98 MiB is reserved by PyTorch but unallocated.\n',
    says: ['or a refusal of the driver’s own', 'another version of ROCm'],
  },
  'a rounded figure of Ollama’s': {
    text: 'Error: model requires more system memory (61.3 GiB) than is available (14.2 GiB)\n',
    says: ['61.30 GiB was asked for, and 14.20 GiB was available'],
    never: [/\d bytes/],
  },
  'bytes that the text has': {
    text: "RuntimeError: [enforce fail at alloc_cpu.cpp:117] data. DefaultCPUAllocator: can't allocate memory: you tried to allocate 3206291456 bytes.\n",
    says: ['(3206291456 bytes)'],
  },
  'a limit of LSF’s, with what was asked for': {
    text: 'TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.\nExited with exit code 130.\n\n    Max Memory :                                 40960 MB\n    Total Requested Memory :                     32768.00 MB\n',
    says: ['LSF: bsub -M', 'It used 40.00 GiB at the most, and 32.00 GiB was asked for'],
    never: [/Slurm|Kubernetes/],
  },
  'a step of Slurm’s': {
    text: 'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=7.0. Some of your processes may have been killed by the cgroup out-of-memory handler.\n',
    says: ['Slurm: --mem, or --mem-per-cpu'],
    never: [/Kubernetes|LSF/],
  },
  'a limit of addresses, in bytes': {
    text: '=>> PBS: job killed: vmem 5368709120 exceeded limit 2147483648\n',
    says: ['for its address space (vmem), 5.00 GiB, of which it may have 2.00 GiB', 'pvmem'],
  },
  'a limit of memory over a job': {
    text: 'worker.o18:=>> PBS: job killed: mem job total 73400320 kb exceeded limit 67108864 kb\n',
    says: ['lack of host memory', '70.00 GiB of 64.00 GiB', 'PBS: -l mem'],
    never: [/address space/],
  },
  'Torque’s mail with its figures': {
    text: 'Aborted by PBS Server\nJob exceeded a memory resource limit (vmem, pvmem, etc.). Job was aborted\nExit_status=-10\nresources_used.vmem=282066944kb\nresources_used.mem=33554432kb\n',
    says: [
      'It held 32.00 GiB',
      'address space (vmem), filled or not: 269.00 GiB',
      'Where it was the address space',
    ],
  },
  'a worker of Ray’s, without figures': {
    text: '(raylet) node_manager.cc:3069: 1 Workers (tasks / actors) killed due to memory pressure (OOM), 0 Workers crashed due to other reasons at node (ID: 35ab, IP: 10.0.0.7) over the last time period.\n',
    says: ['Ray killed a worker for lack of host memory', 'Run fewer tasks at once'],
    never: [/not a container’s limit/],
  },
  'several workers of Ray’s': {
    text: '(raylet) node_manager.cc:3084: 4 Workers (tasks / actors) killed due to memory pressure (OOM), 0 Workers crashed due to other reasons at node (ID: 35ab, IP: 10.0.0.7) over the last time period.\n',
    says: ['Ray killed 4 workers'],
  },
  'a task of Flyte’s, its code in brackets': {
    text: '[1/1] currentAttempt done. Last Error: USER::Pod failed. No message received from kubernetes.\n[f81-n0-0] terminated with exit code (137). Reason [Error]. Message: \n.\n',
    says: ['SIGKILL', 'the host’s memory, not the GPU’s'],
  },
  'faults of several GPUs': {
    text: `${xid('dc', '45, pid=18, name=python3, Ch 00000001 caused by previous Xid 149')}${xid('ed', '45, pid=19, name=python3, Ch 0000000c caused by previous Xid 145')}${xid('ba', '45, pid=20, name=python3, Ch 00000002 caused by previous Xid 145')}`,
    says: ['faults of 3 GPUs', '0000:dc:00 (Xid 149: NVLink); 0000:ed:00, 0000:ba:00 (Xid 145: NVLink)'],
  },
  'one fault of each of two GPUs': {
    text: xid('1a', '94, pid=7, Contained ECC error') + xid('3b', '94, pid=7, Contained ECC error'),
    says: ['faults of 2 GPUs', '0000:1a:00, 0000:3b:00 (Xid 94'],
  },
  'faults of one GPU, one after another': {
    text: xid('0a', '31, pid=13, name=py, Ch 00000010') + xid('0a', "62, pid='<unknown>', 2023b230"),
    says: ['reports faults of the GPU 0000:0a:00 (Xid 31: ', '; Xid 62: '],
    never: [/GPUs, no/],
  },
  'a fault whose line is long, and one behind it': {
    text:
      xid(
        '0a',
        '31, pid=13332, name=fit, Ch 00000010, intr 00000000. MMU Fault: ENGINE CE2 HUBCLIENT_CE0 faulted @ 0x7f29_5b8c9000. Fault is of type FAULT_PRIV_VIOLATION ACCESS_TYPE_VIRT_READ',
      ) + xid('0a', "62, pid='<unknown>', 2023b230"),
    says: ['(Xid 31: ', '; Xid 62: '],
  },
  'a task that Ray 2.0 ended': {
    text: '(raylet) node_manager.cc:2963: System memory low at node with IP 172.17.0.2. Used memory (20.50GB) / total capacity (32.00GB) (0.640625) exceeds threshold 0.6, killing latest task with name actor:Fit.__init__ and actor ID dc0d to avoid running out of memory.\n',
    says: ['20.50 GiB of the node’s 32.00 GiB', 'threshold of 0.6', 'RAY_memory_usage_threshold'],
  },
  'a table of the allocator that is cut': {
    text: '|                  PyTorch CUDA memory summary, device ID 0                 |\n|            CUDA OOMs: 1            |        cudaMalloc retries: 1         |\n| Allocated memory      |    1024 MB |    4096 MB |   89299 MB |   88237 MB |\n| Active memory         |    1024 MB |    4096 MB |   89299 MB |   88237 MB |\n| GPU reserved memory   |   12288 MB |   12288 MB |   16924 MB |    4504 MB |\n',
    says: ['expandable_segments', 'in no tensor'],
    never: [/smaller microbatches/],
  },
  'the same, in use': {
    text: '|                  PyTorch CUDA memory summary, device ID 0                 |\n|            CUDA OOMs: 1            |        cudaMalloc retries: 1         |\n| Allocated memory      |   12000 MB |   12100 MB |   89299 MB |   88237 MB |\n| Active memory         |   12000 MB |   12100 MB |   89299 MB |   88237 MB |\n| GPU reserved memory   |   12288 MB |   12288 MB |   16924 MB |    4504 MB |\n',
    says: ['smaller microbatches'],
    never: [/expandable_segments/],
  },
  'rows of an estimate that differ for the host alone': {
    text: "HW: Setup with 1 node, 4 GPUs per node.\nSW: Model with 1500M total params, 32M largest layer params.\n  per CPU  |  per GPU |   Options\n   37.71GB |   0.12GB | {'offload_param': {'device': 'cpu'}, 'offload_optimizer': {'device': 'cpu'}}, zero_init=1\n   67.48GB |   0.12GB | {'offload_param': {'device': 'cpu'}, 'offload_optimizer': {'device': 'cpu'}}, zero_init=0\n",
    says: [
      '0.12 GB of each GPU in each of these rows',
      '37.71 GB (offload_param=cpu',
      'to 67.48 GB of the host',
    ],
    never: [/with the (?:least|most)/],
  },
  'the same fault twice': {
    text: xid('0a', '31, pid=13, name=py, Ch 00000010') + xid('0a', '31, pid=14, name=py, Ch 00000011'),
    says: ['reports a fault of the GPU 0000:0a:00 (Xid 31'],
    never: [/faults/],
  },
  'one refusal after another at Python’s prompt': {
    text: `>>> x = torch.rand(40000, 40000, device='xpu')\n${STDIN}RuntimeError: Current platform can NOT allocate memory block with size larger than 4GB! Tried to allocate 5.96 GiB (GPU  0; 15.56 GiB total capacity; 0 bytes already allocated; 0 bytes reserved in total by PyTorch)\n>>> x = torch.rand(40000, 9000, device='xpu')\n${STDIN}RuntimeError: XPU out of memory. Tried to allocate 1.34 GiB (GPU 0; 15.56 GiB total capacity; 160.00 MiB already allocated; 160.00 MiB reserved in total by PyTorch)\n`,
    says: ['1.34 GiB was refused'],
    never: [/hands out no more than 4 GB/],
  },
  'slots of SGLang’s scheduler, with their numbers': {
    text: 'RuntimeError: alloc_req_slots runs out of memory. Please set a smaller number for `--max-running-requests`. self.req_to_token_pool.available_size()=3, num_reqs=8,\n',
    says: ['has 3 slots left, and 8 were asked for', 'Send fewer requests at once'],
  },
  'a tensor of TensorFlow’s beside its pool of the GPU': {
    text: '2018-05-10 09:14:16.5: W tensorflow/core/framework/op_kernel.cc:1192] Resource exhausted: OOM when allocating tensor with shape[96008,400]\n2018-05-10 09:14:16.6: W tensorflow/core/common_runtime/bfc_allocator.cc:217] Allocator (GPU_0_bfc) ran out of memory trying to allocate 64.60MiB. The caller indicates that this is not a failure, but may mean that there could be performance gains if more memory is available.\n',
    says: ['a tensor of shape [96008,400] was refused'],
    never: [/does not say whether/],
  },
  'the same tensor alone': {
    text: 'ResourceExhaustedError: OOM when allocating tensor with shape[96008,400]\n',
    says: ['does not say whether it was the GPU’s memory or the host’s'],
  },
  'an exception of a program in Java': {
    text: 'Exception in thread "main" jcuda.CudaException: CUDA_ERROR_OUT_OF_MEMORY\n\tat jcuda.driver.JCudaDriver.checkResult(JCudaDriver.java:330)\n\tat org.w.Fit.main(Fit.java:88)\n',
    says: ['Out of memory at the CUDA driver', 'collector of Java'],
    never: [/PyTorch|set_per_process/],
  },
  'a list of what was met': {
    text: 'Notes of the run:\n\n * CUDA out of memory\n * slow to load\n',
    says: ['Out of GPU memory'],
  },
  'a comment that goes on': {
    text: ' * CUDA out of memory is caught here, and the batch is halved\n',
    says: ['mentions an error of memory'],
  },
  'a process that gpustat cannot name': {
    text: '[0] NVIDIA A40 | 61C,  98 % | 44310 / 46068 MB | ann(41022M) (null)(3120M)\n',
    says: ['96.2%', '(null)(3120M)', 'that gpustat cannot name'],
  },
  'MuJoCo Warp’s buffers': {
    text: 'nefc overflow - please increase njmax to 504\nnefc overflow - please increase njmax to 512\n',
    says: ['No shortage of memory', 'njmax to 504'],
  },
};

for (const [name, pasted] of Object.entries(rows)) test(name, () => void expectAnswer(pasted));

test('where more causes are possible, none of them is likely', () => {
  const answer = explainText(COMFY('17179869184.00 GiB'), 'pasted', 2e12)!;
  expect(answer.confidence).toBe('possible');
});

test('another error behind a refusal at Python’s prompt', () => {
  const answer = explainText(
    `${STDIN}RuntimeError: XPU out of memory. Tried to allocate 1.34 GiB (GPU 0; 15.56 GiB total capacity; 160.00 MiB already allocated; 160.00 MiB reserved in total by PyTorch)\n>>> y\n${STDIN}NameError: name 'y' is not defined\n`,
    'pasted',
    2e12,
  )!;
  expect(answer.says).toContain('1.34 GiB was refused');
});

test('the allocator’s table behind an error', () => {
  const answer = explainText(
    'RuntimeError: CUDA out of memory. Tried to allocate 212.00 MiB (GPU 0; 31.75 GiB total capacity; 25.00 GiB already allocated; 40.38 MiB free; 30.88 GiB reserved in total by PyTorch)\n|===========================================================================|\n|                  PyTorch CUDA memory summary, device ID 0                 |\n|---------------------------------------------------------------------------|\n|            CUDA OOMs: 2            |        cudaMalloc retries: 5         |\n|===========================================================================|\n|        Metric         | Cur Usage  | Peak Usage | Tot Alloc  | Tot Freed  |\n|---------------------------------------------------------------------------|\n| Allocated memory      |   25600 MB |   26624 MB |  767743 GB |  767717 GB |\n',
    'pasted',
    2e12,
  )!;
  const evidence = answer.evidence.join('\n');
  for (const words of ['asked 212.00 MiB', '2 out-of-memory errors', '5 requests', '26.0 GiB at the peak'])
    expect(evidence).toContain(words);
});
