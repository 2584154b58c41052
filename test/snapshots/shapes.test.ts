/** What dumps of single generations, and programs on the stand-in device, have that others do not. */
import { expect, test } from 'vitest';
import { accountOf } from '../../src/snapshots/index.ts';
import { dumpOf } from './read.ts';

const account = (dump: object, at: 'peak' | 'end' | null = null) =>
  accountOf(dumpOf(Buffer.from(JSON.stringify(dump))), at);
const frame = (filename: string, name: string, line: number) => ({ filename, name, line });
const segment = (more: object, blocks: object[]) => ({
  device: 0,
  address: 4096,
  total_size: 4096,
  blocks,
  ...more,
});
const alloc = (addr: number, size: number, frames: object[]) => ({
  action: 'alloc',
  addr,
  size,
  stream: 0,
  frames,
});

test('blocks of 2022 have no address and a history', () => {
  const history = (real_size: number, line: number) => [
    { addr: 0, real_size, frames: [frame('/a/train.py', 'f', line)] },
  ];
  const dump = {
    segments: [
      segment({ segment_type: 'large' }, [
        { size: 1024, state: 'active_allocated', history: history(1000, 7) },
        { size: 512, state: 'inactive' },
        { size: 1024, state: 'active_awaiting_free', history: history(900, 8) },
        { size: 1536, state: 'inactive', history: history(1, 9) },
      ]),
    ],
    device_traces: [],
  };
  const [device] = account(dump).devices;
  expect(device!.attribution.lines.map(({ label, bytes }) => [label, bytes])).toEqual([
    ['train.py:7 f', 1000],
    ['train.py:8 f', 900],
  ]);
  expect(device!.layout).toMatchObject({ pendingBytes: 1024, strandedBytes: 2048, roundingBytes: 24 });
});

test('a list of segments alone is a state', () => {
  const [device] = account([segment({}, [{ size: 4096, state: 'active_allocated' }])]).devices;
  expect(device).toMatchObject({ at: 'end', events: 0, endBytes: 4096 });
});

test.each([
  '/tmp/torchinductor_me/nd/cndvpxdjd3fl5b7z3v6npuqbojkah6jp7n4i2hrf4b7ctvnu6dx3.py',
  '/tmp/torch_geometric.nn.conv.gat_conv_GATConv_propagate_k_tz9fdn.py',
  'C:\\Local\\Temp\\torch_geometric.nn.conv.gat_conv_GATConv_propagate_k_tz9fdn.py',
])('a module that was made at run time is not the program: %s', made => {
  const frames = [frame(made, 'call', 5), frame('/home/user/train.py', 'step', 12)];
  const block = { address: 4096, size: 4096, requested_size: 4096, state: 'active_allocated', frames };
  const [device] = account({ segments: [segment({}, [block])], device_traces: [] }).devices;
  expect(device!.attribution.lines.map(({ label }) => label)).toEqual(['train.py:12 step']);
});

test('frames of the stand-in device are on no stack', () => {
  const own = [
    frame('/venv/lib/python3.11/site-packages/esper_telemetry/standin/values/run.py', 'call', 5),
    frame('/home/user/train.py', 'step', 12),
  ];
  const dump = {
    segments: [
      segment({}, [
        { address: 4096, size: 4096, requested_size: 4096, state: 'active_allocated', frames: own },
      ]),
    ],
    device_traces: [[alloc(4096, 4096, own)]],
  };
  const [device] = account(dump).devices;
  expect(device!.attribution.stacks[0]!.frames).toEqual(['train.py:12 step']);
});

