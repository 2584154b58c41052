/** Errors that followed from one another: which of them the run failed of. */
import { expect, test } from 'vitest';
import { readLog } from './read-log.ts';

const DURING = 'During handling of the above exception, another exception occurred:';
const CAUSE = 'The above exception was the direct cause of the following exception:';
const OOM = 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.';

/** A step, then tracebacks of these errors, each chained to the one before. */
const chained = (link: string, errors: string[], prefix = '') =>
  [
    'step:1 - actor/pg_loss:0.500 - actor/entropy:0.250',
    errors
      .map(error => [
        'Traceback (most recent call last):',
        '  File "t.py", line 3, in <module>',
        '    main()',
        error,
      ])
      .map(lines => lines.map(line => prefix + line).join('\n'))
      .join(`\n${prefix}\n${prefix}${link}\n${prefix}\n`),
    '',
  ].join('\n');

const failureOf = (log: string) => readLog(log).events.find(({ type }) => type === 'TRAINING_FAILED')?.data;

test.each([DURING, CAUSE])('the first of a chain is the cause: "%s"', link => {
  const log = chained(link, ['ValueError: the cause', 'RuntimeError: what came of it']);
  expect(failureOf(log)).toMatchObject({ errorType: 'ValueError', message: 'the cause' });
});

test.each([DURING, CAUSE])('one of memory is the cause wherever in the chain it stands: "%s"', link => {
  for (const errors of [
    [OOM, 'RuntimeError: could not recover'],
    ['ValueError: before', OOM],
    ['ValueError: before', OOM, 'RuntimeError: after'],
  ])
    expect(failureOf(chained(link, errors))).toMatchObject({
      errorType: 'OutOfMemoryError',
      outOfMemory: { triedBytes: 2 * 1024 ** 3 },
    });
});

test('all of a chain is the text of an error, and none of it a line of the log', () => {
  for (const link of [DURING, CAUSE]) {
    const log = chained(link, ['ValueError: a', 'KeyError: b', 'RuntimeError: c'], '(Worker pid=7) ');
    const { reader } = readLog(log);
    expect(reader.counts.read).toBe(log.trimEnd().split('\n').length);
  }
});
