/** A line that is read off its bytes has the event of a line that is read as text, whatever stands in front, behind and between. */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { WorkerLines } from '../../src/watch/worker-lines.ts';
import { type ReadLog, readLog } from './read-log.ts';
import { verlLog } from './synthetic.ts';

const E = '\x1b';
const STEP = 'step:1 - actor/pg_loss:0.500 - actor/entropy:0.250';
/** The driver's, which stands open from its head until another line comes. */
const TABLE = [
  '| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |',
  '|   0  A card                        On  |   00000000:3B:00.0 Off |                    0 |',
  '| N/A   41C    P0             92W /  400W |   10240MiB /  81920MiB |     67%      Default |',
];
const amount = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.integer({ min: 0, max: 9999 }).map(hundredths => (hundredths / 100).toFixed(2)),
  },
  fc.constantFrom(
    '1',
    '7.1',
    '41.217',
    '-1.00',
    'nan',
    '123456789.12',
    '1234567890.12',
    '.50',
    '1.5e3',
    '41.1x',
    '3.-1',
  ),
);
const front = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      `${E}[36m(WorkerDict pid=7)${E}[0m `,
      `${E}[36m(WorkerDict pid=8)${E}[0m `,
      `${E}[36m(WorkerDict pid=8, ip=10.0.0.7)${E}[0m `,
      '(WorkerDict pid=7) ',
    ),
  },
  fc.constantFrom(
    '',
    '(pid=7) ',
    '[rank3]: ',
    `${E}[36m(a 2026-01-02 03:04:05 pid=7)${E}[0m `,
    `${E}[36m(WorkerDict pid=7)${E}[0m [rank1]: `,
  ),
);
const edge = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'actor Before compute_log_prob',
      'actor After update_actor',
      'rollout Before gen',
    ),
  },
  fc.constantFrom(
    'Before sync',
    'actor After error: no',
    'DEBUG:2026-01-02 03:04:05,678:actor Before gen',
    'actor',
  ),
);
const behind = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  fc.constantFrom(
    `${E}[32m [repeated 3x across cluster]${E}[0m`,
    `${E}[32m [repeated x across cluster]${E}[0m`,
    ' [repeated 4x across cluster]',
    ', cpu_memory: 3.00',
    ' ',
    '\r',
    'Killed',
  ),
);
const memory = fc
  .tuple(front, edge, amount, amount, amount, amount, behind)
  .map(
    ([before, what, allocated, reserved, used, total, after]) =>
      `${before}${what}, memory allocated (GB): ${allocated}, memory reserved (GB): ${reserved}, device memory used/total (GB): ${used}/${total}${after}`,
  );
const line = fc.oneof(
  { weight: 12, arbitrary: memory },
  fc.tuple(memory, fc.nat(60)).map(([text, cut]) => text.slice(0, Math.max(0, text.length - cut))),
  fc.integer({ min: 1, max: 5 }).map(step => `step:${step} - actor/pg_loss:0.500 - actor/entropy:0.250`),
  fc.constantFrom(
    'Traceback (most recent call last):',
    '  File "a.py", line 1, in <module>',
    'ValueError: no',
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.',
    'MA 4.96 GB         Max_MA 5.09 GB         CA 6.39 GB         Max_CA 6 GB',
    '2026-01-02 03:04:05 wandb: syncing',
    ...TABLE,
    '',
  ),
);

afterEach(() => vi.restoreAllMocks());

function check(log: string, chunk = 4096): void {
  const known = readLog(log, { chunk });
  vi.spyOn(WorkerLines.prototype, 'sampleIn').mockReturnValue(null);
  const asText = readLog(log, { chunk });
  vi.restoreAllMocks();
  const linesOf = ({ events }: ReadLog) => events.map(event => JSON.stringify(event));
  expect(linesOf(known)).toEqual(linesOf(asText));
  expect(known.notices).toEqual(asText.notices);
  expect(known.reader.counts).toEqual(asText.reader.counts);
}

test('lines of memory among any others', () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 10, maxLength: 40 }),
      fc.integer({ min: 1, max: 400 }),
      (lines, chunk) => check([STEP, ...lines].map(text => `${text}\n`).join(''), chunk),
    ),
    { numRuns: 300 },
  );
});

test('a long log', () => check(verlLog('known lines', 5000).text));

test('ends a table that stands open', () => {
  const sample = `${E}[36m(WorkerDict pid=7)${E}[0m actor Before gen, memory allocated (GB): 1.00, memory reserved (GB): 2.00, device memory used/total (GB): 3.00/4.00`;
  const [head, device, memory] = TABLE;
  check([STEP, sample, head, device, sample, memory].map(text => `${text}\n`).join(''));
});
