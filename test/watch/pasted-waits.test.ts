/** Ranks that wait for each other, units that systemd-oomd kills, rows that a log filled up: who is behind, what was held. Shapes as programs print them, values invented. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { besideRun } from '../../src/cli/watched-words.ts';
import { scratch } from '../scratch.ts';
import { expectAnswer, type Pasted } from './pasted.ts';
import { screensOf } from './screens-of-log.ts';

const gloo = (operation: string, where = 133) =>
  `RuntimeError: [../third_party/gloo/gloo/transport/tcp/unbound_buffer.cc:${where}] Timed out waiting 900000ms for ${operation} operation to complete\n`;
const nccl = (rank: number, operation: string, work = 4711) =>
  `[rank${rank}]:[E1112 01:02:03.613510957 ProcessGroupNCCL.cpp:616] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=${work}, OpType=${operation}, NumelIn=513, NumelOut=2052, Timeout(ms)=900000) ran for 900046 milliseconds before timing out.\n`;
const stuck = (rank: number) =>
  `[rank${rank}]:[E626 05:14:36.393067540 ProcessGroupNCCL.cpp:1743] [PG ID 0 PG GUID 0(default_pg) Rank ${rank}] ProcessGroupNCCL's watchdog got stuck for 480 seconds without making progress in monitoring enqueued collectives.\n`;
const barrier = (rank: number, other: number) =>
  `[rank${rank}]:[E221 01:02:07.886838878 ProcessGroupGloo.cpp:143] Rank ${rank} successfully reached monitoredBarrier, but received errors while waiting for send/recv from rank ${other}. Please check rank ${other} logs for faulty rank.\n`;
const store = (rank: number) =>
  `[rank${rank}]: torch.distributed.DistStoreError: wait timeout after 300000ms, keys: //worker/attempt_0/default_pg/0//7//cuda//pg_wrapper:7/0/1\n`;

describe('operations of two libraries', () => {
  const rows: Record<string, Pasted> = {
    'Gloo’s transfers in front of NCCL’s operation': {
      text: gloo('send') + gloo('recv', 81) + nccl(0, '_ALLGATHER_BASE'),
      says: ['nccl: _ALLGATHER_BASE, work 4711', 'limit 900 s', 'rank 0 waited'],
      never: [/different ways/, /gloo/],
    },
    'Gloo’s transfers behind it': {
      text: nccl(0, '_ALLGATHER_BASE') + gloo('send'),
      says: ['nccl: _ALLGATHER_BASE, work 4711'],
      never: [/different ways/],
    },
    'watchdogs that hang beside an operation that timed out': {
      text: stuck(7) + nccl(2, '_ALLGATHER_BASE') + stuck(5),
      says: [
        'rank 2 waited; ranks 0, 1, 3, 4, 6 have no line',
        'The watchdogs of ranks 5, 7 made no progress for 480 s',
      ],
      never: [/ranks 2, 5, 7/],
    },
    'watchdogs that hang, alone': {
      text: stuck(7) + stuck(5),
      says: ['watchdog made no progress for 480 s'],
    },
    'one half of a transfer in each rank': {
      text: nccl(0, 'SEND') + nccl(1, 'RECV'),
      says: ['ranks 0, 1 waited'],
      never: [/different ways/],
    },
    'ranks in different collectives': {
      text: nccl(0, 'ALLREDUCE') + nccl(1, 'BROADCAST'),
      says: ['rank 0 in ALLREDUCE, rank 1 in BROADCAST', 'out of step'],
    },
    'a transfer in one rank and a collective in another': {
      text: nccl(0, 'SEND') + nccl(1, 'ALLREDUCE'),
      says: ['rank 0 in send or recv, rank 1 in ALLREDUCE', 'out of step'],
    },
    'Gloo alone': {
      text: gloo('recv'),
      says: ['gloo: recv, limit 900 s', 'py-spy dump of each rank'],
      never: [/TORCH_NCCL/],
    },
  };
  for (const [name, row] of Object.entries(rows)) test(name, () => void expectAnswer(row));
});

describe('the rank that the others wait for', () => {
  test('is named, and none that waited has failed', () => {
    const asked = {
      text: store(0) + barrier(3, 1) + barrier(2, 1),
      says: ['gave up after 300 s', 'the others waited for rank 1', 'Look at the output of rank 1'],
      never: [/rank 0 that failed/, /reach the master/],
    };
    expectAnswer(asked, true);
    const { report } = screensOf(store(0) + barrier(3, 1));
    expect(report.replace(/\s+/g, ' ')).toContain('the others waited for rank 1');
  });
  test('is not known of a store alone', () => {
    expectAnswer({
      text: 'torch.distributed.DistStoreError: Timed out after 301 seconds waiting for clients. 1/2 clients joined.\n',
      says: ['never joined the job', 'reach the master'],
      never: [/At the barrier/],
    });
  });
});

test('what the unit held that systemd-oomd killed, and how many went with it', () => {
  const line = (words: string) => `[   77.740597] systemd-oomd[71]: ${words}\n`;
  const unit = (name: string, held: string) =>
    line(`        Path: /user.slice/app.slice/${name}`) +
    line('                Memory Pressure Limit: 80.00%') +
    line(`                Current Memory Usage: ${held}`);
  const text =
    line(
      'Memory pressure for /user.slice/user@1.service is 84.25% > 80.00% for > 20s with reclaim activity',
    ) +
    line('Considered 19 cgroups for killing, top candidates were:') +
    unit('train.scope', '21.5G') +
    unit('browser.scope', '3.5G') +
    line(
      'Killed /user.slice/app.slice/train.scope due to memory pressure for /user.slice/user@1.service being 84.25% > 80.00% for > 20s with reclaim activity',
    ) +
    '[   77.752253] systemd[1]: train.scope: systemd-oomd killed 11 process(es) in this unit.\n';
  expectAnswer({
    text,
    says: ['the unit train.scope with all its processes (11)', 'It held 21.50 GiB', '84.25%'],
    never: [/3\.50/],
  });
});

describe('rows that were filled up and joined', () => {
  const parts = [
    'CUDA out of memory. Tried to allocate 26.00 MiB. GPU 1 has a total capacity of 47.25 GiB of ',
    'which 5.25 MiB is free. Including non-PyTorch memory, this process has 47.22 GiB memory in use. Of the allocated memory 45.50 GiB is allocated by P',
    'yTorch, and 1.25 GiB is reserved by PyTorch but unallocated. If reserved but unalloc',
    'ated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True\n',
  ];
  test('a word that is broken is whole', () => {
    expectAnswer({
      text: parts.join(' '.repeat(29)),
      says: ['45.50 GiB of 47.25 GiB', 'unallocated in PyTorch’s cache 1.25 GiB'],
    });
  });
  test('blanks within the text break nothing', () => {
    expectAnswer({
      text: `${parts.join('').replace('. GPU 1', `.${' '.repeat(20)}GPU 1`)}`,
      says: ['45.50 GiB of 47.25 GiB'],
    });
  });
});

describe('a batch of one', () => {
  const PADDLE =
    'Out of memory error on GPU 0. Cannot allocate 3.621826GB memory on GPU 0, 21.184814GB memory has been allocated and available memory is only 2.814575GB. Please check whether there is any other process using GPU 0. 1. If yes, please stop them, or start PaddlePaddle on another GPU. 2. If no, please decrease the batch size of your model.\n';
  const rows: Record<string, Pasted> = {
    'is made no smaller in Paddle': {
      text: `${PADDLE}I changed batch_size in yaml from 2 to 1, but still have this error.\n`,
      says: ['Recompute'],
      never: [/smaller batch/],
    },
    'is not what a text changes its batch to': {
      text: `${PADDLE}I changed batch_size in yaml from 8 to 2, but still have this error.\n`,
      says: ['Use a smaller batch or recompute'],
    },
    'is made no smaller in MXNet': {
      text: 'mxnet.base.MXNetError: [01:02:03] src/storage/./pooled_storage_manager.h:157: cudaMalloc failed: out of memory\nbatch_size: 1\n',
      says: ['MXNET_GPU_MEM_POOL_RESERVE'],
      never: [/smaller batch/],
    },
  };
  for (const [name, row] of Object.entries(rows)) test(name, () => void expectAnswer(row));
});

describe('an engine’s share', () => {
  const engine = (share: string) =>
    `python -m vllm.entrypoints.openai.api_server --model /m/q ${share}\nERROR 04-30 10:20:36 [core.py:396] EngineCore failed to start.\nERROR 04-30 10:20:36 [core.py:396] ValueError: No available memory for the cache blocks. Try increasing \`gpu_memory_utilization\` when initializing the engine.\n`;
  test('that the text has is named, and what is more than it', () => {
    const text = engine('--gpu-memory-utilization 0.35');
    expectAnswer({
      text,
      says: ['its whole share of the device (gpu_memory_utilization 0.35)', 'above 0.35 where nobody'],
    });
    expect(screensOf(text).report.replace(/\s+/g, ' ')).toContain('(gpu_memory_utilization 0.35)');
  });
  test('that it does not have is not', () => {
    expectAnswer({ text: engine(''), says: ['Raise gpu_memory_utilization where'], never: [/above 0/] });
  });
});

describe('the least that XLA could make of a program', () => {
  const LEAST =
    "2031-08-21 21:58:26.434829: W external/xla/xla/service/hlo_rematerialization.cc:3005] Can't reduce memory use below -795.17MiB (-833792853 bytes) by rematerialization; only reduced to 10.25GiB (11005853696 bytes), down from 10.50GiB (11274289152 bytes) originally\n";
  const pool = (path: string) =>
    `2031-08-21 21:58:39.330747: W ${path}/framework/bfc_allocator.cc:482] Allocator (GPU_0_bfc) ran out of memory trying to allocate 10.00GiB (rounded to 10737418240)requested by op \n`;
  const saysOf = (log: string) => screensOf(log).report.replace(/\s+/g, ' ');
  test('stands in the report where the allocator alone has the refusal', () => {
    expect(saysOf(LEAST + pool('external/xla/xla/tsl'))).toContain('10.25GiB is the least that XLA could');
  });
  test('is of the refusal behind it alone, and of XLA’s', () => {
    expect(saysOf(pool('external/xla/xla/tsl'))).not.toContain('the least that XLA');
    expect(saysOf(LEAST + pool('tensorflow/core'))).not.toContain('the least that XLA');
  });
});

describe('a text that no run is made of', () => {
  const folder = scratch('beside-run');
  const LIST =
    'PID     MEM(GB) COMMAND\n71      11.25   ray::Worker.generate\n72      11.25   ray::Worker.generate\n73      0.54    ray::main_task\n';
  test('has what is explained of it', () => {
    const file = join(folder, 'list.txt');
    writeFileSync(file, LIST);
    expect(besideRun(file)?.says).toContain('The 2 of its name hold 22.5 GiB together');
  });
  test('has nothing where there is nothing', () => {
    const file = join(folder, 'nothing.txt');
    writeFileSync(file, 'hello\n');
    expect(besideRun(file)).toBeNull();
    expect(besideRun(join(folder, 'none.txt'))).toBeNull();
    expect(besideRun(folder)).toBeNull();
  });
  test('one of its name is no sum', () => {
    expectAnswer({
      text: LIST.replace('72      11.25   ray::Worker.generate', '72      11.25   ray::Other.run'),
      says: ['largest of the list'],
      never: [/together/],
    });
  });
});
