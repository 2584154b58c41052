/** One golden log, written by the Python client: what it writes, the contract accepts. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkEvent, type EventType, events, isMalformed, parseEvent } from '../../src/contract/index.ts';
import { emptySnapshot, reduce } from '../../src/reduce/index.ts';
import { python, run, unless } from './python.ts';

const golden = readFileSync('test/golden/python-events.jsonl', 'utf8');
const lines = golden.trimEnd().split('\n');

describe('events of the Python client', () => {
  test.each(lines.map((line, seq) => [seq, JSON.parse(line).type as string, line]))(
    'line %i, %s, is an event of the contract',
    (seq, type, line) => {
      const parsed = parseEvent(line);
      expect(parsed).not.toHaveProperty('malformed');
      expect(parsed).not.toHaveProperty('unknown');
      expect(parsed).toMatchObject({ seq, type });
    },
  );

  test('every type of event is among them', () => {
    const types = new Set(lines.map(line => JSON.parse(line).type as EventType));
    expect([...types].sort()).toEqual(Object.keys(events).sort());
  });

  test('they reduce: nothing lost, repeated or unknown', () => {
    let snapshot = emptySnapshot();
    for (const line of lines) {
      const event = checkEvent(JSON.parse(line));
      if (!isMalformed(event)) snapshot = reduce(snapshot, event);
    }
    expect(snapshot.ranks[0]).toMatchObject({
      lostEvents: 0,
      repeatedEvents: 0,
      unknownEvents: 0,
      batch: 3,
      step: 7,
    });
    const [first] = snapshot.devices;
    // 4.5, then 9 of 10 GiB; counters of 2 retries, then someone reset them to 1; then nothing could be read.
    expect(first!.history.memoryUsagePercent.slice(0, 3)).toEqual([45, 90, 90]);
    expect(first!.history.memoryUsagePercent.at(-1)).toBeNull();
    expect(first).toMatchObject({ device: 'cuda:0', allocRetries: 3, ooms: 1 });
  });

  test.skipIf(!python)(`are what it writes now${unless(python, 'python3')}`, () => {
    const { stdout, stderr } = run(python!, ['python/tests/golden.py']);
    expect(stdout, stderr).toBe(golden);
  });
});
