import { expect, test } from 'vitest';
import { columns } from '../base/index.ts';
import { answerPage } from './answer-page.ts';

const answer = {
  what: 'an error’s text',
  whose: 'GPU' as const,
  state: 'failed',
  says: 'cuda:0 is full of the training’s own tensors: 37.00 GiB of 39.39 GiB, and 1.20 GiB more was asked for.',
  confidence: 'certain' as const,
  evidence: ['PyTorch holds 37.29 GiB of 39.39 GiB (95%), and a path that is /very/long/'.padEnd(180, 'x')],
  next: [
    'Use smaller microbatches with gradient accumulation, activation checkpointing, or shorter sequences.',
  ],
};

test('the answer is the first line, and no line is wider than the terminal', () => {
  const lines = answerPage(answer, 80).split('\n');
  expect(lines[0]).toMatch(/^cuda:0 is full of the training/);
  expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(80);
  expect(lines.indexOf('What to try')).toBeLessThan(lines.indexOf('Evidence'));
  expect(lines[lines.indexOf('What to try') + 2]).toMatch(/^ {4}\S/);
});

test('a pipe takes each sentence as one line', () => {
  expect(answerPage(answer, null)).toContain(`  - ${answer.next[0]}`);
});

test('where it was raised stands above what to try, once', () => {
  const place = 'Raised at: train.py, line 17, in step.';
  const lines = answerPage({ ...answer, place, evidence: [...answer.evidence, place] }, null).split('\n');
  expect(lines.filter(line => line.includes('train.py'))).toEqual([place]);
  expect(lines.indexOf(place)).toBeLessThan(lines.indexOf('What to try'));
});
