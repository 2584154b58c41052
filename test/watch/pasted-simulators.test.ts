/** Errors of simulators and of the programs around them as people paste them, values invented. */
import { expect, test } from 'vitest';
import { expectAnswer } from './pasted.ts';

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
