/** Texts whose single statements are looked at, on each screen: who holds the memory, and that no screen reports a shortage where there is none. Shapes as programs print them, values invented. */
import { describe, expect, test } from 'vitest';
import { expectAnswer, type Pasted } from './pasted.ts';
import { screensOf } from './screens-of-log.ts';

const BLOCK =
  'RuntimeError: Current platform can NOT allocate memory block with size larger than 4GB! Tried to allocate 5.25 GiB (GPU  0; 11.50 GiB total capacity; 0 bytes already allocated; 0 bytes reserved in total by PyTorch)\n';
const FULL =
  'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 30.00 MiB (GPU 0; 15.75 GiB total capacity; 15.10 GiB already allocated; 11.00 MiB free; 15.20 GiB reserved in total by PyTorch)\n';

describe('how close the end was', () => {
  const rows: Record<string, { log: string; shows: string[]; never: string[] }> = {
    'no real size': {
      log: 'RuntimeError: NPU out of memory. Tried to allocate more than 1EB memory\n',
      shows: ['Not a shortage of memory'],
      never: ['Memory ran out', 'out of memory ·'],
    },
    'a limit on one piece': {
      log: BLOCK,
      shows: ['Memory was refused: 5.25 GiB were requested'],
      never: ['Memory ran out'],
    },
    'a refusal with room': {
      log: 'RuntimeError: CUDA out of memory. Tried to allocate 1.25 GiB (GPU 0; 7.00 GiB total capacity; 712.50 MiB already allocated; 4.10 GiB free; 1.10 GiB reserved in total by PyTorch)\n',
      shows: ['Memory was refused: 1.25 GiB were requested, 4.10 GiB were free on the device'],
      never: ['Memory ran out'],
    },
    'the rest of an engine’s share': {
      log: "ValueError: To serve at least one request with the models's max seq len (65536), (12.0 GiB KV cache is needed, which is larger than the available KV cache memory (2.25 GiB). Based on the available memory, the estimated maximum model length is 12288.\n",
      shows: ['12.0 GiB were requested, 2.25 GiB were left of the engine’s share'],
      never: ['free on the device'],
    },
    'a full device': {
      log: FULL,
      shows: ['Memory ran out: 30.0 MiB were requested, 11.0 MiB were free on the device', 'out of memory ·'],
      never: ['was refused'],
    },
  };
  for (const [name, { log, shows, never }] of Object.entries(rows))
    test(name, () => {
      const { report, small } = screensOf(log);
      const all = `${report.replace(/\s+/g, ' ')}\n${small}`;
      for (const words of shows) expect(all).toContain(words);
      for (const words of never) expect(all).not.toContain(words);
    });
});

const table = (used: number, rows: string[], total = 24268) =>
  [
    '+-----------------------------------------------------------------------------+',
    '| NVIDIA-SMI 470.57       Driver Version: 470.57       CUDA Version: 11.4     |',
    '|   0  NVIDIA RTX A5000    Off  | 00000000:01:00.0 Off |                    0 |',
    `| 30%   41C    P8    21W / 230W |  ${used}MiB / ${total}MiB |      0%      Default |`,
    '| Processes:                                                                  |',
    '|  GPU   GI   CI        PID   Type   Process name                  GPU Memory |',
    ...rows,
    '+-----------------------------------------------------------------------------+',
    '',
  ].join('\n');
const row = (gpu: number, pid: number, name: string, mib: number, end = ' |') =>
  `|    ${gpu}   N/A  N/A     ${pid}      C   ${name.padEnd(28)} ${`${mib}`.padStart(6)}MiB${end}`;

