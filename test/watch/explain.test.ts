/** `esper explain` on what people paste: whose memory, what ended it, what to try. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { asLeft } from '../../src/contract/index.ts';
import { answerOfReport, explainText } from '../../src/explain/index.ts';
import { material } from '../material.ts';
import { played, reportOf } from '../report/runs.ts';

const explain = (text: string) => explainText(text, 'test', 2e12);
const rows: Record<string, { whose: string | null; says: (string | RegExp)[] }> = {
  'r1-dmesg-oom-kill': { whose: 'host', says: ['whole machine', '29.99 GiB', '4242'] },
  'r2-slurm-time-limit': { whose: null, says: ['time limit', 'after 3 reports', 'Memory had no part'] },
  'r3-nccl-timeout': { whose: null, says: ['ALLREDUCE', '1800093 ms', 'rank 0 has no line'] },
  'r4-triton-shared-memory': { whose: null, says: ['663808', '101376', 'A smaller batch does not help'] },
  'r5-hip-free-impossible': { whose: 'GPU', says: ['72.00 MiB', '430.00 MiB', 'impossible'] },
  'r6-nvidia-smi-table': {
    whose: 'GPU',
    says: ['16168 of 16280 MiB', '99.3%', '2567 MiB more', 'Pin each rank'],
  },
  'r7-physx-out-of-memory': { whose: 'GPU', says: ['outside PyTorch', 'simulator', '324.00 MiB', '4 times'] },
  'r8-vllm-sleep-rest-grows': {
    whose: 'GPU',
    says: ['4.11, 11.57, 25.00 GiB', '+20.89 GiB in 2 steps', 'sleep 2'],
  },
  'r9-no-newline-at-the-end': { whose: 'GPU', says: ['96.00 MiB', '40.25 MiB', '22.10 GiB', '23.65 GiB'] },
};

test('in a container the listed process is the training itself, however much it has besides PyTorch', () => {
  const answer = explain(
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 9.28 GiB. GPU 0 has a total capacity of 79.11 GiB of which 5.01 GiB is free. Process 4055 has 74.09 GiB memory in use. Of the allocated memory 68.22 GiB is allocated by PyTorch, and 3.50 GiB is reserved by PyTorch but unallocated.',
  );
  expect(answer!.says).toContain('full of this process’s own tensors');
});

test('of a run that leaked until memory was refused, the leak is mended, and its end stands once', () => {
  const { says, next, evidence } = answerOfReport(reportOf(played('slow-leak', 1)));
  expect(says).toMatch(/^Tensors that outlive their update accumulate/);
  expect(says.match(/The training failed/g)).toHaveLength(1);
  expect(next[0]).toMatch(/^Keep numbers, not tensors/);
  expect(next.join('\n')).not.toMatch('smaller microbatches');
  // What the error's text has is beside what was measured.
  expect(evidence.join('\n')).toMatch(/keeps growing[\s\S]*The text: asked/);
});

test('a run whose trainer was killed begins with that, and names where to look', () => {
  const events = played('steady', 1).filter(({ type }) => type !== 'TRAINING_COMPLETED');
  const { says, next } = answerOfReport(asLeft(reportOf(events), true));
  expect(says).toMatch(/^The trainer ended after batch \d+ of \d+ without a final event: it was killed/);
  expect(says).toMatch('Memory is steady');
  expect(next[0]).toMatch('dmesg');
});

describe('what people paste', () => {
  test.each(Object.entries(rows))('%s', (name, { whose, says }) => {
    const file = material(`field2/${name}.log`);
    if (file === undefined) return;
    const answer = explainText(readFileSync(file), name, 2e12)!;
    expect(answer.whose).toBe(whose);
    const text = [answer.says, ...answer.evidence, ...answer.next].join('\n');
    for (const word of says) expect(text).toMatch(word);
  });

  test('even devices are no finding, and an idle table is none', () => {
    const table = (used: number[]) =>
      used
        .map(
          (mib, i) =>
            `|   ${i}  NVIDIA A100-SXM4-40GB          On | 00000000:0${i}:00.0 Off |                    0 |\n| N/A   44C    P0    62W / 400W |  ${mib}MiB / 40960MiB |      0%      Default |`,
        )
        .join('\n');
    expect(explain(table([300, 310]))!.says).toMatch('no device is full');
    expect(explain(table([40500, 40510]))!.says).toMatch('nearly all');
    expect(explain(table([9000, 3000, 3010]))!.says).toMatch('runs out first');
  });

  test('an engine whose rest stays as it is has not grown', () => {
    const slept = 'Sleep mode freed 43.82 GiB memory, 4.11 GiB memory is still in use.\n';
    expect(explain(`${slept.repeat(3)}torch.OutOfMemoryError: CUDA out of memory.\n`)!.says).not.toMatch(
      'What grew',
    );
  });

  test.each([
    ['at one', [4.1, 4.1, 6.2], 'from sleep 3 on'],
    ['a little with each', [4.1, 4.5, 4.9, 5.3], 'a little with each sleep'],
  ])('an engine whose rest grows %s', (_, rests, says) => {
    const lines = rests.map(
      rest => `Sleep mode freed 43.82 GiB memory, ${rest.toFixed(2)} GiB memory is still in use.\n`,
    );
    const answer = explain(`${lines.join('')}torch.OutOfMemoryError: CUDA out of memory.\n`)!;
    expect(answer.says).toMatch(says);
    expect(answer.says).not.toMatch('sleep 0');
  });

  test('collectives that are behind, and out of step', () => {
    const status = (rank: number, last: number) =>
      `[PG 0 Rank ${rank}] Timeout at NCCL work: ${last + 1}, last enqueued NCCL work: ${last + 1}, last completed NCCL work: ${last}.\n`;
    const { evidence } = explain(status(0, 41) + status(1, 17) + status(2, 41))!;
    expect(evidence.join('\n')).toMatch('Behind the others: rank 1, last completed 17');
  });

  test.each(['', 'hello\n', 'step one done\n'])('nothing is made of %j', text => {
    expect(explain(text)).toBeNull();
  });
});
