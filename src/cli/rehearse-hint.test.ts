import { expect, test } from 'vitest';
import { GIB } from '../base/index.ts';
import { type RefusedRun, rehearseHint } from './rehearse-hint.ts';

const hint = (command: string, refusal: Partial<RefusedRun> = {}) =>
  rehearseHint(command.split(' '), {
    ...{ totalBytes: 24 * GIB, devices: 1, updates: 0, isGradual: false },
    ...refusal,
  });

test.each([
  ['python train.py', '--memory 24576MiB -- python train.py'],
  [
    'python train.py --batch-size 64',
    '--memory 24576MiB --vary batch-size=1..64 -- python train.py --batch-size 64',
  ],
  [
    '/v/bin/torchrun --nproc-per-node 2 train.py --per_device_train_batch_size=8',
    '--memory 24576MiB --gpus 2 --vary per_device_train_batch_size=1..8 -- /v/bin/torchrun',
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

test.each<[string, string, Partial<RefusedRun>, string]>([
  ['each process has a device', 'torchrun --nproc_per_node=4 train.py', {}, '--gpus 4 --'],
  ['accelerate’s word', 'accelerate launch --num_processes 2 train.py', {}, '--gpus 2 --'],
  ['one process', 'torchrun --nproc-per-node 1 train.py', {}, '24576MiB --'],
  ['as many as the machine has', 'torchrun --nproc-per-node gpu train.py', { devices: 8 }, '--gpus 8 --'],
  ['the fourth device alone', 'python train.py', { devices: 4 }, '--gpus 4 --'],
  ['more devices than a rehearsal has', 'python train.py', { devices: 99 }, '--gpus 64 --'],
  ['refused after what a rehearsal sees', 'python train.py', { updates: 10 }, '24576MiB --steps all --'],
  ['refused in what a rehearsal sees', 'python train.py', { updates: 5 }, '24576MiB --'],
  ['refused by what grows', 'python train.py', { updates: 40, isGradual: true }, '24576MiB --'],
  ['refused after a day', 'python train.py', { updates: 20_000 }, '24576MiB --'],
])('a rehearsal is of what ran: %s', (_, command, refusal, words) => {
  expect(hint(command, refusal)).toContain(` ${words} ${command}`);
});
