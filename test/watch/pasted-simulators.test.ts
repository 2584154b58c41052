/** Errors of simulators and of the programs around them as people paste them, values invented. */
import { expect, test } from 'vitest';
import { runDocument } from '../../src/report/index.ts';
import { expectAnswer } from './pasted.ts';
import { watched } from './report-of-log.ts';

const KIT = '2026-01-02 12:01:23 [10,436ms] [Error] [carb.cudainterop.plugin]';

test('the simulator’s platform was refused memory of the GPU', () => {
  expectAnswer({
    text: `${KIT} CUDA error 2: cudaErrorMemoryAllocation - out of memory)\n${KIT} CUDA error 1: cudaErrorInvalidValue - invalid argument)\n2026-01-02 12:01:23 [10,476ms] [Error] [omni.physx.plugin] Unable to create PxCudaContextManager!\n`,
    says: ['Out of GPU memory outside PyTorch', 'Isaac Sim', 'nvidia-smi'],
    never: ['set_per_process_memory_fraction', 'CUDA_LAUNCH_BLOCKING', 'pinned'],
  });
  // The same name of an error, where no simulator printed it.
  expectAnswer({
    text: 'RuntimeError: CUDA error 2: cudaErrorMemoryAllocation - out of memory\n',
    says: [/CUDA driver/],
    never: ['Isaac', 'simulator'],
  });
});

test.each([
  '(.venv)me@box:~/agents$',
  'me@box:~/agents$ ',
  '(base) me@box:~/agents$ ls',
  '[me@node1 agents]$ ',
  'C:\\Users\\me\\agents>',
  'PS C:\\Users\\me\\agents>',
])('a prompt behind an error without words is none of its text: %s', prompt => {
  const frames =
    'Traceback (most recent call last):\n  File "/home/me/agents/main.py", line 12, in <module>\n';
  const text = `${prompt} python main.py\n${frames}    memory = np.empty((size, 84, 84))\nMemoryError\n${prompt}\n`;
  const answer = expectAnswer({
    text,
    says: ['Out of the host’s memory', 'python'],
    never: ['refused 2 times'],
  });
  expect(answer.place).toContain('/home/me/agents/main.py, line 12');
  expect(answer.evidence.join('\n')).not.toContain(prompt);
});

test('what explains an error without words, behind it, is of its text', () => {
  const frames =
    'Traceback (most recent call last):\n  File "/home/me/agents/main.py", line 12, in <module>\n';
  expectAnswer({
    text: `${frames}    run()\nRuntimeError\nCUDA out of memory. Tried to allocate 2.00 GiB\n`,
    says: ['2.00 GiB'],
  });
});

test('Warp, which MuJoCo Warp and mjlab simulate in, was refused', () => {
  const place = 'Traceback (most recent call last):\n  File "/home/me/agents/train.py", line 41, in step\n';
  const line =
    'Warp CUDA error 2: out of memory (in function wp_alloc_device_async, /b/warp/native/warp.cu:769)\n';
  for (const text of [
    `${line}${place}    mjwarp.step(m, d)\nRuntimeError: Failed to allocate 5368709120 bytes on device 'cuda:0'\n`,
    `${place}    mjwarp.step(m, d)\nRuntimeError: Memory allocation failed on device: cuda:0 for 5368709120 bytes\n`,
  ])
    expectAnswer({
      text,
      says: ['Out of GPU memory outside PyTorch', 'Warp', '5.00 GiB', 'nconmax'],
      never: ['set_per_process_memory_fraction', 'Not about memory'],
    });
  expectAnswer({
    text: `${place}    wp.zeros(n)\nRuntimeError: Failed to allocate 5368709120 bytes on device 'cpu'\n`,
    says: ['host’s memory', '5.00 GiB'],
    never: ['GPU memory outside'],
  });
});

test('MuJoCo’s own error of the host’s memory, and its others', () => {
  const place = 'Traceback (most recent call last):\n  File "/home/me/agents/env.py", line 41, in __init__\n';
  expectAnswer({
    text: `${place}    self._data = mujoco.MjData(model)\nmujoco.FatalError: Could not allocate memory\n`,
    says: ['Out of the host’s memory', 'mujoco'],
    never: ['Not about memory'],
  });
  expectAnswer({
    text: `${place}    ctx = mujoco.GLContext(64, 64)\nmujoco.FatalError: gladLoadGL error\n`,
    says: [],
    never: ['host’s memory', 'Out of'],
  });
  // The same words of an error that is not MuJoCo's may be of any memory.
  expectAnswer({
    text: `${place}    load()\nmylib.FatalError: Could not allocate memory\n`,
    says: [],
    never: ['host’s memory', 'mujoco'],
  });
});

test('the pool of JAX by the path of its source', () => {
  const line = (path: string) =>
    `2026-01-02 15:15:07.203817: W ${path}/framework/bfc_allocator.cc:485] Allocator (GPU_0_bfc) ran out of memory trying to allocate 49.62GiB (rounded to 53280000256)requested by op \n`;
  expectAnswer({
    text: line('external/tsl/tsl'),
    says: ['in JAX', '49.62 GiB'],
    never: ['TensorFlow', 'tf.config'],
  });
  expectAnswer({ text: line('external/local_tsl/tsl'), says: ['in TensorFlow'], never: ['JAX'] });
});

test('a warning of a simulator is no failure of the training in a report, and its error of a kernel is', () => {
  const textOf = (error: string) => {
    const { report } = watched(
      `2026-01-02 14:18:43 [759ms] [Error] [omni.physx.plugin] PhysX error: ${error}`,
    );
    return JSON.stringify(runDocument(report, { nowMs: 2e12, timeZone: 'UTC', version: '0' }));
  };
  const warned = textOf(
    'Contact buffer overflow detected, please increase its size to at least 4711 in the scene desc!',
  );
  expect(warned).toContain('maxRigidContactCount has to be 4711 at least');
  expect(warned).toContain('It is a warning: whether the training ended is not in the text.');
  expect(warned).not.toMatch(/(?:training|run) failed/);
  expect(textOf('Synchronizing GPU Narrowphase failed! 700')).toMatch(/The training failed/);
});
