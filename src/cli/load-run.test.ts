import { expect, test } from 'vitest';
import { event, reading, update } from '../../test/events.ts';
import { append } from '../../test/log-files.ts';
import { scratch } from '../../test/scratch.ts';
import { skimRun } from '../follow/index.ts';
import { emptyReport } from '../log/index.ts';
import { loadRun } from './load-run.ts';

test('a run of 1.5 MB is skimmed to the same newest figures as when it is read whole', () => {
  const folder = scratch('skim');
  const started = event('TRAINING_STARTED', { task: 'CartPole-v1', maxBatches: 9000 });
  const events = [started, ...Array.from({ length: 6000 }, (_, i) => update(i + 1, [reading(i % 7, 8)]))];
  append(folder, events);
  const [skimmed, whole] = [skimRun(folder), loadRun(folder, emptyReport())];
  expect(skimmed.tamiyo).toEqual(whole.tamiyo);
  expect(skimmed.run).toEqual(whole.run);
});

test('the snapshot at a batch is that of the events up to it; a batch that never came is an error', () => {
  const folder = scratch('batch');
  const events = Array.from({ length: 20 }, (_, i) => update(i + 1, [reading(i % 7, 8)]));
  append(folder, events);
  expect(loadRun(folder, emptyReport(), 7).ranks[0]!.nextSeq).toBe(8);
  expect(() => loadRun(folder, emptyReport(), 21)).toThrow('The run has no batch 21: its last is 20.');
});
