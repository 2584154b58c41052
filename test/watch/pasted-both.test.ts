/** Errors and endings whose answer has to be the same of a pasted text and of a run: `explain` of the text, and the report of what `watch` read. Values invented. */
import { expect, test } from 'vitest';
import { expectAnswer, type Pasted, watchedTruly } from './pasted.ts';

interface Row extends Pasted {
  /** Words of the report’s explanation or verdict, where they are others than those of the answer. */
  report?: (string | RegExp)[];
  neverInReport?: (string | RegExp)[];
}

const slurm = (what: string, because: string) =>
  `slurmstepd: error: *** ${what} ON node07 CANCELLED AT 2025-03-02T10:00:00${because} ***`;
const watchdog = (
  rank: number,
  inner: number,
  work: number,
  operation: string,
  group = '0 PG GUID 0(default_pg)',
) =>
  [
    `[rank${rank}]:[E302 10:00:00.100000000 ProcessGroupNCCL.cpp:616] [Rank ${inner}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=${work}, OpType=${operation}, NumelIn=64, NumelOut=64, Timeout(ms)=600000) ran for 600021 milliseconds before timing out.`,
    `[rank${rank}]:[E302 10:00:00.200000000 ProcessGroupNCCL.cpp:1785] [PG ID ${group} Rank ${inner}] Exception (either an error or timeout) detected by watchdog at work: ${work}, last enqueued NCCL work: ${work}, last completed NCCL work: ${work - 1}.`,
  ].join('\n');
const process = (pid: number, mib: number) =>
  `|    0   N/A  N/A   ${pid}      C   python3                            ${mib}MiB |`;
const refused = (bytes: number) =>
  `PxgCudaDeviceMemoryAllocator fail to allocate memory ${bytes} bytes!! Result = 2`;
const xla = (bytes: number) =>
  `jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate ${bytes} bytes.`;
const plan = (total: string) =>
  `BufferAssignment OOM Debugging.\nBufferAssignment stats:\n             parameter allocation:    4.00MiB\n              constant allocation:         0B\n        maybe_live_out allocation:    4.00MiB\n     preallocated temp allocation:         0B\n                 total allocation:   ${total}\n`;
const slept = (freed: string, rest: string) =>
  `INFO 03-02 10:00:00 worker.py:133] Sleep mode freed ${freed} GiB memory, ${rest} GiB memory is still in use.`;

