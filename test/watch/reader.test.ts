/** The life of a run by its log, and what must never be made of a line. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTRACT_VERSION, type Payload, type TelemetryEvent } from '../../src/contract/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { LineSplitter } from '../../src/watch/index.ts';
import { type ReadLog, readLog } from './read-log.ts';

const types = ({ events }: ReadLog) =>
  events.map(({ type, data, rank }) => {
    const { reason, errorType, message, batch, step, resumedAtBatch, resumedAtStep } = data as Record<
      string,
      unknown
    >;
    return [rank, type, batch ?? step ?? reason ?? errorType ?? resumedAtBatch ?? resumedAtStep ?? message]
      .filter(part => part !== undefined)
      .join(' ');
  });
const step = (n: number, of = 'actor/pg_loss:0.500') => `step:${n} - ${of} - actor/entropy:0.250`;
const traceback = (error: string, prefix = '') =>
  ['Traceback (most recent call last):', '  File "train.py", line 3, in <module>', '    main()', error]
    .map(line => prefix + line)
    .join('\n');

test('what a format holds is of the rank whose lines made it, whichever rank writes next', () => {
  const block = (rank: number, batch: number, loss: string) =>
    `[rank${rank}]: [batch=${batch}/2]:\n[rank${rank}]: \t Train loss/train/total: ${loss}`;
  const blocks = [block(0, 1, '4'), block(1, 1, '3'), block(0, 2, '2'), block(1, 2, '1')];
  const steps = readLog(`${blocks.join('\n')}\n`).events.flatMap(({ rank, type, data }) =>
    type === 'STEP_COMPLETED' ? [[rank, (data as { loss: number }).loss]] : [],
  );
  expect(steps).toEqual([
    [0, 4],
    [1, 3],
    [0, 2],
    [1, 1],
  ]);
  const deepspeed = (n: number) =>
    `[rank0]: step=${n}, skipped=0, lr=[2e-05], mom=[0.9]\n[rank1]: loading what comes after`;
  expect(types(readLog(`${[10, 20, 30].map(deepspeed).join('\n')}\n`))).toEqual([
    '0 TRAINING_STARTED',
    '0 STEP_COMPLETED 10',
    '0 STEP_COMPLETED 20',
    '0 STEP_COMPLETED 30',
    '0 TRAINING_COMPLETED unknown',
  ]);
});

test('a key is its own line’s, as long as that of the line before or not', () => {
  const keys = ['actor/pg_loss', 'actor/kl_loss', 'actor/pg_loss', 'actor/pg_loss/x', 'critic/vf_loss'];
  const updates = readLog(`${keys.map((key, i) => step(i + 1, `${key}:0.5`)).join('\n')}\n`).events.flatMap(
    ({ type, data }) => (type === 'PPO_UPDATE_COMPLETED' ? [data as Payload<typeof type>] : []),
  );
  expect(updates.map(({ loss, extra }) => [loss, extra])).toEqual([
    [{ policy: 0.5 }, undefined],
    [undefined, { 'actor/kl_loss': 0.5 }],
    [{ policy: 0.5 }, undefined],
    [undefined, { 'actor/pg_loss/x': 0.5 }],
    [{ value: 0.5 }, undefined],
  ]);
});

describe('the end of a run', () => {
  test.each([
    ['its last batch', `Total training steps: 2\n${step(1)}\n${step(2)}\n`, '0 TRAINING_COMPLETED finished'],
    ['no word and no known end', `${step(1)}\n`, '0 TRAINING_COMPLETED unknown'],
    ['a traceback', `${step(1)}\n${traceback('ValueError: no')}\n`, '0 TRAINING_FAILED ValueError'],
    ['Ctrl-C', `${step(1)}\n${traceback('KeyboardInterrupt')}\n`, '0 TRAINING_COMPLETED interrupted'],
    ['an excerpt’s', `Total training steps: 9\n${step(1)}\n${step(2)}\n`, '0 TRAINING_COMPLETED unknown'],
  ])('by %s', (_, log, end) => {
    expect(types(readLog(log)).at(-1)).toBe(end);
  });

  test('without a word is a death only where the process has ended', () => {
    const log = `Total training steps: 9\n${step(1)}\n${step(2)}\n`;
    expect(types(readLog(log, { end: 'closed' })).at(-1)).toBe(
      '0 TRAINING_FAILED the log ends at batch 2 of 9, without a reason',
    );
    expect(types(readLog(log, { end: 'interrupted' })).at(-1)).toBe('0 TRAINING_COMPLETED interrupted');
  });

  test('an error before the first figures fails the run', () => {
    const log = readLog(
      `loading\n${traceback('torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.')}\n`,
    );
    expect(types(log)).toEqual(['0 TRAINING_STARTED', '0 TRAINING_FAILED OutOfMemoryError']);
    expect(log.events[1]!.data).toMatchObject({ outOfMemory: { triedBytes: 2 * 1024 ** 3 } });
  });

  test('bars before an error were not survived by it, though they are believed late', () => {
    const bar = (n: number) =>
      `Epoch 3:  45%|████▌     | ${n}/1000 [05:12<06:20,  1.44it/s, v_num=2, train_loss=0.512]`;
    expect(
      types(readLog(`${bar(451)}\n${bar(452)}${traceback('RuntimeError: CUDA out of memory.')}\n`)),
    ).toEqual([
      '0 TRAINING_STARTED',
      '0 STEP_COMPLETED 3451',
      '0 STEP_COMPLETED 3452',
      '0 TRAINING_FAILED RuntimeError',
    ]);
  });

  test('an error that figures follow was survived', () => {
    expect(types(readLog(`${step(1)}\n${traceback('ValueError: no')}\n${step(2)}\n`))).toEqual([
      '0 TRAINING_STARTED',
      '0 PPO_UPDATE_COMPLETED 1',
      '0 PPO_UPDATE_COMPLETED 2',
      '0 TRAINING_COMPLETED unknown',
    ]);
  });

  test('an error followed by silence is a failure, and figures after it take the run up again', () => {
    const { reader, events } = readLog(`${step(1)}\n`, { end: null });
    for (const line of traceback('ValueError: no').split('\n')) reader.read(line, 2, 0, true);
    expect(reader.ended).toBe(false);
    reader.settle(1);
    expect(reader.ended).toBe(true);
    reader.read(step(2), 9, 2, true);
    expect(types({ events } as ReadLog).slice(2)).toEqual([
      '0 TRAINING_FAILED ValueError',
      '0 TRAINING_STARTED 1',
      '0 PPO_UPDATE_COMPLETED 2',
    ]);
  });

  test('errors that were not raised are none', () => {
    for (const head of ['Exception ignored in: <function Pool.__del__ at 0x7f>', '--- Logging error ---'])
      expect(types(readLog(`${step(1)}\n${head}\n${traceback('ValueError: no')}\n`)).at(-1)).toBe(
        '0 TRAINING_COMPLETED unknown',
      );
  });

  test('tracebacks of two processes that interleave are kept apart; the one of memory explains most', () => {
    const a = traceback('ValueError: a', '(A pid=1) ').split('\n');
    const b = traceback(
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB.',
      '(B pid=2) ',
    ).split('\n');
    const mixed = a.flatMap((line, i) => [line, b[i]!]);
    expect(types(readLog(`${step(1)}\n${mixed.join('\n')}\n`)).at(-1)).toBe(
      '0 TRAINING_FAILED OutOfMemoryError',
    );
  });
});

describe('nothing is invented', () => {
  test('reserved above what the device uses is kept and flagged', () => {
    const { events } = readLog(
      'update_actor After update_actor, memory allocated (GB): 41.21, memory reserved (GB): 41.39, device memory used/total (GB): 8.38/63.59\n',
      { end: null },
    );
    const { tamiyo, status, vitals } = reduceAll(
      emptySnapshot(),
      events.map((event, seq) => ({ v: CONTRACT_VERSION, run: 'r', seq, ...event }) as TelemetryEvent),
    );
    expect(tamiyo.infrastructure.contradiction).toMatch(/reserved 41\.39 GiB exceeds 8\.38 GiB used/);
    expect(tamiyo.infrastructure.memoryUsagePercent).toBeCloseTo((41.21 / 41.39) * 100, 6);
    expect(status.level).toBe('warning');
    expect(vitals.hasMemoryAlarm).toBe(false);
  });

  test('a learning rate that the print rounded away is not zero', () => {
    const rate = (text: string) =>
      (readLog(`${step(1, `actor/lr:${text}`)}\n`).events[1]!.data as { policy?: { learningRate?: number } })
        .policy?.learningRate;
    expect(rate('0.000')).toBeUndefined();
    expect(rate('0.0')).toBe(0);
    expect(rate('1e-06')).toBe(1e-6);
  });

  test('a last line without its newline is read where nothing more can come of it, and not where more may', () => {
    const log = `${step(1)}\n${step(2)}`;
    expect(types(readLog(log))).toContain('0 PPO_UPDATE_COMPLETED 2');
    expect(types(readLog(log, { end: 'interrupted' }))).not.toContain('0 PPO_UPDATE_COMPLETED 2');
    const error = 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.';
    expect(types(readLog(`${step(1)}\n${traceback(error)}`)).at(-1)).toBe(
      '0 TRAINING_FAILED OutOfMemoryError',
    );
  });

  test('times that the log prints are the events’ own, and never in the future', () => {
    const line = (at: string) =>
      `${at} INFO => update_actor Before x, memory allocated (GB): 1.00, memory reserved (GB): 2.00\n`;
    const at = (text: string) => readLog(line(text)).events[0]!.timeMs;
    expect(at('2025-06-01 10:00:00,250')).toBe(new Date(2025, 5, 1, 10, 0, 0, 250).getTime());
    expect(at('2199-06-01 10:00:00')).toBe(2e12);
    // What stands in front of the first time was not read years after it.
    const front = line('').trimStart();
    expect(at(`\n${front}2025-06-01 10:00:00`)).toBe(new Date(2025, 5, 1, 10).getTime());
    expect(at(`\n${front}`)).toBe(2e12);
  });

  test.each([
    "{'task': {'name': 'Causal Language Modeling', 'type': 'text-generation'}}",
    "accelerator_config={'dispatch_batches': False},",
    "[INFO] model_kwargs: {'device_map': 'cuda:0', 'dtype': torch.float32}",
  ])('a dictionary of something else is no report that cannot be read: %s', line => {
    const report = (n: number) =>
      `{'loss': ${n}.5, 'grad_norm': 1.5, 'learning_rate': 1e-05, 'epoch': 0.${n}}`;
    const { reader, notices } = readLog(`${report(2)}\n${line}\n${report(1)}\n`);
    expect([reader.counts.almost, notices]).toEqual([0, []]);
  });

  test('text of any kind is survived, and counted line by line', () => {
    const piece = fc.constantFrom(
      'step:',
      ' - ',
      'actor/pg_loss:',
      '0.5',
      'nan',
      '| ',
      '-----------',
      '{',
      "'loss': ",
      '}',
      '"step": ',
      '1',
      '\x1b[31m',
      '(A pid=7) ',
      'memory allocated (GB): ',
      'Traceback (most recent call last):',
      'CUDA out of memory. Tried to allocate',
      ' [repeated 2x across cluster]',
      '\r',
      '\n',
      'é',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), fc.nat(9), (pieces, chunk) => {
        const text = pieces.join('');
        const { reader } = readLog(text, { chunk: chunk + 1 });
        expect(reader.counts.read + reader.counts.unread).toBe(reader.counts.lines);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('lines', () => {
  test('and their pieces are the same however the bytes come', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '\r', '\n', '\r\n'), maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 })), (text, sizes) => {
        // Empty pieces are none, but for that of a line which has no other.
        const expected = text.split('\n').flatMap((line, i, { length }) => {
          const pieces = line.split('\r').filter((piece, at, { length: count }) => {
            const isOpen = i === length - 1 && at === count - 1;
            return piece !== '' && !isOpen;
          });
          return (pieces.length > 0 || i === length - 1 ? pieces : ['']).map(piece => `${i + 1} ${piece}`);
        });
        const bytes = Buffer.from(text);
        const found: string[] = [];
        const splitter = new LineSplitter((piece, number) => found.push(`${number} ${piece}`));
        let at = 0;
        for (let i = 0; at < bytes.length; i++) {
          const size = sizes.length > 0 ? sizes[i % sizes.length]! : bytes.length;
          splitter.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(found).toEqual(expected);
        expect(splitter.lines).toBe(text.split('\n').length - 1);
        expect(splitter.reset()).toBe(
          text
            .split(/[\r\n]/)
            .at(-1)!
            .trim() !== '',
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('of nothing but carriage returns are read whole, in a chunk of any size', () => {
    const draws = Array.from({ length: 40_000 }, (_, i) => `Epoch 0: ${i}/40000\r`).join('');
    for (const chunk of [64 << 10, 1 << 20]) {
      let found = 0;
      const splitter = new LineSplitter(() => found++);
      for (let at = 0; at < draws.length; at += chunk)
        splitter.push(Buffer.from(draws.slice(at, at + chunk)));
      expect({ found, tooLong: splitter.tooLong }).toEqual({ found: 40_000, tooLong: 0 });
    }
  });

  test('without an end are dropped in bounded memory, and the next is read', () => {
    const found: string[] = [];
    const splitter = new LineSplitter(text => found.push(text));
    const megabyte = Buffer.alloc(1 << 20, 'x');
    for (let i = 0; i < 50; i++) splitter.push(megabyte);
    splitter.push(Buffer.from('\nnext\n'));
    expect(found).toEqual(['next']);
    expect(splitter).toMatchObject({ tooLong: 1, lines: 2 });
  });

  test('of a progress bar end with each of its draws', () => {
    const found: string[] = [];
    const splitter = new LineSplitter((text, number) => found.push(`${number} ${text}`));
    splitter.push(Buffer.from('\r 1%|\r 2%|'));
    splitter.push(Buffer.from('\r 3%|\r\nnext\r\n'));
    expect(found).toEqual(['1  1%|', '1  2%|', '1  3%|', '2 next']);
  });

  test('and draws that nobody wants are passed over, each by itself', () => {
    const found: string[] = [];
    const wants = (bytes: Uint8Array, from: number) => bytes[from] !== '#'.charCodeAt(0);
    const splitter = new LineSplitter({ wants, take: (text, number) => found.push(`${number} ${text}`) });
    splitter.push(Buffer.from('#1\r2é\r\r#3\r4\n#5\r\n6\r\n'));
    expect(found).toEqual(['1 2é', '1 4', '3 6']);
  });
});
