/** All screens of a watched log say the same: what its numbers count, and what a figure was that is none. */
import { describe, expect, test } from 'vitest';
import { screensOf } from './screens-of-log.ts';

const lines = (count: number, line: (i: number) => string): string =>
  `${Array.from({ length: count }, (_, i) => line(i + 1)).join('\n')}\n`;

describe('what the numbers of a log count stands on every screen', () => {
  const unnumbered = lines(40, i => `loss: ${(3 / i).toFixed(4)}, grad_norm: 0.5, lr: 0.001`);
  const numbered = lines(40, i => `step ${i} loss: ${(3 / i).toFixed(4)}, grad_norm: 0.5, lr: 0.001`);
  const sampled = lines(9, i => `Train Epoch: 1 [${i * 640}/60000 (${i}%)]\tLoss: ${(3 / i).toFixed(6)}`);
  test.each([
    ['reports that Esper counted', unnumbered, 'Report:40', 'report 40', '40 reports'],
    ['steps that the log numbers', numbered, 'Step:40', 'step 40', 'at step 40'],
    ['samples that the log numbers', sampled, 'Sample:5760', 'sample 5760', 'at sample 5,760'],
  ])('%s', (_, log, counter, line, facts) => {
    const screens = screensOf(log);
    expect(screens.report).toContain(facts);
    expect(screens.small).toContain(counter);
    expect(screens.large).toContain(counter);
    expect(screens.page).toContain(counter);
    expect(screens.line).toContain(line);
    const others = ['Report:', 'Step:', 'Sample:', 'Batch:'].filter(word => !counter.startsWith(word));
    for (const other of others)
      for (const screen of Object.values(screens)) expect(screen).not.toContain(other);
  });
});

describe('a figure that is not finite is shown as what the log printed', () => {
  test.each([
    ['inf', 'inf'],
    ['-inf', '-inf'],
    ['nan', 'NaN'],
  ])('%s', (printed, shown) => {
    const log = `${lines(9, i => `step ${i} loss: ${(3 / i).toFixed(4)} grad_norm: 0.5`)}step 10 loss: ${printed} grad_norm: 0.5\n`;
    const { small, large, page, line } = screensOf(log);
    const value = new RegExp(`loss +${shown.replace('-', '[-]')}\\b`, 'i');
    for (const screen of [small, large, page, line]) expect(screen).toMatch(value);
    if (shown !== 'NaN') for (const screen of [small, large, page, line]) expect(screen).not.toContain('NaN');
  });
});