const rows: Record<string, Row> = {
  'a job that was preempted after its step was cancelled': {
    text: `${slurm('STEP 71.0', '')}\n${slurm('JOB 71', ' DUE TO PREEMPTION')}\n`,
    says: ['preempted the job for another', 'Memory had no part'],
    never: ['by a person'],
  },
  'a job at its time limit after its step was cancelled': {
    text: `${slurm('STEP 71.0', '')}\n${slurm('JOB 71', ' DUE TO TIME LIMIT')}\n`,
    says: ['at its time limit'],
    never: ['by a person'],
  },
  'a step that was cancelled, and nothing else': {
    text: `${slurm('STEP 71.0', '')}\nsrun: error: node07: task 0: Terminated\n`,
    says: ['by a person, an administrator'],
    never: ['preempted', 'time limit'],
  },
  'ranks in different operations': {
    text: `${watchdog(2, 2, 81, 'BROADCAST')}\n${watchdog(0, 0, 81, 'ALLREDUCE')}\n`,
    says: ['rank 2 in BROADCAST, rank 0 in ALLREDUCE', 'fallen out of step', 'different ways in the code'],
  },
  'ranks in one operation': {
    text: `${watchdog(1, 1, 81, 'ALLREDUCE')}\n${watchdog(0, 0, 81, 'ALLREDUCE')}\n`,
    says: ['none of these is behind'],
    never: ['out of step', 'groups of ranks'],
  },
  'ranks of two groups, each with its own number within': {
    text: `${watchdog(13, 1, 216, 'ALLTOALL_BASE', '11 PG GUID 119')}\n${watchdog(15, 0, 57, 'ALLREDUCE', '11 PG GUID 112')}\n`,
    says: ['rank 13 of 11/119, rank 15 of 11/112', 'ranks 13, 15 waited'],
    never: ['the suspect', 'out of step'],
  },
  'a rank behind the others of its group': {
    text: `${watchdog(0, 0, 90, 'ALLREDUCE')}\n${watchdog(1, 1, 84, 'ALLREDUCE')}\n`,
    says: ['Behind the others: rank 1, last completed 83: the suspect'],
    never: ['groups of ranks'],
  },
  'rows of processes whose first has lost its bar': {
    text: `${process(7001, 21000).slice(1)}\n${[7002, 7003, 7004].map(pid => process(pid, 512)).join('\n')}\n`,
    says: ['3 processes hold 512 MiB each beside one of 21000 MiB', 'Pin each rank'],
  },
  'parts of a GPU, without the head of their table': {
    text: '| GPU  GI  CI  MIG |         Memory-Usage |        Vol|         Shared        |\n|==================+======================+===========+=======================|\n|  0    3   0   0  |  18900MiB / 19968MiB | 28      0 |  2   0    1    0    0 |\n|                  |      4MiB / 32767MiB |           |                       |\n|  0    5   0   1  |   2100MiB / 19968MiB | 28      0 |  2   0    1    0    0 |\n',
    says: ['18900 of 19968 MiB', '2100 of 19968 MiB'],
    report: ['MIG 0 of GPU 0', '18.5 GiB of 19.5 GiB'],
  },
  'an allocator of the simulator that was refused again and again': {
    text: `${refused(67108864)}\n${refused(67108864)}\n${refused(67108864)}\n`,
    says: ['64.00 MiB was refused', 'refused 3 times'],
    never: ['error 700 is'],
  },
  'an allocator of the simulator that was refused once': {
    text: `${refused(67108864)}\n`,
    says: ['64.00 MiB was refused'],
    never: ['refused 1 time'],
  },
  'a small program of XLA’s on a full device': {
    text: `${xla(4194304)}\n${plan('8.00MiB')}`,
    says: ['needs no more than 8.00MiB', 'what fills the device is something else', 'PREALLOCATE=false'],
    never: ['smaller batch'],
  },
  'a large program of XLA’s': {
    text: `${xla(8589934592)}\n${plan('11.50GiB')}`,
    says: ['11.50GiB in all', 'smaller batch'],
    never: ['something else'],
  },
  'a program that XLA could make no smaller': {
    text: `2025-03-02 10:00:00.1: W external/xla/xla/service/hlo_rematerialization.cc:2941] Can't reduce memory use below -3.00GiB (-3221225472 bytes) by rematerialization; only reduced to 40.00GiB (42949672960 bytes), down from 40.00GiB (42949672960 bytes) originally\n${xla(42949672960)}\n`,
    says: ['40.00GiB is the least that XLA could make of it', 'Make the program smaller'],
    never: ['takes 75%'],
  },
  'a request that is a part of what XLA could make no smaller': {
    text: `2025-03-02 10:00:00.1: W external/xla/xla/service/hlo_rematerialization.cc:2941] Can't reduce memory use below -3.00GiB (-3221225472 bytes) by rematerialization; only reduced to 40.00GiB (42949672960 bytes), down from 40.00GiB (42949672960 bytes) originally\n${xla(1073741824)}\n`,
    says: ['less than 40.00GiB'],
    never: ['itself needs that much'],
  },
  'a TPU’s memory in pieces': {
    text: 'RuntimeError: RESOURCE_EXHAUSTED: Attempting to allocate 40.00M. That was not possible. There are 70.00M free. Due to fragmentation, the largest contiguous region of free memory is 38.50M.; (0x0x0_HBM0)\n',
    says: ['it is in pieces', 'The largest piece that is free: 38.50MiB'],
  },
  'a kernel of XLA’s that the driver had no memory for': {
    text: 'RuntimeError: INTERNAL: Failed to launch CUDA kernel: fusion_7 with block dimensions: 256x1x1 and grid dimensions: 4x1x1: CUDA_ERROR_OUT_OF_MEMORY: out of memory\n',
    says: ['beside XLA’s own pool', 'XLA_PYTHON_CLIENT_MEM_FRACTION'],
    never: ['PyTorch', 'set_per_process'],
  },
  'NCCL within XLA': {
    text: "NCCL operation ncclCommInitRank(&comm, nranks, id, rank) failed: unhandled cuda error (run with NCCL_DEBUG=INFO for details). Last NCCL warning(error) log entry (may be unrelated) 'Cuda failure 2 'out of memory''.; current profiling annotation: XlaModule:#hlo_module=jit_step,program_id=5#.\n",
    says: ['outside XLA’s pool: NCCL', 'XLA_PYTHON_CLIENT_MEM_FRACTION'],
    never: ['set_per_process', 'activation checkpointing'],
  },
  'NCCL’s own lines': {
    text: "node07:3001:3050 [2] include/alloc.h:178 NCCL WARN Cuda failure 'out of memory'\n\nnode07:3001:3050 [2] include/alloc.h:185 NCCL WARN Failed to CUDA calloc 4194304 bytes\nnode07:3001:3050 [2] NCCL INFO transport/p2p.cc:204 -> 1\n",
    says: ['NCCL asked cuda:2 for 4.00 MiB'],
    never: ['XLA'],
    neverInReport: ['node07\\.'],
  },
  'an engine’s sleep that freed nothing': {
    text: `${slept('0.00', '61.20')}\n${slept('0.00', '61.20')}\n`,
    says: ['freed nothing', '61.20 GiB', 'expandable_segments', 'enable_sleep_mode'],
    never: ['is what grew'],
  },
  'an engine’s sleep that freed its cache': {
    text: `${slept('40.10', '6.20')}\n${slept('40.10', '6.20')}\n`,
    says: ['6.20 GiB', 'did not grow'],
    never: ['freed nothing'],
  },
  'Metal’s limit, most of it outside PyTorch': {
    text: 'RuntimeError: MPS backend out of memory (MPS allocated: 6.50 GiB, other allocations: 11.20 GiB, max allowed: 18.00 GiB). Tried to allocate 512.00 MiB on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for memory allocations (may cause system failure).\n',
    says: ['may use 18.00 GiB', 'Make each pass smaller', 'torch.mps.empty_cache()'],
    never: ['torch.cuda'],
  },
  'an engine that finds next to nothing free': {
    text: 'ValueError: Free memory on device (0.80/79.10 GiB) on startup is less than desired GPU memory utilization (0.7, 55.37 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.\n',
    says: ['too little for any engine'],
    never: ['below 0'],
  },
  'an engine that finds half of it free': {
    text: 'ValueError: Free memory on device (40.10/79.10 GiB) on startup is less than desired GPU memory utilization (0.9, 71.19 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.\n',
    says: ['gpu_memory_utilization below 0.5'],
  },
  'MuJoCo’s own data': {
    text: '  File "/w/env.py", line 45, in __init__\n    self.data = mujoco.MjData(model)\nmujoco.FatalError: Could not allocate memory\n',
    says: ['Out of the host’s memory'],
    never: ['Not about memory'],
  },
  'an illegal address in the simulator, met by PyTorch': {
    text: '/build/source/physx/src/NpScene.cpp (3509) : internal error : PhysX Internal CUDA error. Simulation can not continue!\n\n[Error] [carb.gym.plugin] Gym cuda error: an illegal memory access was encountered: ../Gym/GymPhysX.cpp: 3480\nTraceback (most recent call last):\n  File "/w/play.py", line 42, in <module>\n    envs.step(actions)\nRuntimeError: CUDA error: an illegal memory access was encountered\n',
    says: ['a kernel of the simulator (PhysX)', 'the simulator’s buffers'],
    never: ['CUDA_LAUNCH_BLOCKING'],
  },
  'an illegal address, and no simulator': {
    text: 'Traceback (most recent call last):\n  File "/w/train.py", line 42, in <module>\n    loss.backward()\nRuntimeError: CUDA error: an illegal memory access was encountered\n',
    says: ['a kernel read or wrote an address that is not its own'],
    never: ['PhysX'],
  },
  'a launch that has no registers': {
    text: 'RuntimeError: CUDA error: too many resources requested for launch\n',
    says: ['more registers', 'fewer threads in a block'],
    never: ['num_stages'],
  },
  'a task of Ray’s whose error is cut off': {
    text: '(Runner pid=11) Unhandled error (suppress with \'RAY_IGNORE_UNHANDLED_ERRORS=1\'): ray::Worker.update_actor() (pid=12, ip=10.0.0.7, actor_id=ee9c)\n(Runner pid=11)   File "/w/verl/workers/fsdp_workers.py", line 504, in update_actor\n(Runner pid=11)     metrics = self.actor.update_policy(data=data)\n',
    says: ['ends within a traceback', 'line 504, in update_actor'],
  },
  'requests that fairseq skipped, of a PyTorch that says “cached”': {
    text: '| WARNING: ran out of memory with exception: CUDA out of memory. Tried to allocate 1.40 GiB (GPU 0; 15.75 GiB total capacity; 11.90 GiB already allocated; 500.00 MiB free; 2.30 GiB cached);\n Skipping batch\n| WARNING: ran out of memory with exception: CUDA out of memory. Tried to allocate 1.50 GiB (GPU 0; 15.75 GiB total capacity; 11.80 GiB already allocated; 500.00 MiB free; 2.40 GiB cached);\n Skipping batch\n',
    says: ['2 requests of memory were refused', 'Update PyTorch'],
    never: [/^Set PYTORCH_ALLOC_CONF/m],
    report: ['refused memory 2 times, and the program went on'],
  },
};

