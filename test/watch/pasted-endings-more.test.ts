/** More of what ended a training or kept it from starting, as people paste it. Shapes as the programs print them, values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';

const LOADER = '/env/lib/python3.9/site-packages/torch/utils/data';
const first = `Traceback (most recent call last):\n  File "${LOADER}/dataloader.py", line 991, in _try_get_data\n    data = self._data_queue.get(timeout=timeout)\n  File "${LOADER}/_utils/signal_handling.py", line 67, in handler\n    _error_if_any_worker_fails()\nRuntimeError: DataLoader worker (pid 811) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit.\n`;
const CHAINED = '\nThe above exception was the direct cause of the following exception:\n\n';
const second = `Traceback (most recent call last):\n  File "/w/fit.py", line 88, in <module>\n    main()\n  File "/w/fit.py", line 61, in main\n    for batch in loader:\n  File "${LOADER}/dataloader.py", line 530, in __next__\n    data = self._next_data()\n`;
const workers = 'RuntimeError: DataLoader worker (pid(s) 811) exited unexpectedly\n';
const ofTorchrun = `Traceback (most recent call last):\n  File "/usr/local/bin/torchrun", line 8, in <module>\n    sys.exit(main())\nRuntimeError: it failed\n`;

const rows: Record<string, Pasted> = {
  'a worker that was killed, and the loop that asked for its batch': {
    text: first + CHAINED + second + workers,
    says: ['/dev/shm', '/w/fit.py, line 61, in main (within torch/utils/data/_utils/signal_handling.py'],
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
    says: ['Raised at: torch/utils/data/_utils/signal_handling.py, line 67'],
    never: ['torchrun, line 8'],
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
  expect(stopped.says).toContain('The training stopped after batch 3.');
  expect(stopped.says).toContain('The text ends in ^C');
  expect(stopped.says).not.toContain('on request');
  const asked = explainText(
    `${steps}Traceback (most recent call last):\n  File "/w/t.py", line 3, in <module>\nKeyboardInterrupt\n`,
    'pasted',
    2e12,
  )!;
  expect(asked.says).toContain('was ended on request after batch 3.');
});
