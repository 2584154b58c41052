/** From recorded stacks to the line of the verdict, in every view's first row; and when none is named. */
import { describe, expect, test } from 'vitest';
import { analyseRun } from '../../src/analysis/index.ts';
import type { EventOf, MemoryAttributed, TelemetryEvent } from '../../src/contract/index.ts';
import { headline, headlines, judgementOf, reasonOf } from '../../src/present/index.ts';
import { heldBars, heldTable, heldWords } from '../../src/report/index.ts';
import { event } from '../events.ts';
import { played } from '../report/runs.ts';

const MIB = 2 ** 20;
const UPDATE = 'train.py:88 update';
const window = (grew: number, over: Partial<MemoryAttributed> = {}): MemoryAttributed => ({
  device: 'sim:0',
  moment: 'end of update',
  why: 'trend',
  fromBatch: 30,
  toBatch: 40,
  totalBytes: 500 * MIB,
  grewBytes: grew + MIB,
  lines: [
    { line: 'nets.py:12 forward', bytes: 400 * MIB, blocks: 3, grewBytes: 0, stack: [] },
    { line: UPDATE, bytes: 90 * MIB, blocks: 40, grewBytes: grew, stack: [UPDATE, 'train.py:120 main'] },
  ],
  otherLines: { count: 2, bytes: 9 * MIB, grewBytes: MIB },
  withoutLineBytes: MIB,
  withoutLineGrewBytes: 0,
  requestedBytes: null,
  recordingMs: 3,
  ...over,
});

/** The run with the event after its last update. */
function withLines(events: readonly TelemetryEvent[], data: MemoryAttributed): TelemetryEvent[] {
  const isEnd = ({ type }: TelemetryEvent) => type === 'TRAINING_COMPLETED' || type === 'TRAINING_FAILED';
  const kept = events.filter(one => !isEnd(one));
  const ends = events.filter(isEnd);
  const all = [
    ...kept,
    { ...event('MEMORY_ATTRIBUTED', data), run: events[0]!.run, timeMs: kept.at(-1)!.timeMs },
    ...ends,
  ];
  return all.map((one, seq) => ({ ...one, seq }) as TelemetryEvent);
}

const reportOf = (events: TelemetryEvent[]) => analyseRun([events]);
const leaky = played('slow-leak', 1).slice(0, 300);

describe('a leak', () => {
  const slope = judgementOf(reportOf([...leaky]), 'running');
  test('reads what the line keeps, in the first row', () => {
    expect(slope.kind).toBe('leak');
    const report = reportOf(withLines(leaky, window(120 * MIB)));
    const [finding] = report.devices[0]!.findings;
    expect(finding!.line).toMatchObject({ line: UPDATE, bytesPerUpdate: 12 * MIB });
    expect(finding!.line!.share).toBeCloseTo(120 / 121);
    expect(report.verdict.says).toMatch(
      /^`train\.py:88 update` keeps 12\.0 MiB an update, 99% of what stays\. Tensors that outlive/,
    );
    expect(finding!.evidence[0]!.says).toContain('`train.py:88 update` 120 MiB');
    const judgement = judgementOf(report, 'running');
    expect(headline(judgement).text).toMatch(
      /^[!✗] leak: `train\.py:88 update` keeps 12\.0 MiB an update · /,
    );
    expect(reasonOf(judgement)).toContain('leak (train.py:88 update)');
    expect(headlines(judgement).at(-1)).toEqual(headlines(slope).at(-1));
    expect(heldTable(report.devices[0]!)!.rows[0]!.cells).toEqual([
      'nets.py:12 forward',
      '400 MiB',
      '80%',
      '0 B',
    ]);
  });

  test('of a few updates that kept far more than all did, its share of what all keep counts', () => {
    const [finding] = reportOf(withLines(leaky, window(4000 * MIB))).devices[0]!.findings;
    const each = /([\d.]+) MiB more are held after each/.exec(finding!.says)!;
    expect(finding!.line!.bytesPerUpdate! / (finding!.line!.share * MIB)).toBeCloseTo(Number(each[1]), 0);
    expect(finding!.evidence[0]!.says).toContain('`train.py:88 update` 3.91 GiB');
  });

  test('of a narrow row, the place remains', () => {
    const judgement = judgementOf(reportOf(withLines(leaky, window(120 * MIB))), 'running');
    expect(headline(judgement, 70).text).toContain('train.py:88');
  });

  test.each([
    ['a window before it began', window(10)],
    ['a window without an earlier reading', window(120 * MIB, { fromBatch: null })],
    ['a window in which no line grew', window(-MIB)],
    ['another device', window(120 * MIB, { device: 'sim:1' })],
  ])('names none after %s', (_, data) => {
    expect(
      reportOf(withLines(leaky, data)).devices.find(({ device }) => device === 'sim:0')!.findings[0]!.line,
    ).toBeUndefined();
  });
});

