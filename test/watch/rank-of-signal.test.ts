/** The interpreter's last word in front of a launcher's list: the list has whose it is. */
import { expect, test } from 'vitest';
import { reportOfLog } from './report-of-log.ts';

const STEPS = 'step 1 loss 2.31\nstep 2 loss 2.22\n';
const fatal = (words: string) =>
  `Fatal Python error: ${words}\n\nThread 0x00007f11 (most recent call first):\n  File "/w/fit.py", line 31 in load\n`;
const list = (rank: number, code: number, name: string) =>
  `Traceback (most recent call last):\n  File "/v/bin/torchrun", line 8, in <module>\n    sys.exit(main())\ntorch.distributed.elastic.multiprocessing.errors.ChildFailedError:\n=======\nfit.py FAILED\n-------\nFailures:\n  <NO_OTHER_FAILURES>\n-------\nRoot Cause (first observed failure):\n[0]:\n  time      : 2031-04-05_06:07:08\n  host      : n07\n  rank      : ${rank} (local_rank: ${rank})\n  exitcode  : ${code} (pid: 812)\n  error_file: <N/A>\n  traceback : Signal ${-code} (${name}) received by PID 812\n=======\n`;

test.each([
  ['Bus error', -7, 'SIGBUS', 3],
  ['Segmentation fault', -11, 'SIGSEGV', 2],
  ['Aborted', -6, 'SIGABRT', 1],
])('%s, and torchrun’s list with its signal', (words, code, name, rank) => {
  const { failure } = reportOfLog(STEPS + fatal(words) + list(rank, code, name)).report;
  expect(failure).toMatchObject({ errorType: 'Fatal Python error', rank });
});

test('a list with another signal is of another process', () => {
  const { failure } = reportOfLog(STEPS + fatal('Bus error') + list(3, -6, 'SIGABRT')).report;
  expect(failure).toMatchObject({ errorType: 'Fatal Python error', rank: 0 });
});

test('no list, no rank', () => {
  expect(reportOfLog(STEPS + fatal('Bus error')).report.failure?.rank).toBe(0);
});
