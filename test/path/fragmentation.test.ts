/**
 * Fragmentation as the literature has it, 1 − peak active / peak reserved, from the log to each document; what is idle at rest and
 * in use at the peak is cache, and nothing calls it otherwise. Advice for expandable segments has its price, or is withheld.
 */
import { expect, test } from 'vitest';
import { Comparand, compareRuns } from '../../src/analysis/index.ts';
import { GIB } from '../../src/base/index.ts';
import type { DeviceMemory, TelemetryEvent, TrainingStarted } from '../../src/contract/index.ts';
import { explainText } from '../../src/explain/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { comparisonDocument, type Document, runDocument, toTerminal } from '../../src/report/index.ts';
import { event, reading, update } from '../events.ts';

/** 6.4 of 23.4 GiB idle after a peak of 22.5; the allocator was refused now and then. */
const memory = (batch: number, more: Partial<DeviceMemory> = {}) =>
  reading(17, 23.4, {
    deviceTotalBytes: 24 * GIB,
    deviceFreeBytes: 0.2 * GIB,
    activeBytes: 17 * GIB,
    inactiveSplitBytes: Math.round(Math.min(6.4, batch / 3) * GIB),
    peakActiveBytes: 22.5 * GIB,
    peakReservedBytes: Math.round(23.4 * GIB),
    peakScope: 'update',
    allocRetries: Math.floor(batch / 5),
    ooms: 0,
    ...more,
  });
const log = (more: Partial<DeviceMemory> = {}, started: TrainingStarted = {}): TelemetryEvent[] => [
  event('TRAINING_STARTED', started),
  ...Array.from({ length: 60 }, (_, i) => update(i + 1, [memory(i + 1, more)])),
];
function read(events: readonly TelemetryEvent[]) {
  const run = new Comparand();
  for (const next of events) run.take(next);
  const report = run.report();
  return { run, report, device: report.devices[0]! };
}
const device = (events: readonly TelemetryEvent[]) => reduceAll(emptySnapshot(), events).devices[0]!;
const next = (events: readonly TelemetryEvent[]) =>
  read(events).device.findings.flatMap(finding => finding.next);
const text = (document: Document) => toTerminal(document, { width: 160, color: false });
const PRICE = '15 to 20% of the throughput';

test('is one figure in the snapshot, the report and a comparison, beside what is idle at rest', () => {
  const events = log();
  const share = 1 - 22.5 / 23.4;
  expect(device(events).fragmentation).toBeCloseTo(share, 9);
  expect(device(events).infrastructure.cudaMemoryFragmentation).toBeCloseTo(1 - 17 / 23.4, 9);
  const one = read(events);
  expect(one.device.fragmentation).toBe(device(events).fragmentation);
  expect(one.device.cudaMemoryFragmentation).toBe(device(events).infrastructure.cudaMemoryFragmentation);
  const at = { nowMs: 0, timeZone: 'UTC', version: '0' };
  expect(text(runDocument(one.report, at))).toMatch(
    /Fragmentation +3\.8% +at the peaks: 22\.5\S* GiB active/,
  );
  const other = read(log({ peakActiveBytes: 11.7 * GIB, activeBytes: 11 * GIB, allocatedBytes: 11 * GIB }));
  const compared = compareRuns(one, other);
  const found = compared.figures.find(({ figure }) => figure === 'fragmentation')!;
  expect([found.a, found.b]).toEqual([expect.closeTo(share, 9), expect.closeTo(0.5, 9)]);
  expect(found.status).toBe('changed');
  expect(text(comparisonDocument(compared, at))).toMatch(/^ *fragmentation +3\.8% +50%/m);
});

test('peaks of a whole run, and of readings between updates, are the run’s; what was not read is null', () => {
  const ofRun = log({ peakScope: 'run' });
  const run = read(ofRun);
  const found = compareRuns(run, run).figures.find(({ figure }) => figure === 'fragmentation')!;
  expect([found.a, found.change]).toEqual([run.device.fragmentation, null]);
  const between = event(
    'MEMORY_SAMPLED',
    { phase: 'rollout', memory: [memory(0, { peakReservedBytes: 30 * GIB })] },
    61,
  );
  for (const events of [[...log(), between]])
    expect([device(events).fragmentation, read(events).device.fragmentation]).toEqual([0.25, 0.25]);
  for (const missing of [
    { peakActiveBytes: null, peakAllocatedBytes: 22 * GIB },
    { peakReservedBytes: null },
  ])
    expect([device(log(missing)).fragmentation, read(log(missing)).device.fragmentation]).toEqual([
      null,
      null,
    ]);
});

test('what is stranded at rest and in use at the peak is no finding', () => {
  const kinds = (events: TelemetryEvent[]) => read(events).device.findings.map(({ kind }) => kind);
  expect(kinds(log())).toEqual(['steady']);
  expect(kinds(log({ peakActiveBytes: 17.2 * GIB }))).toEqual(['fragmentation']);
  // Where the peak reserved was not read, what is reserved stands for it; allocated bytes for active ones.
  expect(kinds(log({ peakReservedBytes: null, peakActiveBytes: 17.2 * GIB }))).toEqual(['fragmentation']);
});