const peak = (grew: number, over: Partial<MemoryAttributed> = {}) =>
  window(grew, { moment: 'peak', ...over });

describe('what is needed more', () => {
  const growing = played('growing-sequences', 1).slice(0, 260);
  const spiky = played('spike', 1);

  test('by growth has its line, of two peaks', () => {
    const report = reportOf(withLines(growing, peak(900 * MIB, { fromBatch: 10, toBatch: 40 })));
    const finding = report.devices[0]!.findings.find(({ kind }) => kind === 'growth')!;
    expect(finding.line).toMatchObject({ line: UPDATE, bytesPerUpdate: 30 * MIB, bytesMore: null });
    expect(headline(judgementOf(report, 'running')).text).toMatch(
      /growth: `train\.py:88 update` needs 30\.0 MiB more each update/,
    );
    expect(finding.evidence[0]!.says).toContain(
      'At the peak of batch 40 these held more than at that of batch 10: `train.py:88 update` 900 MiB.',
    );
    expect(heldWords(report.devices[0]!, 'batch')).toMatch(/^At the peak of batch 40, 500 MiB was held\./);
  });

  test('by a spike has its line, and nothing an update', () => {
    const report = reportOf(withLines(spiky, peak(700 * MIB, { why: 'spike' })));
    const finding = report.devices[0]!.findings.find(({ kind }) => kind === 'spike')!;
    expect(finding.line).toMatchObject({ line: UPDATE, bytesPerUpdate: null, bytesMore: 700 * MIB });
    expect(finding.says).toMatch(/^`train\.py:88 update` held 700 MiB more, \d+% of what was needed more\. /);
  });

  test.each([
    ['of what is kept', growing, window(900 * MIB)],
    ['of a spike', growing, peak(900 * MIB, { why: 'spike' })],
    ['of growth', spiky, peak(700 * MIB)],
    ['without an earlier one', growing, peak(900 * MIB, { fromBatch: null })],
  ])('has none from a reading %s', (_, events, data) => {
    const kinds = ['growth', 'spike'];
    const { findings } = reportOf(withLines(events, data)).devices[0]!;
    const found = findings.filter(({ kind }) => kinds.includes(kind));
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ line }) => line === undefined)).toBe(true);
  });
});

test('a steady run names none, whatever its window saw', () => {
  const report = reportOf(withLines(played('steady', 1), window(120 * MIB)));
  expect(report.devices[0]!.findings.every(({ line }) => line === undefined)).toBe(true);
  expect(headline(judgementOf(report, 'running')).text).not.toContain('train.py');
});

test('a process that begins again is not blamed for the lines of the one before', () => {
  const again = [...withLines(leaky, window(120 * MIB)), ...leaky].map(
    (one, seq) => ({ ...one, seq }) as TelemetryEvent,
  );
  expect(reportOf(again).devices[0]!.findings[0]!.line).toBeUndefined();
});

