import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { snapshot } from '../../test/sanctum/snapshots.ts';
import { deviceReport, leaking, runReport } from '../../test/sanctum/verdicts.ts';
import { columns } from '../base/index.ts';
import { type DeviceReport, type RunReport, verdictKinds } from '../contract/index.ts';
import { headline, headlines } from './headline.ts';
import { reasonOf, withJudgement } from './judged-snapshot.ts';
import { judgementOf } from './judgement.ts';

const finding = (
  kind: DeviceReport['findings'][number]['kind'],
  confidence: DeviceReport['findings'][number]['confidence'] = 'certain',
) => deviceReport({ findings: [{ kind, confidence, says: `It is ${kind}.`, evidence: [], next: [] }] });
const outOfMemory = {
  errorType: 'OutOfMemoryError',
  message: 'CUDA out of memory.',
  rank: 0,
  batch: 84,
  outOfMemory: {},
} as unknown as RunReport['failure'];
const line = (
  report: RunReport | null,
  state: Parameters<typeof judgementOf>[1] = 'running',
  width?: number,
) => headline(judgementOf(report, state), width).text;

describe('the judgement of a run', () => {
  test('holds what it is, how sure, when memory runs out, and where', () => {
    expect(line(runReport([leaking], { maxBatches: null }))).toBe(
      '✗ leak · memory runs out in 112–279 updates, 24–54 s (batch 196–363) · sim:0',
    );
    const ranks = runReport([{ ...leaking, rank: 3, device: 'cuda:1' }, finding('neighbour')], {
      ranks: 4,
      maxBatches: null,
    });
    expect(line(ranks, 'running', 53)).toBe('✗ leak · OOM in 112–279 updates · rank 3 cuda:1 +1');
    expect(line(ranks, 'running', 32)).toBe('✗ leak OOM 112–279 r3 cuda:1 +1');
  });

  test('fits 40 columns, whatever it is', () => {
    for (const kind of verdictKinds) {
      const device = { ...finding(kind, 'likely'), rank: 12, device: 'cuda:7', forecast: leaking.forecast };
      const text = line(runReport([device], { ranks: 16, maxBatches: null }), 'running', 40);
      expect(columns(text), text).toBeLessThanOrEqual(40);
    }
  });

  test('is longest first, and every form begins with the same mark', () => {
    const anyState = fc.constantFrom('running', 'waiting', 'completed', 'failed', 'gone' as const);
    const any = fc.record({
      kind: fc.constantFrom(...verdictKinds),
      isAhead: fc.boolean(),
      state: anyState,
      ranks: fc.nat(9),
    });
    fc.assert(
      fc.property(any, ({ kind, isAhead, state, ranks }) => {
        const device = { ...finding(kind), ...(isAhead && { forecast: leaking.forecast }) };
        const all = headlines(judgementOf(runReport([device], { ranks }), state as 'running'));
        expect(new Set(all.map(text => text[0])).size).toBe(1);
        expect(columns(all.at(-1)!)).toBeLessThanOrEqual(columns(all[0]!));
      }),
    );
  });

  test('is not ok where the analysis finds a cause or sees an end', () => {
    const level = (device: DeviceReport, over: Partial<RunReport['run']> = {}) =>
      judgementOf(runReport([device], over), 'running').level;
    for (const kind of ['leak', 'growth', 'fragmentation', 'neighbour', 'cache starvation'] as const)
      expect(level(finding(kind)), kind).toBe('warning');
    expect(level(finding('steady'))).toBe('ok');
    expect(level(finding('spike'))).toBe('ok');
    expect(level(leaking, { maxBatches: 400 })).toBe('critical');
    expect(level(leaking, { maxBatches: 100 }), 'only after its planned end').toBe('warning');
    expect(level({ ...finding('steady'), forecast: leaking.forecast }, { maxBatches: null })).toBe(
      'critical',
    );
    expect(level({ ...finding('unmeasured'), forecast: { ...leaking.forecast, status: 'too short' } })).toBe(
      'warmup',
    );
  });

  test('of a run that has ended has no forecast, and shows how it ended', () => {
    const report = { ...runReport([leaking], { state: 'failed' }), failure: outOfMemory };
    expect(judgementOf(report, 'failed').runsOut).toBeNull();
    expect(line(report, 'failed')).toBe('✗ out of memory after batch 84 · leak · sim:0');
    expect(line(report, 'failed', 34)).toBe('✗ OOM at 84 · leak · sim:0');
    expect(line(runReport([leaking]), 'gone')).toBe('✗ ended unexpectedly after 84 updates · leak · sim:0');
    expect(line(runReport([finding('steady')], { state: 'completed' }), 'completed')).toBe(
      '✓ steady · sim:0',
    );
  });

  const standing = (level: 'warning' | 'critical', short: string, device = 'sim:0') => ({
    devices: [],
    ranks: [],
    status: { level, reasons: [`${device}: ${short} and more words than there is room for in a line`] },
    vitals: {
      ...snapshot().vitals,
      memoryAlarmDevices: [
        { device, rank: 0, rule: 'r', level, reason: '', short, percent: null, raisedMs: 0 },
      ],
    },
  });
  const beside = (device: DeviceReport, now: ReturnType<typeof standing>, width?: number) =>
    headline(judgementOf(runReport([device], { maxBatches: null }), 'running', now), width);

  test('an alarm that is worse than the verdict stands before it, at every width', () => {
    const tight = standing('critical', 'pressure 0.95');
    expect(beside(finding('steady'), tight)).toMatchObject({
      text: '✗ sim:0 pressure 0.95 · steady',
      tone: 'critical',
    });
    expect(beside(finding('steady'), tight, 29).text).toBe('✗ sim:0 pressure 0.95');
    expect(beside(finding('steady'), standing('warning', 'pressure 0.85'))).toMatchObject({
      text: '! sim:0 pressure 0.85 · steady',
      tone: 'warning',
    });
    expect(beside(finding('fragmentation'), tight).text).toBe('✗ sim:0 pressure 0.95 · fragmentation');
    // The less sure it is, the more careful the words; nothing of that where all is well.
    for (const [confidence, words] of [
      ['certain', '✗ fragmentation · sim:0'],
      ['likely', '✗ likely fragmentation · sim:0'],
      ['possible', '✗ possibly fragmentation · sim:0'],
    ] as const)
      expect(line(runReport([finding('fragmentation', confidence)]))).toContain(words.slice(2));
    expect(line(runReport([finding('steady', 'likely')]))).toContain('✓ steady · sim:0');
    // A verdict with a cause gives way to no alarm, and one that is as bad stands alone.
    expect(beside(finding('fragmentation'), tight, 29).text).toBe('✗ fragmentation · sim:0');
    expect(beside(leaking, tight).text).toMatch(/^✗ leak · memory runs out/);
  });

  test('what is no alarm stands there in its own words, cut where they are long', () => {
    const { vitals } = snapshot();
    const now = {
      status: { level: 'critical' as const, reasons: ['policy loss is NaN'] },
      vitals,
      devices: [],
      ranks: [],
    };
    const judgement = judgementOf(runReport([finding('steady')]), 'running', now);
    expect(headline(judgement).text).toBe('✗ policy loss is NaN · steady · sim:0');
    const long = { ...now, status: { ...now.status, reasons: ['x'.repeat(90)] } };
    const narrow = headline(judgementOf(runReport([finding('steady')]), 'running', long), 40).text;
    expect(columns(narrow)).toBeLessThanOrEqual(40);
    expect(narrow).toMatch(/^✗ x+…$/);
    // Single updates of a healthy run are beyond a learner's warning.
    const mild = { ...now, status: { level: 'warning' as const, reasons: ['approx KL 0.036'] } };
    expect(headline(judgementOf(runReport([finding('steady')]), 'running', mild)).text).toMatch(/^✓ steady/);
    // Its status keeps it beyond the end: so does the first line.
    const ended = judgementOf(runReport([finding('steady')]), 'completed', now);
    expect(headline(ended).text).toBe('✗ policy loss is NaN · steady · sim:0');
  });

  test('a run that is gone is not well, whatever was found', () => {
    const gone = judgementOf(runReport([finding('steady')]), 'gone');
    expect(withJudgement(snapshot(), gone).status).toEqual({
      level: 'critical',
      reasons: ['ended unexpectedly'],
    });
    expect(withJudgement(snapshot(), gone).vitals).toEqual(snapshot().vitals);
  });

  test('before anything is known is calm', () => {
    expect(line(null)).toBe('~ no verdict yet');
    expect(line(runReport([], { updates: 0 }))).toBe('~ no update yet');
    const over = judgementOf(runReport([], { updates: 0 }), 'completed');
    expect(headline(over).text).toContain('no update was reported');
    expect(line(runReport([]))).toBe('– memory not measured');
    const [unread] = finding('unmeasured').findings;
    expect(line(runReport([finding('unmeasured')]))).toBe('– memory not measured');
    const read = deviceReport({ findings: [{ ...unread!, isRead: true }] });
    expect(line(runReport([read]))).toBe('– no verdict on memory');
    expect(line(null, 'failed')).toBe('✗ failed');
  });

  test('makes the one status of the snapshot, the verdict before lesser alarms', () => {
    const judgement = judgementOf(runReport([leaking], { maxBatches: null }), 'running');
    const { status, vitals } = withJudgement(snapshot(), judgement);
    expect(status).toEqual({ level: 'critical', reasons: [reasonOf(judgement)] });
    expect(status.reasons[0]).toBe('sim:0: leak, out of memory in 112–279 updates');
    expect(vitals).toMatchObject({
      hasMemoryAlarm: true,
      memoryAlarmDevices: [{ device: 'sim:0', rank: 0, level: 'critical', short: 'leak' }],
    });
    const steady = judgementOf(runReport([finding('steady')]), 'running');
    expect(withJudgement(snapshot(), steady)).toEqual(snapshot());
  });
});
