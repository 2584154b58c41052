import { expect, test } from 'vitest';
import { GIB } from '../base/index.ts';
import { rehearseHint } from './rehearse-hint.ts';

const hint = (command: string, total = 24 * GIB) => rehearseHint(command.split(' '), total);

test.each([
  ['python train.py', '--memory 24576MiB -- python train.py'],
  [
    'python train.py --batch-size 64',
    '--memory 24576MiB --vary batch-size=1..64 -- python train.py --batch-size 64',
  ],
  [
    '/v/bin/torchrun --nproc-per-node 2 train.py --per_device_train_batch_size=8',
    '--vary per_device_train_batch_size=1..8 -- /v/bin/torchrun',
  ],
  ['python3.11 train.py --batch_size 1', '--memory 24576MiB -- python3.11 train.py --batch_size 1'],
  ['python train.py --batch-size auto', '--memory 24576MiB -- python'],
])('what fits is found by rehearsing: %s', (command, words) => {
  expect(hint(command)).toMatch(/^What fits, without a GPU: .*rehearse /);
  expect(hint(command)).toContain(words);
});

test.each(['bash sweep.sh', 'cat train.log', 'python -m esper_telemetry.standin train.py'])(
  'of what is no program in Python, or on the stand-in device already, there is none: %s',
  command => expect(hint(command)).toBeNull(),
);