describe('memory of a device that no process of the table holds', () => {
  const rows: Record<string, Pasted> = {
    'beside a display': {
      text: table(9876, [row(0, 1201, '/usr/lib/xorg/Xorg', 120)]),
      says: [
        'no device is full. 9756 MiB of it belong to no process in the table',
        'hold 120 MiB',
        'fuser -v',
      ],
    },
    'of a full device': {
      text: table(23990, [row(0, 1201, 'python', 11000)]),
      says: ['12990 MiB of it belong to no process in the table'],
    },
    'where none is listed': {
      text: table(9876, ['|  No running processes found                                                 |']),
      says: ['The table lists no process that holds its 9876 MiB'],
    },
    'what the driver has is nobody’s': {
      text: table(9876, [row(0, 1201, 'python', 9301)]),
      says: ['no device is full'],
      never: ['belong to no process', 'fuser'],
    },
    'where the processes were not copied': {
      text: table(9876, []),
      says: ['no device is full'],
      never: ['belong to no process', 'lists no process'],
    },
  };
  for (const [name, pasted] of Object.entries(rows)) test(name, () => void expectAnswer(pasted));

  test('watch finds the same', () => {
    const { report } = screensOf(table(9876, [row(0, 1201, '/usr/lib/xorg/Xorg', 120)]));
    expect(report.replace(/\s+/g, ' ')).toContain('9756 MiB of it belong to no process in the table');
    expect(screensOf(table(9876, [row(0, 1201, 'python', 9301)])).report).not.toContain('no process in');
  });
});

test('a row of a process whose last bar was not copied', () => {
  const processes = [
    row(0, 501, 'python', 4100),
    row(1, 502, 'python', 4120),
    row(2, 503, 'python', 4130, ''),
  ];
  expectAnswer({
    text: processes.join('\n'),
    says: ['device 2 4130 MiB (1 process)', 'device 0 4100 MiB'],
  });
});

const OUTSIDE = (head: string) =>
  `${head}Traceback (most recent call last):\n  File "/w/fit.py", line 77, in step\n    obs = env.step(action)\ntorch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 MiB (GPU 0; 23.65 GiB total capacity; 3.10 GiB already allocated; 2.50 MiB free; 3.15 GiB reserved in total by PyTorch)\n`;

describe('a simulator in the process', () => {
  const rows: Record<string, Pasted> = {
    'has what is outside PyTorch': {
      text: OUTSIDE(
        "Importing module 'gym_38' (/home/me/isaacgym/python/isaacgym/_bindings/gym_38.so)\nnum_envs=4096\n",
      ),
      says: [
        'full, mostly of what is outside PyTorch: 20.50 GiB of 23.65 GiB',
        'likely the simulator’s',
        'Run fewer environments',
      ],
      never: [/Others take/],
    },
    'simulates one environment already': {
      text: OUTSIDE('[omni.physx.plugin] ready\nnum_envs: 1\n'),
      says: ['likely the simulator’s', 'contact and pair buffers smaller'],
      never: [/fewer environments/],
    },
    'none is there': {
      text: OUTSIDE('Loading data\n'),
      says: ['Others take cuda:0’s memory'],
      never: [/likely the simulator’s/],
    },
    'the process is named with what it holds': {
      text: '  File "/w/IsaacLab/source/train.py", line 7, in step\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 96.00 MiB. GPU 0 has a total capacity of 15.60 GiB of which 40.00 MiB is free. Including non-PyTorch memory, this process has 15.40 GiB memory in use. Of the allocated memory 6.20 GiB is allocated by PyTorch, and 100.00 MiB is reserved by PyTorch but unallocated.\n',
      says: ['Run fewer environments', /outside PyTorch/],
    },
  };
  for (const [name, pasted] of Object.entries(rows)) test(name, () => void expectAnswer(pasted));
});

const hang = (rank: number, enqueued: number) =>
  `[rank${rank}]:[E102 03:04:05.6 ProcessGroupNCCL.cpp:616] [Rank ${rank}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=71, OpType=ALLREDUCE, NumelIn=9, NumelOut=9, Timeout(ms)=600000) ran for 600011 milliseconds before timing out.\n[rank${rank}]:[E102 03:04:05.7 ProcessGroupNCCL.cpp:1785] [PG ID 0 PG GUID 0(default_pg) Rank ${rank}] Exception (either an error or timeout) detected by watchdog at work: 71, last enqueued NCCL work: ${enqueued}, last completed NCCL work: 70.\n`;

