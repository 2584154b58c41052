/** More of what ended a training or kept it from starting, as people paste it. Shapes as the programs print them, values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';
import { reportOfLog } from './report-of-log.ts';

const LOADER = '/env/lib/python3.9/site-packages/torch/utils/data';
const first = `Traceback (most recent call last):\n  File "${LOADER}/dataloader.py", line 991, in _try_get_data\n    data = self._data_queue.get(timeout=timeout)\n  File "${LOADER}/_utils/signal_handling.py", line 67, in handler\n    _error_if_any_worker_fails()\nRuntimeError: DataLoader worker (pid 811) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit.\n`;
const CHAINED = '\nThe above exception was the direct cause of the following exception:\n\n';
const second = `Traceback (most recent call last):\n  File "/w/fit.py", line 88, in <module>\n    main()\n  File "/w/fit.py", line 61, in main\n    for batch in loader:\n  File "${LOADER}/dataloader.py", line 530, in __next__\n    data = self._next_data()\n`;
const workers = 'RuntimeError: DataLoader worker (pid(s) 811) exited unexpectedly\n';
const ofTorchrun = `Traceback (most recent call last):\n  File "/usr/local/bin/torchrun", line 8, in <module>\n    sys.exit(main())\nRuntimeError: it failed\n`;

const nccl = (rank: number, work: number) =>
  `[rank${rank}]:[E1123 10:52:57.6649${rank} ProcessGroupNCCL.cpp:607] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=${work}, OpType=ALLREDUCE, NumelIn=8, NumelOut=8, Timeout(ms)=600000) ran for 600017 milliseconds before timing out.`;
const status = (rank: number, work: number) =>
  `[rank${rank}]:[E1123 10:52:57.6654${rank} ProcessGroupNCCL.cpp:1664] [PG 1 Rank ${rank}] Exception (either an error or timeout) detected by watchdog at work: ${work}, last enqueued NCCL work: ${work}, last completed NCCL work: ${work - 1}.`;
const closing =
  'W0422 10:54:35.225000 811 torch/distributed/elastic/multiprocessing/api.py:897] Sending process 822 closing signal SIGTERM\n';
const patch = (least: number) =>
  `2026-03-05 14:18:43 [759,765ms] [Error] [omni.physx.plugin] PhysX error: Patch buffer overflow detected, please increase its size to at least ${least} in the scene desc!\n, FILE /b/PxgNarrowphaseCore.cpp, LINE 1272\n`;

const rows: Record<string, Pasted> = {
  'lines of two ranks’ watchdogs that a page has joined': {
    text: `${nccl(0, 516)} ${status(0, 516)} ${nccl(1, 517)}\n`,
    says: ['ranks 0, 1 waited', 'Behind the others: rank 0, in work 516 where another rank is in 517'],
    never: ['ranks that have no line'],
  },
  'the same where both are in one operation': {
    text: `${nccl(0, 516)} ${status(0, 516)} ${nccl(1, 516)}\n`,
    says: ['ranks 0, 1 waited', 'All of them are in the same operation'],
    never: ['Behind the others'],
  },
  'torchrun closes a worker, and what came first is not there': {
    text: closing,
    says: ['ended process 822 by SIGTERM', 'what came first is not in this text'],
    never: ['not memory', 'Not memory', 'a person'],
  },
  'the same in one line with the worker that failed': {
    text: `${closing.trimEnd()}          ERROR:torch.distributed.elastic.multiprocessing.api:failed (exitcode: -9) local_rank: 4 (pid: 825) of binary: /usr/bin/python     Traceback (most recent call last):\n`,
    says: ['Process 825 (rank 4) was killed by SIGKILL', 'host’s memory'],
    never: ['SIGTERM', 'what came first is not in this text'],
  },
  'torchrun is stopped itself, and closes its workers': {
    text: `W0422 10:54:35.125000 811 torch/distributed/elastic/agent/server/api.py:723] Received 1 death signal, shutting down workers\n${closing}`,
    says: ['SIGHUP', 'was closed', 'nohup is not enough for torchrun'],
    never: ['what came first is not in this text'],
  },
  'a simulator’s buffer that is too small, of a training that may go on': {
    text: patch(178421),
    says: ['maxRigidPatchCount has to be 178421 at least', 'contacts are left out'],
    never: ['training failed', 'run failed'],
  },
  'a worker that was killed, and the loop that asked for its batch': {
    text: first + CHAINED + second + workers,
    says: ['/dev/shm', 'Raised at: /w/fit.py, line 61, in main.'],
  },
  'the same, cut in the second traceback': {
    text: first + CHAINED + second,
    says: ['/dev/shm', '/w/fit.py, line 61, in main'],
  },
  'the same while it was handled': {
    text:
      first +
      CHAINED.replace(
        'The above exception was the direct cause of the following exception',
        'During handling of the above exception, another exception occurred',
      ) +
      second +
      workers,
    says: ['/w/fit.py, line 61, in main'],
  },
  'another program’s traceback behind it, which it is not chained to': {
    text: first + ofTorchrun,
    says: ['/dev/shm'],
    never: ['torchrun, line 8', 'signal_handling'],
  },
  'a pod whose device plugin is not there': {
    text: 'Events:\n  Type     Reason                    Age   From               Message\n  ----     ------                    ----  ----               -------\n  Normal   Scheduled                 12s   default-scheduler  Successfully assigned ml/train-0 to n4\n  Warning  UnexpectedAdmissionError  12s   kubelet            Allocate failed due to rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing", which is unexpected\n',
    says: ['The pod did not start', 'code = Unavailable', 'device plugin'],
    never: ['out of memory'],
  },
  'a pod whose node has a GPU that is gone': {
    text: 'Status:         Failed\nReason:         UnexpectedAdmissionError\nMessage:        Pod Allocate failed due to device plugin GetPreferredAllocation rpc failed with err: rpc error: code = Unknown desc = error creating nvml.Device 2: nvml: GPU is lost, which is unexpected\n',
    says: ['The pod did not start', 'nvml.Device 2: nvml: GPU is lost'],
    never: ['Xid'],
  },
  'a pod that the plugin has no healthy device for': {
    text: 'Message:          Pod was rejected: Allocate failed due to no healthy devices present; cannot allocate unhealthy devices nvidia.com/gpu, which is unexpected\n',
    says: ['The pod did not start', 'no healthy devices present'],
  },
  'a pod that asks for more GPUs than are free, as before': {
    text: 'Warning  UnexpectedAdmissionError  1s  kubelet  Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: 2, Available: 1, which is unexpected\n',
    says: ['less free than the pod asks for', 'nvidia.com/gpu. Requested: 2'],
  },
  'a GPU that is lost while it trains': {
    text: 'Unable to determine the device handle for GPU 0000:3B:00.0: GPU is lost.  Reboot the system to recover this GPU\n',
    says: ['Xid 79'],
  },
  'Gloo, within a traceback of one rank': {
    text: '[rank3]:   File "/w/sft.py", line 210, in save\n[rank3]:     dist.barrier()\n[rank3]:   File "/env/lib/python3.11/site-packages/torch/distributed/distributed_c10d.py", line 4550, in barrier\n[rank3]:     work.wait()\n[rank3]: RuntimeError: [/pytorch/third_party/gloo/gloo/transport/tcp/unbound_buffer.cc:78] Timed out waiting 600000ms for send operation to complete\n',
    says: [
      'gloo: send, limit 600 s',
      'rank 3 waited',
      'Raised at: /w/sft.py, line 210, in save (within torch/distributed',
    ],
    never: ['out of memory\\.$'],
  },
  'a store that gave up, in a traceback whose page took <module> for a tag': {
    text: 'Traceback (most recent call last):\nFile "/w/run.py", line 9, in\ndist.init_process_group("gloo")\nFile "/env/lib/python3.8/site-packages/torch/distributed/distributed_c10d.py", line 290, in init_process_group\nstore, rank = next(it)\nRuntimeError: Wait timeout\n',
    says: ['Ranks waited for others that never joined', '/w/run.py, line 9 (within torch/distributed'],
  },
  'a store that gave up, by its newer class': {
    text: '[rank0]: torch.distributed.DistStoreError: Socket Timeout\n',
    says: ['Ranks waited for others that never joined'],
  },
  'a rendezvous of torchrun’s': {
    text: 'raise RendezvousTimeoutError()\ntorch.distributed.elastic.rendezvous.api.RendezvousTimeoutError\n',
    says: ['Ranks waited for others that never joined'],
  },
  'a timeout of a socket that is no store’s': {
    text: 'requests.exceptions.ConnectionError: Socket Timeout while reading https://x.example/a\n',
    says: [],
    never: ['never joined'],
  },
  'a watchdog whose account stands in another rank’s lines': {
    text: '[rank1]:[E101 10:00:00.1 ProcessGroupNCCL.cpp:607] [Rank 1] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=301, OpType=BROADCAST, NumelIn=4, NumelOut=4, Timeout(ms)=600000) ran for 600021 milliseconds before timing out.\n[rank2]:[E101 10:00:00.2 ProcessGroupNCCL.cpp:1664] [PG 1 Rank 2] Exception (either an error or timeout) detected by watchdog at work: 301, last enqueued NCCL work: 302, last completed NCCL work: 300.\n',
    says: ['BROADCAST, work 301', 'last completed 300', 'ranks 1, 2 waited'],
  },
  'an account of another operation': {
    text: '[rank1]:[E101 10:00:00.1 ProcessGroupNCCL.cpp:607] [Rank 1] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=301, OpType=BROADCAST, NumelIn=4, NumelOut=4, Timeout(ms)=600000) ran for 600021 milliseconds before timing out.\n[rank2]:[E101 10:00:00.2 ProcessGroupNCCL.cpp:1664] [PG 1 Rank 2] Exception (either an error or timeout) detected by watchdog at work: 290, last enqueued NCCL work: 302, last completed NCCL work: 289.\n',
    says: ['BROADCAST, work 301'],
    never: ['last completed 289\\)'],
  },
  'XLA’s on-chip memory of a GPU, over two lines': {
    text: 'It compiles, and then:\n```\nRESOURCE_EXHAUSTED: Shared memory size limit exceeded:\nrequested 294912, available: 166912\n```\n',
    says: ['294912 bytes of on-chip shared memory', 'a block has 166912'],
    never: ['warning'],
  },
  'XLA’s on-chip memory of a GPU, in one line': {
    text: 'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Shared memory size limit exceeded: requested 294912, available: 166912\n',
    says: ['294912 bytes', 'a block has 166912'],
  },
  'a TPU’s on-chip memory': {
    text: 'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Ran out of memory in memory space vmem. Used 21.50M of 16.00M vmem. Exceeded vmem capacity by 5.50M.\n',
    says: ['21.50M of on-chip memory (vmem), and may have 16.00M', 'BlockSpec'],
    never: ['smaller batch', 'donate'],
  },
  'the stack of a kernel on a TPU': {
    text: 'RuntimeError: RESOURCE_EXHAUSTED: Ran out of memory in memory space vmem while allocating on stack for %flash.1 = bf16[1,8,4096,128]. Scoped allocation with size 40.12M and limit 32.00M exceeded scoped vmem limit by 8.12M.\n',
    says: ['40.12M of on-chip memory (vmem), and may have 32.00M', 'vmem_limit_bytes'],
  },
  'a TPU’s main memory, as before': {
    text: 'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Ran out of memory in memory space hbm. Used 20.00G of 15.48G hbm. Exceeded hbm capacity by 4.52G.\n',
    says: ['20.00G of the accelerator’s 15.48G (hbm)'],
  },
  'a kernel of CuTe’s': {
    text: "Error: kernel 'attn_fwd_0' launch shared memory exceeds current GPU arch sm_89 allowed. Allocated: 163840 bytes. Max: 101376 bytes.\n",
    says: ['163840 bytes of on-chip shared memory', 'a block has 101376'],
  },
  'an attribute that a kernel could not get': {
    text: 'ERROR: CUDA RT call "cudaFuncSetAttribute(&conv_kernel<32, 8>, cudaFuncAttributeMaxDynamicSharedMemorySize, 118784)" in line 61 of file /w/conv_fwd.cu failed with invalid argument (1).\n',
    says: ['118784 bytes of on-chip shared memory, more than a block has'],
  },
  'a kernel of TileLang’s': {
    text: 'RuntimeError: Failed to set the allowed dynamic shared memory size to 122880 with error: CUDA_ERROR_INVALID_VALUE\n',
    says: ['122880 bytes of on-chip shared memory'],
  },
  'what Triton is short of, where it is not shared memory': {
    text: 'triton.runtime.errors.OutOfResources: out of resource: tensor memory, Required: 640, Hardware limit: 512. Reducing block sizes or `num_stages` may help.\n',
    says: ['640 of its tensor memory', 'a block has 512'],
    never: ['640 bytes'],
  },
  'a size that rounds to nothing': {
    text: 'RuntimeError: $ Torch: not enough memory: you tried to allocate 0GB. Buy new RAM! at ..\\aten\\src\\TH\\THGeneral.cpp:204\n',
    says: ['Out of the host’s memory'],
    never: ['0 bytes'],
  },
  'a container that its own limit did not end, by docker inspect': {
    text: '            "OOMKilled": false,\n            "ExitCode": 137,\n',
    says: ['exit code 137', 'not reported as killed for its own memory limit'],
  },
  'the same, written otherwise': {
    text: 'OOMKilled: false\nExitCode: 137\n',
    says: ['not reported as killed for its own memory limit'],
  },
  'Slurm ends a step whose task failed': {
    text: '[2026-03-02T10:00:00.101] error: *** STEP 4411.0 ON n7 CANCELLED AT 2026-03-02T10:00:00 DUE TO TASK FAILURE ***\nsrun: error: n7: tasks 0-6: Terminated\nsrun: Force Terminated StepId=4411.0\n',
    says: ['one of its tasks had failed', 'task N: Exited with exit code'],
    never: ['SIGTERM', 'a person'],
  },
  'a step that somebody cancelled, and its tasks': {
    text: 'slurmstepd: error: *** STEP 4412.0 ON n7 CANCELLED AT 2026-03-02T10:00:00 ***\nsrun: error: n7: tasks 0-6: Terminated\n',
    says: ['cancelled (slurm)'],
    never: ['SIGTERM'],
  },
  'a step that srun cancelled for a task of its own': {
    text: 'slurmstepd: error: *** STEP 4413.0 ON n7 CANCELLED AT 2026-03-02T10:00:00 ***\nsrun: error: n7: task 3: Exited with exit code 1\n',
    says: ['exit code 1'],
    never: ['a person'],
  },
  'the log of Slurm’s controller': {
    text: '[2026-05-27T10:42:30.509] sched: Allocate JobId=8811 NodeList=c4 #CPUs=2 Partition=gpu\n[2026-05-27T11:37:57.377] _job_complete: JobId=8811 WTERMSIG 9\n[2026-05-27T11:37:57.377] _job_complete: JobId=8811 done\n',
    says: ['killed by SIGKILL'],
  },
  'the same of a time limit': {
    text: '[2026-05-27T11:37:57.377] Time limit exhausted for JobId=8812\n[2026-05-27T11:37:57.379] _slurm_rpc_complete_batch_script: JobId=8812 WTERMSIG 15\n',
    says: ['at its time limit'],
    never: ['SIGTERM'],
  },
  'the same of memory': {
    text: '[2026-05-27T11:37:57.377] _job_complete: JobId=8813 OOM failure\n',
    says: ['lack of host memory', 'container or job'],
  },
  'a job that ended as it should, by the controller': {
    text: '[2026-05-27T11:37:57.377] _job_complete: JobId=8814 WEXITSTATUS 0\n',
    says: [],
    never: ['SIG', 'killed'],
  },
  'a watchdog that hangs, whose time stands in another rank’s line': {
    text: "[rank0]:[E ProcessGroupNCCL.cpp:1316] [PG 0 Rank 0] Heartbeat monitor timed out! Process will be terminated after dumping debug info. workMetaList_.size()=7\n[rank1]:[F ProcessGroupNCCL.cpp:1169] [PG 0 Rank 1] [PG 0 Rank 1] ProcessGroupNCCL's watchdog got stuck for 480 seconds without making progress in monitoring enqueued collectives.\n",
    says: ['no progress for 480 s', 'ranks 0, 1 waited'],
    never: ['in the same operation'],
  },
  'Gloo’s connection, by a read': {
    text: 'step 1 | loss: 3.5\nstep 2 | loss: 3.4\nRuntimeError: [../third_party/gloo/gloo/transport/tcp/pair.cc:589] Read error [10.0.0.3]:25266: Connection reset by peer\n',
    says: ['A rank lost its connection to another one (gloo)', 'after step 2'],
  },
  'Gloo’s mesh': {
    text: 'RuntimeError: Gloo connectFullMesh failed with [../third_party/gloo/gloo/transport/tcp/pair.cc:144] no error\n',
    says: ['lost its connection to another one (gloo)'],
  },
  'a connection of something else': {
    text: 'requests.exceptions.ConnectionError: Read error: Connection reset by peer\n',
    says: ['the other side of a connection'],
    never: ['A rank'],
  },
  'horovodrun’s prefix, with the time': {
    text: 'Thu Mar 19 16:41:02 2026[2]<stderr>:Traceback (most recent call last):\nThu Mar 19 16:41:02 2026[2]<stderr>:  File "/w/train.py", line 16, in <module>\nThu Mar 19 16:41:02 2026[2]<stderr>:    hvd.allreduce(x)\nThu Mar 19 16:41:02 2026[2]<stderr>:RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 2; 15.78 GiB total capacity; 13.10 GiB already allocated; 1.02 GiB free; 13.40 GiB reserved in total by PyTorch)\n',
    says: ['2.00 GiB', 'Raised at: /w/train.py, line 16', 'rank 2'],
  },
  'horovodrun’s prefix, without': {
    text: '[1]<stderr>:Traceback (most recent call last):\n[1]<stderr>:  File "/w/train.py", line 9, in run\n[1]<stderr>:ValueError: bad shape\n',
    says: ['rank 1', '/w/train.py, line 9'],
  },
  'a worker’s traceback as the text of the error': {
    text: `Traceback (most recent call last):\n  File "/w/main.py", line 205, in <module>\n    main()\n  File "/w/main.py", line 136, in train\n    for batch in loader:\n  File "${LOADER}/dataloader.py", line 286, in __next__\n    return self._process_next_batch(batch)\nRuntimeError: Traceback (most recent call last):\n  File "${LOADER}/dataloader.py", line 57, in _worker_loop\n    samples = collate_fn([dataset[i] for i in batch_indices])\n  File "${LOADER}/dataloader.py", line 138, in default_collate\n    return [default_collate(samples) for samples in transposed]\nRuntimeError: unable to write to file </torch_76_3625483894> at /pytorch/aten/src/TH/THAllocator.c:383\n`,
    says: [
      '/dev/shm',
      'Raised at: /w/main.py, line 136, in train (within torch/utils/data/dataloader.py, line 138',
    ],
  },
  'the same by its newer words': {
    text: `Traceback (most recent call last):\n  File "/w/main.py", line 136, in train\n    for batch in loader:\n  File "${LOADER}/dataloader.py", line 286, in __next__\n    data.reraise()\nRuntimeError: Caught RuntimeError in DataLoader worker process 2.\nOriginal Traceback (most recent call last):\n  File "${LOADER}/_utils/worker.py", line 57, in _worker_loop\n    data = fetcher.fetch(index)\nRuntimeError: unable to open shared memory object </torch_31_2> in read-write mode: No space left on device (28)\n`,
    says: ['/dev/shm', 'Raised at: /w/main.py, line 136, in train (within torch/utils/data/_utils/worker.py'],
  },
  'the same, raised in the program’s own dataset': {
    text: `Traceback (most recent call last):\n  File "/w/main.py", line 136, in train\n    for batch in loader:\nRuntimeError: Caught RuntimeError in DataLoader worker process 2.\nOriginal Traceback (most recent call last):\n  File "${LOADER}/_utils/worker.py", line 57, in _worker_loop\n    data = fetcher.fetch(index)\n  File "/w/data.py", line 30, in __getitem__\n    return torch.stack(frames)\nRuntimeError: [enforce fail at alloc_cpu.cpp:83] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 2147483648 bytes. Error code 12 (Cannot allocate memory)\n`,
    says: ['2.00 GiB', 'Raised at: /w/data.py, line 30, in __getitem__'],
    never: ['main.py'],
  },
  'semaphores on a full /dev/shm': {
    text: 'Traceback (most recent call last):\n  File "/w/writer.py", line 40, in __init__\n    self.queue = mp.Queue(maxsize=8)\n  File "/usr/lib/python3.10/multiprocessing/synchronize.py", line 57, in __init__\n    sl = self._semlock = _multiprocessing.SemLock(\nOSError: [Errno 28] No space left on device\n',
    says: ['/dev/shm', 'Raised at: /w/writer.py, line 40'],
    never: ['the disk is full'],
  },
  'a checkpoint on a full disk': {
    text: 'Traceback (most recent call last):\n  File "/w/writer.py", line 40, in save\n    torch.save(state, path)\nOSError: [Errno 28] No space left on device\n',
    says: ['the disk is full'],
    never: ['/dev/shm'],
  },
  'host memory that could not be pinned, by an argument': {
    text: 'Traceback (most recent call last):\n  File "/w/zero.py", line 12, in <module>\n  File "/env/lib/python3.12/site-packages/deepspeed/accelerator/cuda_accelerator.py", line 296, in pin_memory\n    return tensor.pin_memory()\nRuntimeError: CUDA error: invalid argument\nCUDA kernel errors might be asynchronously reported at some other API call.\n',
    says: ['page-locked host memory could not be had', '/w/zero.py, line 12'],
  },
  'an invalid argument of something else': {
    text: 'Traceback (most recent call last):\n  File "/w/zero.py", line 12, in <module>\n    kernel[grid](x)\nRuntimeError: CUDA error: invalid argument\n',
    says: ['/w/zero.py, line 12'],
    never: ['page-locked'],
  },
  'an actor of Ray’s that died, and who waited for it': {
    text: '  File "/w/ppo/ray_trainer.py", line 1102, in fit\n    out = self.wg.generate(batch)\n  File "/env/lib/python3.10/site-packages/ray/_private/worker.py", line 51, in get\n    output = ray.get(output)\nray.exceptions.ActorDiedError: The actor died unexpectedly before finishing this task.\n\tclass_name: create_colocated_worker_cls.<locals>.WorkerDict\n\tactor_id: 17f730ef04a3a7406b421ea1\n\tpid: 16424\n\tname: xWorkerDict_0:5\n\tip: 10.0.0.4\nThe actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: Worker unexpectedly exits with a connection error code 2. End of file. There are some potential root causes. (1) The process is killed by SIGKILL by OOM killer due to high memory usage.\n',
    says: ['Process 16424 died without a word (ray)', 'Raised at: /w/ppo/ray_trainer.py, line 1102, in fit'],
  },
  'a page file, by Windows’ own library': {
    text: 'Traceback (most recent call last):\n  File "D:\\env\\Lib\\multiprocessing\\spawn.py", line 132, in _main\n    self = reduction.pickle.load(from_parent)\n  File "D:\\env\\Lib\\site-packages\\torch\\__init__.py", line 130, in <module>\n    raise err\nOSError: [WinError 1455] The paging file is too small for this operation to complete. Error loading "D:\\env\\Lib\\site-packages\\torch\\lib\\torch_python.dll" or one of its dependencies.\n',
    says: ['page file is too small', 'Raised at: torch\\__init__.py, line 130'],
    never: ['spawn.py'],
  },
  'a rendezvous that was closed, without its traceback’s head': {
    text: '  File "/env/lib/python3.12/site-packages/torch/distributed/elastic/rendezvous/dynamic_rendezvous.py", line 676, in run\n    raise RendezvousClosedError\ntorch.distributed.elastic.rendezvous.api.RendezvousClosedError\n',
    says: ['rendezvous of torchrun’s was closed', '--rdzv-id'],
    never: ['ends within a traceback'],
  },
  'a worker of the loader’s that was killed, and who asked for its batch': {
    text: `Traceback (most recent call last):\n  File "/w/train.py", line 210, in <module>\n    x = x.cuda()\n  File "${LOADER}/dataloader.py", line 175, in handler\n    _error_if_any_worker_fails()\nRuntimeError: DataLoader worker (pid 19) is killed by signal: Killed.\n`,
    says: ['DataLoader worker (process 19) was killed by SIGKILL', 'Raised at: /w/train.py, line 210'],
  },
  'the same in a chain whose frames a page took the indentation of': {
    text: `File "${LOADER}/dataloader.py", line 1132, in _try_get_data\ndata = self._data_queue.get(timeout=timeout)\nFile "${LOADER}/_utils/signal_handling.py", line 66, in handler\n_error_if_any_worker_fails()\nRuntimeError: DataLoader worker (pid 10) is killed by signal: Killed.\nThe above exception was the direct cause of the following exception:\nTraceback (most recent call last):\nFile "/w/train_3d.py", line 1919, in train\ntrainer.train()\nFile "/env/lib/python3.10/site-packages/transformers/trainer.py", line 1806, in train\nreturn inner_training_loop(\n`,
    says: ['DataLoader worker (process 10)', 'Raised at: /w/train_3d.py, line 1919, in train.'],
  },
  'the kernel’s call trace of a machine that is full': {
    text: '[5974.196] p2pd invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0\n[5974.197]  oom_kill_process+0x1f8/0x3e0\n[5974.198]  out_of_memory+0xe8/0x3a0\n[5974.199]  __alloc_pages_may_oom+0x144/0x218\n',
    says: ['the whole machine’s'],
  },
  'the kernel’s call trace of a group that is full': {
    text: '[5974.196] python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n[5974.197]  out_of_memory+0x117/0x540\n[5974.198]  mem_cgroup_out_of_memory+0xbb/0xd0\n',
    says: ['limit of its container or job'],
    never: ['whole machine'],
  },
  'a watchdog’s line that a terminal cut in its figures': {
    text: '[rank4]:[E210 02:06:33.3 ProcessGroupNCCL.cpp:616] [Rank 4] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=771, OpType=_ALLGATHER_BASE, NumelIn=298960, NumelOut=4783360, Timeout(ms)=\n600000) ran for 600022 milliseconds before timing out.          \n[rank4]:[E210 02:06:33.4 ProcessGroupNCCL.cpp:1785] [PG ID 2 PG GUID 3 Rank 4] Exception (either an error or timeout) detected by watchdog at work: 771, last enqueued NCCL work: 771, last compl\neted NCCL work: 770.                \n',
    says: ['_ALLGATHER_BASE, work 771, limit 600 s, ran 600022 ms, last completed 770'],
  },
  'a watchdog’s line that the next one has nothing of': {
    text: '[rank4]:[E210 02:06:33.3 ProcessGroupNCCL.cpp:616] [Rank 4] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=771, OpType=_ALLGATHER_BASE, Timeout(ms)=6\nstep 3 | loss: 2.5\n',
    says: ['_ALLGATHER_BASE, work 771'],
    never: ['limit 63'],
  },
  'the store of a rank that ended': {
    text: '  File "/w/run.py", line 30, in main\n    dist.barrier()\n  File "/env/lib/python3.10/site-packages/torch/distributed/distributed_c10d.py", line 3696, in barrier\n    work = default_pg.barrier(opts=opts)\nRuntimeError: [3] is setting up NCCL communicator and retrieving ncclUniqueId from [0] via c10d key-value store by key \'0\', but store->get(\'0\') got error: Connection reset by peer. This may indicate a possible application crash on rank 0 or a network set up issue.\n',
    says: [
      'lost its connection to another one (store)',
      'rank 0’s',
      'Raised at: /w/run.py, line 30, in main',
    ],
  },
  'a node whose disk is full': {
    text: 'train-1   ml   Evicted   n9   Pod The node had condition: [DiskPressure]. \n',
    says: ['disk space (DiskPressure), not of memory'],
    never: ['The host’s'],
  },
  'a node whose memory is full, by its condition': {
    text: '4m7s  Warning  Evicted  pod/train-1  The node had condition: [MemoryPressure].\n',
    says: ['lack of host memory, the whole machine’s'],
  },
  'a pod that wrote more to its disk than it may': {
    text: '  Warning  Evicted  109s  kubelet  Pod ephemeral local storage usage exceeds the total limit of containers 5Gi.\n  Normal   Killing  109s  kubelet  Stopping container model\n',
    says: ['ephemeral storage) than its limit of 5Gi', 'memory had no part'],
  },
  'a container that did': {
    text: 'Message: Pod ml/train exceeded its local ephemeral storage limit "10Gi".\n',
    says: ['than its limit of 10Gi'],
  },
  'a volume that grew over its limit': {
    text: 'Message:  Usage of EmptyDir volume "dshm" exceeds the limit "8Gi".\n',
    says: ['its volume dshm', 'of 8Gi', '/dev/shm'],
  },
  'pinned memory that the system refused': {
    text: 'pycuda._driver.LogicError: cuMemHostAlloc failed: OS call failed or operation not supported on this OS\n',
    says: ['page-locked host memory could not be had'],
  },
  'Gloo’s exception in C++, which ends the interpreter': {
    text: '[0]<stderr>:terminate called after throwing an instance of \'gloo::IoException\'\n[0]<stderr>:  what():  [/tmp/gloo/gloo/transport/tcp/pair.cc:572] Connection closed by peer [10.0.0.5]:53666\n[0]<stderr>:Fatal Python error: Aborted\n[0]<stderr>:\n[0]<stderr>:Thread 0x00007f1c534b9700 (most recent call first):\n[0]<stderr>:  File "/w/train.py", line 16 in <module>\n',
    says: ['lost its connection to another one (gloo)'],
    never: ['native code'],
  },
  'a subshell that crashed': {
    text: 'bash: line 1: 80675 Segmentation fault      ( local/train.py --dir exp/a ) 2>> exp/log\n',
    says: ['Process 80675 (train.py) was killed by SIGSEGV'],
  },
  'DeepSpeed’s launcher, and nothing else': {
    text: ' 17%|██  | 1000/6060 [6:44:48<34:21:44, 24.45s/it, loss=1.2]\n[2023-10-16 05:05:57,961] [INFO] [launch.py:315:sigkill_handler] Killing subprocess 44150\n[2023-10-16 05:05:57,962] [INFO] [launch.py:315:sigkill_handler] Killing subprocess 44151\n',
    says: [/failed after (?:batch|step) 1000 of 6060/, 'one of them had ended'],
    never: ['exit code'],
  },
  'the same with the code': {
    text: "[2023-10-16 05:05:57,961] [INFO] [launch.py:315:sigkill_handler] Killing subprocess 44150\n[2023-10-16 05:06:02,579] [ERROR] [launch.py:321:sigkill_handler] ['/env/bin/python', '-u', 'train.py'] exits with return code = 1\n",
    says: ['exit code 1'],
    never: ['one of them had ended'],
  },
  'a rank that got the signal to dump': {
    text: '[rank2]:[E901 05:20:03.1 ProcessGroupNCCL.cpp:1746] [PG ID 0 PG GUID 0(default_pg) Rank 2] Received a dump signal due to a collective timeout from  rank 6 and we will try our best to dump the debug info. Last enqueued NCCL work: 461, last completed NCCL work: 460.This is most likely caused by incorrect usages of collectives.\n[rank7]:[E901 05:20:03.2 ProcessGroupNCCL.cpp:632] [Rank 7] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=461, OpType=ALLREDUCE, NumelIn=1, NumelOut=1, Timeout(ms)=600000) ran for 600020 milliseconds before timing out.\n',
    says: ['ALLREDUCE, work 461', 'ranks 2, 7 waited'],
  },
  'a watchdog’s line in a narrow terminal': {
    text: '[E ProcessGroupNCCL.cpp:915] [Rank 1] NCCL watchdog thread terminated with \nexception: [Rank 1] Watchdog caught collective operation timeout: WorkNCCL(\nSeqNum=778, OpType=ALLREDUCE, NumelIn=1, NumelOut=1, Timeout(ms)=1800000\n) ran for 1800413 milliseconds before timing out.                          \n',
    says: ['ALLREDUCE, work 778, limit 1800 s, ran 1800413 ms', 'rank 1 waited'],
  },
  'a task that Ray ended, cut before its figures': {
    text: "{'train_runtime': 233.5, 'train_loss': 0.62, 'epoch': 1.0}\n100%|██████████| 143/143 [6:28:47<00:00, 163.13s/it]\n...\nMemory on the node (IP: 10.1.0.4, ID: ba65) where the task (task ID: d221, name=head, pid=4503, memory used\n",
    says: ['lack of host memory', '(ray)'],
    never: ['completed'],
  },
  'a task that Ray ended, and who waited for it': {
    text: '  File "/w/ppo/ray_trainer.py", line 856, in _save_checkpoint\n    self.wg.save(path)\n  File "/env/lib/python3.10/site-packages/ray/_private/worker.py", line 51, in get\n    output = ray.get(output)\nray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.\nMemory on the node (IP: 10.2.0.7, ID: 02f8) where the task (actor ID: 3540, name=Worker.__init__, pid=8276, memory used=43.35GB) was running was 382.59GB / 400.00GB (0.956471), which exceeds the memory usage threshold of 0.95.\n',
    says: ['382.59 GiB of the node’s 400.00 GiB', 'Raised at: /w/ppo/ray_trainer.py, line 856'],
  },
  'an NVSwitch': {
    text: 'kern: err: nvidia-nvswitch1: SXid (PCI:0000:aa:00.0): 24007, Severity 1 Engine instance 12 Sub-engine instance 00\n',
    says: ['an NVSwitch (SXid 24007)'],
    never: ['Xid undefined'],
  },
  'Inductor, of a kernel of Triton’s': {
    text: 'torch._inductor.exc.InductorError: RuntimeError: No valid triton configs.\nOutOfMemoryError: out of resource: triton_tem_fused_flex_attention_0\nRequired: 139776  Hardware limit: 101376\nReducing block sizes or num_stages may help.\n',
    says: ['139776 bytes of on-chip shared memory', 'a block has 101376'],
    never: ['Out of GPU memory', 'smaller images'],
  },
  'the store that is gone': {
    text: '[rank1]:[W1229 22:06:38.4 ProcessGroupNCCL.cpp:1662] [PG ID 0 PG GUID 0 Rank 1] Failed to check the "should dump" flag on TCPStore, (maybe TCPStore server has shut down too early), with error: Broken pipe\n[rank1]:[W1229 22:06:38.5 TCPStore.cpp:106] [c10d] sendBytes failed on SocketImpl(fd=67): Broken pipe\n',
    says: ['No failure of its own', 'rank 0'],
  },
  'the store that is gone, behind the last words': {
    text: 'step 1 | loss: 2.0\nstep 2 | loss: 1.5\nstep 3 | loss: 1.2\nstep 4 | loss: 1.1\nTraining completed\n[rank1]:[W1229 22:06:38.5 TCPStore.cpp:106] [c10d] sendBytes failed on SocketImpl(fd=67): Broken pipe\n',
    says: ['completed'],
    never: ['failed'],
  },
  'a small share of an integrated GPU': {
    text: 'torch.cuda.OutOfMemoryError: HIP out of memory. Tried to allocate 4.00 MiB (GPU 0; 512.00 MiB total capacity; 140.00 MiB already allocated; 300.00 MiB free; 160.00 MiB reserved in total by PyTorch)\n',
    says: ['300.00 MiB of cuda:0 is free', 'integrated GPU', 'GTT'],
  },
};

for (const [name, pasted] of Object.entries(rows))
  test(name, () => {
    if (pasted.says.length > 0) expectAnswer(pasted);
    else
      for (const words of pasted.never ?? [])
        expect(explainText(pasted.text, 'pasted', 2e12)?.says ?? '').not.toMatch(words);
  });

test('who stopped what ends in ^C is not known', () => {
  const steps = [1, 2, 3].map(step => `step ${step} | loss: ${4 - step / 2}\n`).join('');
  const stopped = explainText(`${steps}^C`, 'pasted', 2e12)!;
  expect(stopped.state).toBe('interrupted');
  expect(stopped.says).toContain('The training stopped after step 3.');
  expect(stopped.says).toContain('The text ends in ^C');
  expect(stopped.says).not.toContain('on request');
  expect(stopped.whose).toBeNull();
  const asked = explainText(
    `${steps}Traceback (most recent call last):\n  File "/w/t.py", line 3, in <module>\nKeyboardInterrupt\n`,
    'pasted',
    2e12,
  )!;
  expect(asked.says).toContain('was ended on request after step 3.');
});

const oomKill = (pid: number, gib: number) =>
  `[  812.1] Out of memory: Killed process ${pid} (python) total-vm:99999999kB, anon-rss:${gib * 2 ** 20}kB, file-rss:0kB, shmem-rss:0kB\n`;
const FAILED =
  'E1123 10:54:36.225000 811 torch/distributed/elastic/multiprocessing/api.py:869] failed (exitcode: -9) local_rank: 1 (pid: 823) of binary: /usr/bin/python\n';
const listed = (rank: number, pid: number, signal: string, at: string) =>
  `  time      : 2025-11-23_10:${at}\n  host      : n4\n  rank      : ${rank} (local_rank: ${rank})\n  exitcode  : ${signal} (pid: ${pid})\n  error_file: <N/A>\n`;
const summary = (other: string) =>
  `${FAILED}Failures:\n[1]:\n${other}------\nRoot Cause (first observed failure):\n[0]:\n${listed(1, 823, '-9', '54:35')}`;
const trained = 'step 1 loss: 2.5\nstep 2 loss: 2.4\nstep 3 loss: 2.3\n';

test.each([
  [
    'the kernel’s kills',
    oomKill(71, 48) + oomKill(72, 60),
    /2 processes were killed.*108\.00 GiB.*process 72/,
  ],
  [
    'torchrun’s list',
    summary(listed(2, 824, '-9', '54:36')),
    /2 processes were killed.*823 \(rank 1\), 824 \(rank 2\)/,
  ],
  ['one that torchrun killed half a minute later', summary(listed(2, 824, '-9', '55:06')), null],
  ['one that torchrun asked to end', summary(listed(2, 824, '-15', '54:36')), null],
  ['a process that was named twice', oomKill(71, 48) + oomKill(71, 48), null],
])('a report has those that were killed beside the first: %s', (_, text, others) => {
  const { report } = reportOfLog(trained + text);
  const evidence = report.explanation?.evidence.map(({ says }) => says).join('\n');
  if (others === null) expect(evidence).not.toContain('processes were killed');
  else expect(evidence).toMatch(others);
});

test('what was killed before a training that goes on is forgotten', () => {
  const { report } = reportOfLog(`${trained}${oomKill(71, 48)}step 4 loss: 2.2\n${oomKill(72, 60)}`);
  expect(report.explanation?.evidence.map(({ says }) => says).join('\n')).not.toContain(
    'processes were killed',
  );
});