test('readings stand side by side, each of what it held', () => {
  const later = peak(900 * MIB, { fromBatch: 10, toBatch: 40, totalBytes: 1000 * MIB });
  const events = withLines(leaky, window(120 * MIB));
  const report = reportOf(withLines(events, later));
  const { lines, bars } = heldBars(report.devices[0]!, 'batch')!;
  expect(lines).toEqual(['nets.py:12 forward', UPDATE]);
  expect(bars.map(({ label, total }) => [label, total])).toEqual([
    ['end of batch 40', '500 MiB'],
    ['peak of batch 40', '1000 MiB'],
  ]);
  expect(bars[0]!.parts).toEqual([
    { line: 'nets.py:12 forward', from: 0, share: 0.4, text: '400 MiB' },
    { line: UPDATE, from: 0.4, share: expect.closeTo(0.09), text: '90.0 MiB' },
    { line: null, from: expect.closeTo(0.49), share: expect.closeTo(0.01), text: '10.0 MiB' },
  ]);
  expect(heldBars(reportOf(events).devices[0]!, 'batch')).toBe(null);
});

test('a refusal that ended the run has the lines that held the memory', () => {
  const failed = played('fast-leak', 2);
  expect(failed.at(-1)!.type).toBe('TRAINING_FAILED');
  const report = reportOf(
    withLines(failed, window(0, { moment: 'refused', requestedBytes: 64 * MIB, fromBatch: null })),
  );
  expect(report.verdict.says).toContain(
    'When it was refused, 500 MiB was held: `nets.py:12 forward` 400 MiB (80%), `train.py:88 update` 90.0 MiB (18%).',
  );
  expect(report.devices[0]!.held).toMatchObject({ moment: 'refused', requestedBytes: 64 * MIB });
});

test('of a line that a library works for, the library’s own lines are named', () => {
  const failed = played('fast-leak', 2);
  const [first, ...others] = window(0).lines;
  const within = [
    { line: 'transformers/activations.py:66 forward', bytes: 200 * MIB },
    { line: 'peft/lora.py:7 forward', bytes: 100 * MIB },
    { line: 'peft/lora.py:9 forward', bytes: MIB },
  ];
  const lines = [{ ...first!, within }, ...others];
  const refused = { moment: 'refused', requestedBytes: 64 * MIB, fromBatch: null } as const;
  const report = reportOf(withLines(failed, window(0, { ...refused, lines })));
  expect(report.verdict.says).toContain(
    'was held: `nets.py:12 forward` 400 MiB (80%), of it in `transformers/activations.py:66 forward` 200 MiB (40%) and `peft/lora.py:7 forward` 100 MiB (20%), `train.py:88 update` 90.0 MiB (18%).',
  );
  const rows = heldTable(report.devices[0]!)!.rows.map(({ cells }) => cells.slice(0, 3));
  expect(rows).toEqual([
    ['nets.py:12 forward', '400 MiB', '80%'],
    ['· in transformers/activations.py:66 forward', '200 MiB', '40%'],
    ['· in peft/lora.py:7 forward', '100 MiB', '20%'],
    [UPDATE, '90.0 MiB', '18%'],
    ['without a line: allocated before recording, or in the backward pass', '1.0 MiB', '0.20%'],
  ]);
});

test('one before the first update has them in what its text explains', () => {
  const failed = played('fast-leak', 2);
  const isUpdate = (one: TelemetryEvent): one is EventOf<'PPO_UPDATE_COMPLETED'> =>
    one.type === 'PPO_UPDATE_COMPLETED';
  const [memory] = failed.find(isUpdate)!.data.memory!;
  const first = failed.filter(({ type }) => type.startsWith('TRAINING'));
  const sample = event('MEMORY_SAMPLED', {
    phase: 'first step',
    memory: [{ ...memory!, ooms: 0, allocRetries: 0 }],
  });
  const refused = window(0, {
    moment: 'refused',
    requestedBytes: 64 * MIB,
    fromBatch: null,
    withoutLineBytes: 60 * MIB,
  });
  const [started, ...rest] = withLines(first, refused);
  const report = reportOf(
    [started!, { ...sample, run: started!.run, timeMs: started!.timeMs }, ...rest].map((one, seq) => ({
      ...one,
      seq,
    })),
  );
  expect(report.verdict.says).toContain(
    ' When it was refused, 500 MiB was held: `nets.py:12 forward` 400 MiB (80%), `train.py:88 update` 90.0 MiB (18%), without a line 60.0 MiB (12%). The training failed',
  );
  expect(report.devices[0]!.held).toMatchObject({ moment: 'refused' });
  expect(report.devices[0]!.findings[0]!.says).not.toContain('went on');
});