test.each(Object.entries(rows))('%s', (_, { report: words, neverInReport = [], ...pasted }) => {
  expectAnswer(pasted);
  const { report } = watchedTruly(...pasted.text.trimEnd().split('\n'));
  const finding = report.explanation ?? report.devices[0]?.findings[0] ?? null;
  const whole = [
    report.verdict.says,
    finding?.says,
    ...(finding?.evidence ?? []).map(({ says }) => says),
    ...(finding?.next ?? []),
  ].join('\n');
  for (const part of words ?? pasted.says) expect(whole).toMatch(part);
  for (const part of [...(words === undefined ? (pasted.never ?? []) : []), ...neverInReport])
    expect(whole).not.toMatch(part);
});

const launch = (command: string) =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 72.00 MiB. GPU 0 has a total capacity of 61.20 GiB of which 5.00 MiB is free. Of the allocated memory 56.00 GiB is allocated by PyTorch, and 2.30 GiB is reserved by PyTorch but unallocated.\n\n${command}\n`;
const beside: Record<string, Pasted> = {
  'an engine by the command that started it': {
    text: launch('python3 -m sglang.launch_server --model-path /m --tp-size 2'),
    says: ['SGLang’s own tensors', '--mem-fraction-static'],
    never: ['gradient accumulation'],
  },
  'another engine by its command': {
    text: launch('vllm serve /m --tensor-parallel-size 2'),
    says: ['vLLM’s own tensors', 'max_num_seqs'],
    never: ['gradient accumulation'],
  },
  'a sentence about an engine': {
    text: launch('I wanted to use it with vllm serve afterwards'),
    says: ['this process’s own tensors'],
  },
  'the host’s memory beside its error': {
    text: `RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 21474836480 bytes. Error code 12 (Cannot allocate memory)\n               total        used        free      shared  buff/cache   available\nMem:            15Gi       3.6Gi       7.8Gi       641Mi       3.9Gi        10Gi\nSwap:          2.0Gi       1.5Gi       516Mi\n`,
    says: ['20.00 GiB', 'The host has 15Gi of memory, and 10Gi is available'],
    never: ['not short of'],
  },
  'what was read before a refusal without figures': {
    text: 'Step 0: JAX mem used: 0.20 GiB, peak: 0.57 GiB, limit: 18.95 GiB\nStep 0: Warp mempool used: 0.24 GiB, high-water: 5.00 GiB\nWarp CUDA error 2: out of memory (in function wp_alloc_device_async, /w/native/warp.cu:769)\n',
    says: ['The error itself has no figures', 'warp, before: ', '5.00 GiB'],
  },
};

test.each(Object.entries(beside))('%s', (_, pasted) => {
  expectAnswer(pasted);
});