test('frames of the interpreter and of C++ hide none of Python, and make no stack of their own', () => {
  const python = [
    frame('/venv/lib/python3.11/site-packages/torch/nn/modules/linear.py', 'forward', 134),
    frame('/home/user/train.py', 'step', 12),
  ];
  const native = (at: number) => frame('/usr/lib/libpython3.11.so.1.0', '_PyEval_EvalFrameDefault', at);
  const mixed = (at: number) => [frame('??', 'at::empty', 0), native(at), python[0]!, native(7), python[1]!];
  const block = (address: number, frames: object[]) => ({
    ...{ address, size: 2048, requested_size: 2048, state: 'active_allocated', frames },
  });
  const blocks = [
    block(4096, mixed(0)),
    block(6144, mixed(0).slice(1)),
    block(8192, [frame('??', 'at::empty', 0)]),
  ];
  const [device] = account({ segments: [segment({}, blocks)], device_traces: [] }).devices;
  expect(device!.attribution.stacks.map(({ bytes, frames }) => [bytes, frames])).toEqual([
    [4096, ['torch/nn/modules/linear.py:134 forward', 'train.py:12 step']],
    [2048, ['?? at::empty']],
  ]);
});

test('what only a thread of autograd allocated has its own row, with C++ frames or without any', () => {
  const native = [frame('??', 'torch::autograd::Engine::thread_main', 0), frame('x.py', 'not python', 0)];
  const dump = {
    segments: [
      segment({}, [
        { address: 4096, size: 2048, requested_size: 2048, state: 'active_allocated', frames: native },
        { address: 6144, size: 2048, requested_size: 2048, state: 'active_allocated', frames: [] },
      ]),
    ],
    device_traces: [[alloc(4096, 2048, native), alloc(6144, 2048, [])]],
  };
  const [device] = account(dump).devices;
  expect(device!.attribution.lines).toMatchObject([
    { label: 'backward pass (no Python frame)', bytes: 4096, isLine: false },
  ]);
});

test('addresses beyond what a double holds stay apart', () => {
  const [a, b] = ['9223372036854775809', '9223372036854775811'];
  const text = JSON.stringify({
    segments: [],
    device_traces: [
      [
        alloc(1, 100, []),
        alloc(2, 50, []),
        { action: 'free_completed', addr: 1, size: 100, stream: 0, frames: [] },
      ],
    ],
  }).replaceAll(/"addr":(1|2)/g, (_, which) => `"addr":${which === '1' ? a : b}`);
  const [device] = accountOf(dumpOf(Buffer.from(text)), 1).devices;
  expect(device!.attribution.lines).toMatchObject([{ blocks: 2 }]);
});

test('actions of a newer PyTorch are kept apart, and do nothing', () => {
  const dump = {
    segments: [],
    device_traces: [
      [
        { action: 'teleport', addr: 1, size: 5 },
        { action: 'annotate', metadata: 'x' },
      ],
    ],
  };
  const whole = account(dump);
  expect(whole.unknownActions).toEqual(['teleport']);
  expect(whole.devices[0]!.actions).toEqual({ unknown: 1, annotate: 1 });
});

test('pages that are mapped and unmapped: what is held is right at every event', () => {
  const map = (action: string, addr: number, size: number) => ({ action, addr, size, stream: 0, frames: [] });
  const dump = {
    segments: [
      segment({ is_expandable: true, total_size: 8192, address: 4096 }, [
        { address: 4096, size: 8192, state: 'inactive' },
      ]),
    ],
    device_traces: [
      [map('segment_map', 4096, 4096), map('segment_map', 8192, 8192), map('segment_unmap', 12288, 4096)],
    ],
  };
  const held = [0, 1, 2].map(
    event => accountOf(dumpOf(Buffer.from(JSON.stringify(dump))), event).devices[0]!.layout.reservedBytes,
  );
  expect(held).toEqual([4096, 12288, 8192]);
});

test.each(['constructor', 'toString', '__proto__', 'asleep'])('a block that is %s is refused', state => {
  expect(() => account([segment({}, [{ size: 4096, state }])])).toThrow('a block has an unknown state');
});

test('several devices are accounted apart', () => {
  const block = { address: 4096, size: 4096, requested_size: 4000, state: 'active_allocated', frames: [] };
  const dump = {
    segments: [segment({}, [block]), segment({ device: 1 }, [block])],
    device_traces: [[], [alloc(4096, 4000, [frame('/a/train.py', 'f', 3)])]],
  };
  expect(
    account(dump, 'end').devices.map(({ device, attribution }) => [device, attribution.lines[0]!.label]),
  ).toEqual([
    ['cuda:0', 'allocated before recording'],
    ['cuda:1', 'backward pass (no Python frame)'],
  ]);
});
