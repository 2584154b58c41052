import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type EventType, isMalformed, isUnknown, type Payload, parseEvent } from '../contract/index.ts';
import { Emitter } from './index.ts';

/** An emitter whose lines are kept. */
function kept(options: Partial<ConstructorParameters<typeof Emitter>[0]> = {}) {
  const lines: string[] = [];
  const sink = { append: (line: string) => void lines.push(line) };
  const emitter = new Emitter({ run: 'a "run"', rank: 2, sink, now: () => 1234.5, ...options });
  return { emitter, lines };
}

describe('emit', () => {
  test.each<[EventType, object]>([
    ['TRAINING_STARTED', { name: 'Größe\n"κ"', config: { lr: [1e-4, null] } }],
    ['PPO_UPDATE_COMPLETED', { batch: 1, loss: { policy: 'NaN', value: 0 }, memory: [{ device: 'sim:0' }] }],
    ['HOST_SAMPLED', { ramUsedBytes: null }],
  ])('%s is one whole line of the contract before emit returns', (type, data) => {
    const { emitter, lines } = kept({ firstSeq: 7 });
    emitter.emit(type, data as Payload<typeof type>);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    const event = parseEvent(lines[0]!);
    expect(isMalformed(event) || isUnknown(event)).toBe(false);
    expect(event).toEqual({
      v: '1.0',
      seq: 7,
      timeMs: 1234.5,
      run: 'a "run"',
      rank: 2,
      type,
      data,
      telemetryMs: 0,
    });
  });

  test('numbers events without gaps', () => {
    const { emitter, lines } = kept();
    for (let i = 0; i < 5; i++) emitter.emit('STEP_COMPLETED', { step: i });
    expect(lines.map(line => JSON.parse(line).seq)).toEqual([0, 1, 2, 3, 4]);
    expect(emitter.nextSeq).toBe(5);
  });

  test('reports what telemetry took: gathering this event and writing the one before', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const lines: string[] = [];
    const append = (line: string) => {
      lines.push(line);
      vi.advanceTimersByTime(2);
    };
    const { emitter } = kept({ sink: { append } });
    emitter.emit('STEP_COMPLETED', { step: 0 }, 0.25);
    emitter.emit('STEP_COMPLETED', { step: 1 }, 0.5);
    expect(JSON.parse(lines[0]!).telemetryMs).toBe(0.25);
    expect(JSON.parse(lines[1]!).telemetryMs).toBe(2.5);
  });

  test('never throws: what cannot be written leaves a gap in seq', () => {
    const { emitter, lines } = kept();
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    for (const extra of [cycle, { big: 1n }]) emitter.emit('STEP_COMPLETED', { step: 0, extra });
    emitter.emit('STEP_COMPLETED', { step: 1 });
    expect(emitter.failed).toBe(2);
    expect(lines.map(line => JSON.parse(line).seq)).toEqual([2]);
  });

  test('not even where the sink breaks its promise', () => {
    const sink = {
      append: () => {
        throw new Error('broken');
      },
    };
    const { emitter } = kept({ sink });
    emitter.emit('STEP_COMPLETED', { step: 0 });
    expect(emitter.failed).toBe(1);
  });
});