test('how far the ranks had gone on, beside the operation that hung', () => {
  expectAnswer({
    text: hang(0, 74) + hang(1, 74),
    says: ['last completed 70, last enqueued 74)', 'ranks 0, 1 waited'],
  });
  expectAnswer({ text: hang(0, 71) + hang(1, 74), says: ['last enqueued 71 to 74)'] });
});

const ASKED =
  'Traceback (most recent call last):\n  File "/w/fit.py", line 7, in step\n    loss.backward()\ntorch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 30.00 MiB (GPU 0; 15.75 GiB total capacity; 15.10 GiB already allocated; 11.00 MiB free; 15.20 GiB reserved in total by PyTorch)\n';

describe('how far it had come, where no figures of a trainer are read', () => {
  const reached: Record<string, string | null> = {
    'epoch:  87': 'epoch 87',
    'Epoch 3/10': 'epoch 3 of 10',
    '=> training epoch 5': 'epoch 5',
    'Epoch 0: 512.77 seconds': 'epoch 0',
    'Training Epoch 14:   0% 0/101 [00:00<?, ?it/s]': 'epoch 14',
    '2031-01-02 03:04:05 Starting epoch 6': 'epoch 6',
    '  Step 8200: Warp mempool used: 0.24 GiB': 'step 8200',
    'Iteration 7/100': 'iteration 7 of 100',
    'Preparing validation set:  46%|####     | 31/67 [29:02<35:12, 58.67s/it]':
      '31 of 67 (Preparing validation set)',
    'Step 3: run the script': null,
    'Loading /w/epoch_12.pth': null,
    'epoch 12.ckpt was read': null,
    'epochs 300': null,
    'per epoch 40 batches': null,
    '*** STEP 6053.0 ON n1': null,
    'Epoch 1.5': null,
  };
  for (const [line, says] of Object.entries(reached))
    test(line, () => {
      const text = `${line}\n${ASKED}`;
      const words = 'The newest that the text has of its progress: ';
      expectAnswer({
        text,
        says: says === null ? ['cuda:0 is full'] : [`${words}${says}.`],
      });
      const { report } = screensOf(text);
      const flat = report.replace(/\s+/g, ' ');
      if (says === null) expect(flat).not.toContain(words.trim());
      else expect(flat).toContain(`${words}${says}.`);
    });

  test('of an ending, too; not where the steps are read', () => {
    const killed = screensOf(
      'Epoch 3/10\nERROR:torch.distributed.elastic.multiprocessing.api:failed (exitcode: -9) local_rank: 1 (pid: 77) of binary: /usr/bin/python\n',
    );
    expect(killed.report.replace(/\s+/g, ' ')).toContain('of its progress: epoch 3 of 10.');
    const read = screensOf(`Epoch: [0][415/1736]\tLoss 0.5844\nEpoch: [0][447/1736]\tLoss 0.5504\n${ASKED}`);
    expect(read.report).not.toContain('of its progress');
  });
});

test('an engine that sleeps beside a trainer: what it freed, and its share', () => {
  expectAnswer({
    text: 'INFO 01-02 03:04:05 [worker.py:287] the current vLLM instance can use total_gpu_memory (79.15GiB) x gpu_memory_utilization (0.30) = 23.75GiB\nINFO 01-02 03:04:05 [worker.py:287] model weights take 9.50GiB; non_torch_memory takes 0.15GiB; PyTorch activation peak memory takes 0.25GiB; the rest of the memory reserved for KV Cache is 13.85GiB\n[2031-01-02 03:05:06,822] [INFO] [utils.py:781:see_memory_usage] After initializing ZeRO optimizer\n[2031-01-02 03:05:06,826] [INFO] [utils.py:782:see_memory_usage] MA 30.50 GB         Max_MA 33.25 GB         CA 40.75 GB         Max_CA 41 GB\nINFO 01-02 03:06:07 [worker.py:145] Sleep mode freed 22.25 GiB memory, 20.50 GiB memory is still in use.\n',
    says: [
      '20.50 GiB of the device was still in use',
      'The sleep freed 22.25 GiB',
      'Its share: 0.30 of 79.15 GiB',
      'Left for the KV cache: 13.85 GiB',
    ],
  });
});