test('whatever else was read or refused, no text calls such a cache fragmentation', () => {
  const choices: Partial<DeviceMemory>[][] = [
    [{}, { peakActiveBytes: null, peakAllocatedBytes: 22.5 * GIB }],
    [{}, { peakReservedBytes: null }],
    [{}, { peakScope: 'run' }],
    [{}, { inactiveSplitBytes: 6.4 * GIB }, { inactiveSplitBytes: null }],
    [{}, { allocRetries: null, ooms: null }],
    [{}, { deviceFreeBytes: null, deviceTotalBytes: null }],
  ];
  const shapes = choices.reduce(
    (all, some) => all.flatMap(shape => some.map(one => ({ ...shape, ...one }))),
    [{}] as Partial<DeviceMemory>[],
  );
  const ended = event(
    'TRAINING_FAILED',
    {
      errorType: 'OutOfMemoryError',
      message:
        'CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 24.00 GiB of which 204.80 MiB is free. ' +
        'Of the allocated memory 22.50 GiB is allocated by PyTorch, and 921.60 MiB is reserved by PyTorch but unallocated. ' +
        'If reserved but unallocated memory is large try setting PYTORCH_ALLOC_CONF=expandable_segments:True.',
    },
    61,
  );
  for (const shape of shapes)
    for (const events of [log(shape), [...log(shape), ended]]) {
      const { findings, timeline } = read(events).device;
      const { reasons } = reduceAll(emptySnapshot(), events).status;
      expect(JSON.stringify([findings, timeline, reasons]), JSON.stringify(shape)).not.toMatch(/fragment/i);
    }
});

test('advice for expandable segments has its price, and is withheld where they are in use or an engine sleeps', () => {
  for (const more of [{}, { peakActiveBytes: 17.2 * GIB }]) {
    const advice = next(log(more)).filter(line => line.includes('expandable'));
    expect(advice).toEqual([expect.stringContaining(PRICE)]);
    expect(next(log(more, { allocatorConf: 'expandable_segments:True' })).join()).not.toContain('expandable');
    expect(next(log(more, { expandableSegments: true })).join()).not.toContain('expandable');
    expect(next(log(more, { config: { vllm_enable_sleep_mode: true } })).join()).not.toContain('expandable');
    expect(next(log(more, { config: { vllm_enable_sleep_mode: false } })).join()).toContain(PRICE);
    const sleeps = event('MEMORY_SAMPLED', { phase: 'vllm sleep', memory: [memory(60, more)] }, 61);
    expect(next([...log(more), sleeps]).join()).not.toContain('expandable');
  }
});

test('explain gives the price, and withholds the advice where the text shows that an engine sleeps', () => {
  const oom =
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which ' +
    '1.10 GiB is free. Including non-PyTorch memory, this process has 78.00 GiB memory in use. Of the allocated memory 60.00 GiB is ' +
    'allocated by PyTorch, and 16.20 GiB is reserved by PyTorch but unallocated.\n';
  const explain = (text: string) => explainText(text, 'oom.txt', 0)!.next.join();
  expect(explain(oom)).toContain(PRICE);
  // A small device, too: 607 of 708 MiB are in no tensor, and 40 do not fit.
  const small = oom
    .replace('2.00 GiB', '40.00 MiB')
    .replace('79.15 GiB', '1024.00 MiB')
    .replace('1.10 GiB', '16.00 MiB')
    .replace('78.00 GiB', '1008.00 MiB')
    .replace('60.00 GiB', '100.73 MiB')
    .replace('16.20 GiB', '607.27 MiB');
  expect(explain(small)).toContain(PRICE);
  const slept = 'INFO cumem.py: Sleep mode freed 43.82 GiB memory, 4.11 GiB memory is still in use.\n';
  expect(explain(slept + oom)).not.toContain('expandable');
  const summary = (active: string) =>
    [
      '|                  PyTorch CUDA memory summary, device ID 0                 |',
      '|            CUDA OOMs: 0            |        cudaMalloc retries: 3         |',
      '| Allocated memory      |  17.0 GiB |  22.5 GiB |  90.0 GiB |  73.0 GiB |',
      `| Active memory         |  17.0 GiB |  ${active} |  90.0 GiB |  73.0 GiB |`,
      '| GPU reserved memory   |  23.4 GiB |  23.4 GiB |  23.4 GiB |   0 B     |',
      '| Non-releasable memory |   6.4 GiB |   6.4 GiB |  40.0 GiB |  34.0 GiB |',
    ]
      .join('\n')
      .replace(
        /(\d+)\.(\d) GiB/g,
        (_, whole, tenth) => `${Math.round((Number(whole) + tenth / 10) * 1024)} MiB`,
      );
  expect(explain(summary('17.5 GiB'))).toContain(PRICE);
  expect(explain(summary('22.5 GiB'))).not.toContain('expandable');
  expect(explainText(summary('22.5 GiB'), 's', 0)!.evidence.join()).toContain('peak reserved: 3.8%');
});