const torchRefusal = (asked: string, free: string, own: string, allocated: string, unallocated: string) =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${asked}. GPU 0 has a total capacity of 79.10 GiB of which ${free} is free. ` +
  `Including non-PyTorch memory, this process has ${own} memory in use. Of the allocated memory ${allocated} is allocated by PyTorch, and ${unallocated} is reserved by PyTorch but unallocated.\n`;

describe('a leak and a refusal for fragmentation', () => {
  const held = (gib: (i: number) => number) =>
    lines(
      60,
      i =>
        `(TaskRunner pid=7) step:${i} - actor/pg_loss:0.010 - timing_s/step:90.000\n` +
        `(WorkerDict pid=9) DEBUG:2026-03-05 10:${String(i - 1).padStart(2, '0')}:00,000:update_actor After update_actor, memory allocated (GB): ${gib(i).toFixed(2)}, ` +
        'memory reserved (GB): 70.00, device memory used/total (GB): 74.00/79.10',
    );
  const refused = `Traceback (most recent call last):\n  File "/a/t.py", line 3, in f\n${torchRefusal('4.00 GiB', '900.00 MiB', '78.20 GiB', '50.00 GiB', '27.00 GiB')}`;

  // The verdict stands at the end of a terminal's report once more.
  test('are joined by a sentence, in the verdict and where the failure stands', () => {
    const { report } = screensOf(held(i => 20 + i / 2) + refused);
    const flat = report.replace(/\s+/g, ' ');
    expect(flat).toMatch(/LEAK {1,2}Tensors that outlive their update/);
    expect(flat.match(/Out of memory by fragmentation/g)).toHaveLength(3);
    expect(flat.match(/what leaks lies between free pieces/g)).toHaveLength(3);
  });

  test('and of what is steady, fragmentation alone is the verdict', () => {
    const { report } = screensOf(held(() => 20) + refused);
    expect(report).toContain('FRAGMENTATION');
    expect(report).not.toContain('belong together');
  });
});

describe('a request that was refused though more was free', () => {
  test('has a label that names no cause', () => {
    const { report, small, page } = screensOf(
      torchRefusal('20.00 MiB', '12.50 GiB', '51.00 GiB', '50.00 GiB', '100.00 MiB'),
    );
    for (const screen of [report, small, page]) {
      expect(screen).toMatch(/refused though free/i);
      expect(screen).not.toMatch(/process limit/i);
    }
  });
});

describe('a text with a warning alone', () => {
  const line = (error: string) =>
    `2026-03-05 14:18:43 [759ms] [Error] [omni.physx.plugin] PhysX error: ${error}\n`;
  const warning = line(
    'Patch buffer overflow detected, please increase its size to at least 81920 in the scene desc!',
  );

  test('has no failed training on any screen, and none that is still awaited', () => {
    const { report, small, large, page, line: plain } = screensOf(warning);
    expect(report).toContain('end unknown');
    for (const screen of [report, small, large, page, plain])
      expect(screen).not.toMatch(/failed|\bfirst update|\byet\b/i);
    for (const screen of [small, page]) expect(screen).toContain('END UNKNOWN');
    for (const screen of [small, page]) expect(screen).toContain('! how it ended is unknown');
  });

  test('and one with an error has', () => {
    const { report, small, page } = screensOf(line('Synchronizing GPU Narrowphase failed! 700'));
    for (const screen of [report, small, page]) expect(screen).toMatch(/failed/i);
  });
});

describe('the figures of a report', () => {
  test('a loss that is not finite is one, not a figure that nobody measured', () => {
    const { report } = screensOf(
      lines(40, i => `step ${i} loss: ${i > 20 ? 'nan' : (3 / i).toFixed(4)} grad_norm: 0.5`),
    );
    expect(report).toMatch(/Loss +not a number +20 updates in a row/);
    expect(report.replace(/\s+/g, ' ')).not.toMatch(/Not measured:[^.]*\bloss\b/);
  });

  test('a loss or a gradient’s norm that was not finite once is counted, and a finite one is not', () => {
    const at = (values: Record<number, string>, usual: string) => (i: number) => values[i] ?? usual;
    const log = (loss: Record<number, string>, norm: Record<number, string>) =>
      lines(40, i => `step ${i} loss: ${at(loss, (3 / i).toFixed(4))(i)} grad_norm: ${at(norm, '0.5')(i)}`);
    const once = screensOf(log({ 20: 'nan' }, { 7: 'inf', 9: 'nan' })).report;
    expect(once).toMatch(/Loss +0\.0\d+ +\S+ to \S+ \(95%\), newest quarter; 1 value not finite/);
    expect(once).toMatch(/Gradient norm +0\.5\S* +newest update; 2 values not finite/);
    expect(screensOf(log({}, { 40: 'inf' })).report).toMatch(
      /Gradient norm +0\.500 +at 39; 1 value not finite/,
    );
    expect(screensOf(log({}, {})).report).not.toContain('not finite');
  });

  test('reports of each tenth step are not held against the steps that were planned', () => {
    const every = screensOf(
      lines(4, i => `step ${i * 10}/40 loss: ${(3 / i).toFixed(4)} grad_norm: 0.5`),
    ).report;
    expect(every).toMatch(/Updates +4 +reported, up to step 40 of 40 planned/);
    const each = screensOf(lines(4, i => `step ${i}/40 loss: ${(3 / i).toFixed(4)} grad_norm: 0.5`)).report;
    expect(each).toMatch(/Updates +4 +40 planned/);
  });
});

describe('where the text explains what was measured too little of', () => {
  const refused = torchRefusal('4.00 GiB', '900.00 MiB', '78.20 GiB', '77.00 GiB', '300.00 MiB');
  const log = `5.984 GB of memory reserved.\n${lines(2, i => `{'loss': ${3 / i}, 'grad_norm': 0.5, 'learning_rate': 2e-04, 'epoch': 0.${i}}`)}Traceback (most recent call last):\n  File "/a/t.py", line 3, in f\n${refused}`;

  test('Sanctum’s first row has the verdict of the report, and its figures stand once', () => {
    const { report, small } = screensOf(log);
    expect(report).toContain('FULL  ');
    expect(small.split('\n')[0]).toContain('device full');
    const flat = report.replace(/\s+/g, ' ');
    expect(flat).toContain('ran out of memory after 1 reading of it');
    expect(flat).not.toContain('4.00 GiB was refused, with tensors held');
  });
});

test.each([
  [
    'a broken gradient',
    (i: number) => (i > 30 && i < 39 ? 'nan' : '0.5'),
    'gradient norm not finite in steps 31–38',
  ],
  ['a huge gradient', (i: number) => (i > 30 ? '4e9' : '0.5'), 'gradient norm huge since step 31'],
  [
    'one that is usual again',
    (i: number) => (i > 30 && i < 36 ? '4e9' : '0.5'),
    'gradient norm huge in steps 31–35',
  ],
  ['a lone one', (i: number) => (i === 31 ? 'nan' : '0.5'), null],
])('the first line has what went wrong with the learner: %s', (_, norm, text) => {
  const screens = screensOf(lines(40, i => `step ${i} loss: ${(3 / i).toFixed(4)} grad_norm: ${norm(i)}`));
  for (const screen of [screens.small.split('\n')[0], screens.page])
    if (text === null) expect(screen).not.toMatch(/gradient norm (?:not finite|huge) (?:since|in) /);
    else expect(screen).toContain(text);
});

test('more than the device has is called a contradiction wherever it stands beside what there is', () => {
  const worker = (peak: string) =>
    screensOf(
      lines(
        31,
        i =>
          `(TaskRunner pid=7) step:${i} - actor/pg_loss:0.010 - timing_s/step:90.000\n(WorkerDict pid=9) DEBUG:2026-03-05 10:${String(i).padStart(2, '0')}:00,000:update_actor After update_actor, memory allocated (GB): 40.00, max memory allocated (GB): ${peak}, memory reserved (GB): 57.00, device memory used/total (GB): 74.00/79.10`,
      ),
    );
  const beyond = worker('97.00');
  const flat = beyond.report.replace(/\s+/g, ' ');
  expect(flat).toContain('at most 97.0 GiB, which cannot be: the device has 79.1 GiB.');
  for (const screen of Object.values(beyond))
    expect(screen.replace(/\s+/g, ' ')).not.toMatch(/97\.0 GiB of the/);
  expect(worker('58.00').report).not.toContain('cannot be');
});

test('memory that was read is not called unmeasured, however few its readings', () => {
  const steps = lines(6, i => `step ${i} loss: ${(3 / i).toFixed(4)} grad_norm: 0.5`);
  const refused = torchRefusal('2.00 GiB', '1.10 GiB', '78.00 GiB', '70.00 GiB', '6.00 GiB');
  const read = screensOf(`${refused}retrying with a smaller batch\n${steps}`);
  expect(read.large).toContain('active 70.0 GiB');
  for (const screen of [read.small, read.large, read.line, read.page]) {
    if (screen !== read.line) expect(screen).toContain('no verdict');
    expect(screen).not.toContain('memory not measured');
  }
  expect(read.large).not.toMatch(/is +unmeasured/);
  const unread = screensOf(steps);
  for (const screen of [unread.small, unread.large]) expect(screen).toContain('memory not measured');
});

test('an end that nobody knows has no tick, however well its figures were', () => {
  const steps = (count: number) =>
    Array.from({ length: count }, (_, i) => `step ${i + 1}/40 loss: ${(2 / (i + 1)).toFixed(3)}\n`).join('');
  for (const screen of [screensOf(steps(20)).small, screensOf(steps(20)).page])
    expect(screen).toContain('[?] END UNKNOWN');
  for (const screen of [screensOf(steps(40)).small, screensOf(steps(40)).page])
    expect(screen).toContain('[✓] FINISHED');
});