const xid = (gpu: string, number: number) =>
  `[Wed Jan  1 01:02:03 2031] NVRM: Xid (PCI:0000:${gpu}:00): ${number}, pid=77, name=python3\n`;

test('faults of programs beside a broken GPU', () => {
  expectAnswer({
    text: xid('1a', 43) + xid('1b', 31) + xid('1c', 94),
    says: [
      'Take 0000:1c:00 or its node out of use',
      'Of the others (0000:1a:00, 0000:1b:00): mostly the program’s',
    ],
  });
  expectAnswer({
    text: xid('1a', 95) + xid('1b', 94),
    says: ['Take the GPUs or their node out of use'],
    never: [/Of the others/],
  });
  expectAnswer({
    text: xid('1a', 43) + xid('1b', 31),
    says: ['Mostly the program’s'],
    never: [/out of use/],
  });
});

test('a job that is requeued was not ended for another one', () => {
  const { report } = screensOf(
    'slurmstepd: error: *** JOB 71 ON n1 CANCELLED AT 2031-08-12T02:06:12 DUE TO JOB REQUEUE ***\n',
  );
  expect(report).toContain('slurm ended the job to start it again');
  expect(report).not.toContain('took the node');
  const other = screensOf(
    'slurmstepd: error: *** JOB 71 ON n1 CANCELLED AT 2031-08-12T02:06:12 DUE TO PREEMPTION ***\n',
  );
  expect(other.report).toContain('slurm took the node for another job');
});

test('llama.cpp’s own buffer on the host has no workers of a data loader', () => {
  expectAnswer({
    text: 'ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 437944320\nllama_model_load: error loading model: unable to allocate CPU buffer\npanic: unable to load model: D:\\models\\m.gguf\n',
    says: ['Out of the host’s memory, not the GPU’s', 'smaller quantisation'],
    never: [/DataLoader/],
  });
});

const physx = (kind: string, words: string) =>
  `2031-07-24 09:14:09 [250,761ms] [${kind}] [omni.physx.plugin] PhysX ${kind.toLowerCase()}: ${words}\n`;
const STREAMS = physx(
  'Error',
  'SynchronizeStreams cuEventRecord failed with error 700\n, FILE /b/source/gpucommon/include/PxgCudaUtils.h, LINE 53',
);
const PINNED = physx('Warning', 'Failed to allocate pinned memory');

describe('a refusal that only follows, or is of a number', () => {
  const mapped = (file: string, bytes = 2048) =>
    `Traceback (most recent call last):\n  File "/w/multiprocessing/queues.py", line 122, in get\n    return _ForkingPickler.loads(res)\nRuntimeError: unable to mmap ${bytes} bytes from file <${file}>: Cannot allocate memory (12)\n`;
  const rows: Record<string, Pasted> = {
    'page-locked memory behind an error 700 of the simulator': {
      text: STREAMS + PINNED,
      says: ['an address that is not its own (error 700)', 'the driver refuses everything'],
      never: [/pin_memory/, /ulimit/],
    },
    'page-locked memory alone': {
      text: PINNED,
      says: ['page-locked host memory could not be had'],
      never: [/error 700\)/],
    },
    'a small mapping without a name': {
      text: mapped('filename not specified'),
      says: ['may have only so many (vm.max_map_count)'],
      never: [/Out of the host’s memory/],
    },
    'a large one': {
      text: mapped('filename not specified', 4 * 2 ** 30),
      says: ['Out of the host’s memory'],
      never: [/max_map_count/],
    },
  };
  for (const [name, row] of Object.entries(rows)) test(name, () => void expectAnswer(row));
});
