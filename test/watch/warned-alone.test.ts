/** A program's warning of a refusal is no end by itself: what comes behind it shows whether it was. */
import { expect, test } from 'vitest';
import { isWarning } from '../../src/contract/index.ts';
import { reportOfLog } from './report-of-log.ts';

const nccl = "node1:604:83 [0] include/alloc.h:103 NCCL WARN Cuda failure 2 'out of memory'\n";
const caught =
  'WARNING: ran out of memory, skipping batch: CUDA out of memory. Tried to allocate 1.25 GiB.\n';
const unhandled = 'RuntimeError: NCCL error in: x.cpp:1275, unhandled cuda error\n';
const killed =
  'torch.distributed.elastic: failed (exitcode: 1) local_rank: 1 (pid: 823) of binary: /usr/bin/python\n';

test.each([
  ['NCCL’s', nccl, 'unknown'],
  ['a trainer’s', caught, 'unknown'],
  ['NCCL’s, before the error that is raised for it', nccl + unhandled, 'failed'],
  [
    'NCCL’s, before an error of the same refusal',
    `${nccl}torch.OutOfMemoryError: CUDA out of memory.\n`,
    'failed',
  ],
  ['NCCL’s, before the launcher’s words', nccl + killed, 'failed'],
  ['none: the error is raised', 'torch.OutOfMemoryError: CUDA out of memory.\n', 'failed'],
])('a warning alone: %s', (_, text, state) => {
  const { report } = reportOfLog(text);
  expect(report.run.state).toBe(state);
  expect(isWarning(report.failure!)).toBe(state === 'unknown');
  if (state === 'unknown') expect(report.verdict.says).toContain('It is a warning');
});
