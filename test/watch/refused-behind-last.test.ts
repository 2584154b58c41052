/** A request that was refused behind the last update, or where no update has memory: the report's first answer has it, and how often. */
import { expect, test } from 'vitest';
import { runDocument, toHtml, toMarkdown, toTerminal } from '../../src/report/index.ts';
import { reportOfLog } from './report-of-log.ts';

const context = { nowMs: 2e12, timeZone: 'UTC', version: '0' };
const STEPS = 'step 1 loss 2.31\nstep 2 loss 2.22\nstep 3 loss 2.13\n';
const OOM =
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of 21.50 GiB of which 1.25 GiB is free. Of the allocated memory 18.50 GiB is allocated by PyTorch, and 1.50 GiB is reserved by PyTorch but unallocated.';
const RAISED = `Traceback (most recent call last):\n  File "/w/fit.py", line 8, in <module>\n    fit()\n${OOM}\n`;
const TITAN = (step: number) =>
  `step: ${step}  loss: 7.${step}  memory: 12.${step}0GiB(57.00%)  tps: 1,000  tflops: 1.0  mfu: 1.0%\n`;
const CUMEM = 'CUDA Error: out of memory at /v/csrc/cumem_allocator.cpp:88';

interface Row {
  text: string;
  /** Of "How close was the end?". */
  answer: string;
  says: RegExp;
}
const rows: Record<string, Row> = {
  'the request that ended a training without readings': {
    text: STEPS + RAISED,
    answer: 'out of memory',
    says: /^Memory ran out after step 3: 1\.50 GiB were requested, 1\.25 GiB were free on the device\.$/,
  },
  'one that ended it before its first report': {
    text: RAISED,
    answer: 'out of memory',
    says: /^Memory ran out: 1\.50 GiB were requested/,
  },
  'one that it survived': {
    text: `${STEPS}WARNING: skipping batch: ${OOM}\nTraining finished\n`,
    answer: 'out of memory',
    says: /^1 allocation failed with out of memory, and the run continued\.$/,
  },
  'two of them': {
    text: `${STEPS}WARNING: skipping batch: ${OOM}\nWARNING: skipping batch: ${OOM}\nTraining finished\n`,
    answer: 'out of memory',
    says: /^2 allocations failed with out of memory/,
  },
  'one behind readings': {
    text: `${[1, 2, 3].map(TITAN).join('')}WARNING: skipping batch: ${OOM}\n`,
    answer: 'out of memory',
    says: /1 allocation failed with out of memory/,
  },
  'the host’s': {
    text: `${STEPS}RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4294967296 bytes. Error code 12 (Cannot allocate memory)\n`,
    answer: 'out of memory',
    says: /^The host’s memory ran out after step 3: 4\.00 GiB were requested\.$/,
  },
};

const nearOf = (text: string) =>
  runDocument(reportOfLog(text).report, context)
    .sections.flatMap(({ blocks }) => blocks)
    .flatMap(block => (block.type === 'answers' ? block.answers : []))
    .find(({ question }) => question === 'How close was the end?');

test.each(Object.entries(rows))('%s', (_, { text, answer, says }) => {
  const near = nearOf(text);
  expect(near).toMatchObject({ answer, tone: 'critical' });
  expect(near?.says).toMatch(says);
});

test.each([
  ['an end of another kind', `${STEPS}ValueError: bad shape\n`],
  ['a kill', `${STEPS}Killed\n`],
  ['words about it', `${STEPS}If you run out of memory, try a smaller batch.\nTraining finished\n`],
])('%s is no refusal', (_, text) => {
  expect(nearOf(text)?.answer ?? 'not measured').toBe('not measured');
});

test('memory that was read has no verdict; what was not read is unmeasured', () => {
  const shown = (text: string) => {
    const made = runDocument(reportOfLog(text).report, context);
    return [toTerminal(made, { width: 100, colors: 0 } as never), toMarkdown(made), toHtml(made)];
  };
  for (const page of shown(`${STEPS}WARNING: skipping batch: ${OOM}\nTraining finished\n`)) {
    expect(page).toMatch(/no verdict/i);
    expect(page).not.toMatch(/unmeasured/i);
  }
  for (const page of shown(`${STEPS}Training finished\n`)) expect(page).toMatch(/unmeasured/i);
});

test.each([
  [
    'raised, then printed with Ray’s count',
    `(A pid=7) RuntimeError: ${CUMEM}\n(B pid=8) ${CUMEM} [repeated 4x across cluster]\n`,
    4,
  ],
  [
    'printed with Ray’s count, then raised',
    `(B pid=8) ${CUMEM} [repeated 4x across cluster]\n(A pid=7) RuntimeError: ${CUMEM}\n`,
    4,
  ],
  ['printed once, and raised', `(B pid=8) ${CUMEM}\n(A pid=7) RuntimeError: ${CUMEM}\n`, 1],
  [
    'another line behind it that Ray counted',
    `(A pid=7) RuntimeError: ${CUMEM}\n(B pid=8) closing the engine [repeated 4x across cluster]\n`,
    1,
  ],
])('%s', (_, text, times) => {
  const message = reportOfLog(text).report.failure?.message ?? '';
  expect(Number(/\(refused (\d+) times\)/.exec(message)?.[1] ?? 1)).toBe(times);
});

test.each([
  ['the first device', OOM, ['cuda']],
  ['another device', OOM.replace('GPU 0', 'GPU 1'), ['cuda', 'cuda:1']],
])('a device without a number, and a refusal of %s', (_, refusal, devices) => {
  const { snapshot } = reportOfLog(`${[1, 2, 3].map(TITAN).join('')}WARNING: skipping batch: ${refusal}\n`);
  expect(snapshot.devices.map(({ device }) => device)).toEqual(devices);
});
