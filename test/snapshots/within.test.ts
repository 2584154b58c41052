/** Where a library does the work of the program's line, the library's own lines are named within it; their sum is at most the line's. */
import { expect, test } from 'vitest';
import { answerOfSnapshot } from '../../src/explain/index.ts';
import { accountOf } from '../../src/snapshots/index.ts';
import { dumpOf } from './read.ts';

const MIB = 2 ** 20;
const frame = (filename: string, line: number, name = 'forward') => ({ filename, line, name });
const PACKAGES = '/v/lib/python3.11/site-packages';
const torch = frame(`${PACKAGES}/torch/nn/modules/linear.py`, 134);
const model = frame(`${PACKAGES}/transformers/activations.py`, 66);
const trainer = frame(`${PACKAGES}/transformers/trainer.py`, 2000, 'step');
const standard = frame('/usr/lib/python3.11/contextlib.py', 81, 'inner');
const own = frame('/home/user/train.py', 14, '<module>');
const head = frame('/home/user/nets.py', 3);

test('lines of libraries within a line', () => {
  const stacks: [mib: number, frames: object[]][] = [
    [64, [torch, model, torch, trainer, own]],
    [8, [standard, torch, trainer, own]],
    // A part of the program that a library calls is the line itself; torch alone is none.
    [32, [torch, head, torch, trainer, own]],
    [16, [torch, own]],
    [4, [torch, trainer]],
  ];
  let address = 1 << 30;
  const blocks = stacks.map(([mib, frames]) => {
    const block = {
      address,
      size: mib * MIB,
      requested_size: mib * MIB,
      state: 'active_allocated',
      frames,
    };
    address += block.size;
    return block;
  });
  const size = blocks.reduce((sum, block) => sum + block.size, 0);
  const events = blocks.map(({ address: addr, size, frames }) => ({
    action: 'alloc',
    addr,
    size,
    stream: 0,
    frames,
  }));
  const segment = {
    device: 0,
    address: 1 << 30,
    total_size: size,
    allocated_size: size,
    active_size: size,
    segment_type: 'large',
    stream: 0,
    blocks,
  };
  const oom = { action: 'oom', addr: 8 * MIB, size: 512 * MIB, stream: 0, frames: [torch, model, own] };
  const account = accountOf(
    dumpOf(Buffer.from(JSON.stringify({ segments: [segment], device_traces: [[...events, oom]] }))),
  );
  const [device] = account.devices;
  const lines = device!.attribution.lines.map(({ label, bytes, within }) => [
    label,
    bytes / MIB,
    within.map(inner => [inner.label, inner.bytes / MIB]),
  ]);
  expect(lines).toEqual([
    [
      'train.py:14 <module>',
      88,
      [
        ['transformers/activations.py:66 forward', 64],
        ['transformers/trainer.py:2000 step', 8],
      ],
    ],
    ['nets.py:3 forward', 32, []],
    ['torch/nn/modules/linear.py:134 forward', 4, []],
  ]);
  const { says } = answerOfSnapshot('s.pickle', account);
  expect(says).toContain(
    'A request of 512 MiB at `train.py:14 <module>` (within `transformers/activations.py:66 forward`) was refused',
  );
  expect(says).toContain(
    '`train.py:14 <module>` held most of what has a line: 88.0 MiB (71%), of it in `transformers/activations.py:66 forward` 64.0 MiB (52%) and `transformers/trainer.py:2000 step` 8.0 MiB (6.5%).',
  );
});
