/** TELE-770 on its whole way: a reading through the agent’s emitter, a log on disk, the reducer, to the banner’s colours. */
import { describe, expect, test } from 'vitest';
import { loadRun } from '../../src/cli/load-run.ts';
import { Emitter } from '../../src/emit/index.ts';
import { emptyReport, LogWriter } from '../../src/log/index.ts';
import { frame, initialView, plainLine } from '../../src/sanctum/index.ts';
import { reading } from '../events.ts';
import { scratch } from '../scratch.ts';

function recorded(allocated: number, reserved: number) {
  const folder = scratch('path');
  const writer = new LogWriter(folder);
  const emitter = new Emitter({ run: 'r', rank: 0, sink: writer });
  emitter.emit('PPO_UPDATE_COMPLETED', { batch: 3, memory: [reading(allocated, reserved)] });
  writer.close();
  return loadRun(folder, emptyReport());
}

const banner = (snapshot: ReturnType<typeof recorded>): string => {
  const view = { ...initialView({ width: 160, height: 40, nowMs: Date.now() }), color: true };
  return frame(snapshot, view).find(row => row.includes('Batch:'))!;
};

describe('the banner', () => {
  test.each([
    [4.5, '2', '[Mem:45%]'],
    [7.49, '2', '[Mem:75%]'],
    [7.5, '33', '[Mem:75%]'],
    [9.0, '33', '[Mem:90%]'],
    [9.01, '1;31', '[Mem:90%]'],
    [9.5, '1;31', '[Mem:95%]'],
  ])('%f of 10 GiB: SGR %s %s after the batch', (allocated, sgr, text) => {
    expect(banner(recorded(allocated, 10))).toContain(`\u001b[${sgr}m${text}`);
    expect(banner(recorded(allocated, 10)).indexOf('Batch:3')).toBeLessThan(
      banner(recorded(allocated, 10)).indexOf('[Mem'),
    );
  });

  test('0 is left out, above 100 is flagged', () => {
    expect(banner(recorded(0, 10))).not.toContain('[Mem');
    expect(plainLine(recorded(0, 0))).not.toContain('[Mem');
    const flagged = recorded(10.4, 10);
    expect(banner(flagged)).toContain('\u001b[1;31m[Mem:104%');
    expect(frame(flagged, initialView({ width: 160, height: 40, nowMs: 0 })).join('\n')).toContain(
      'allocated 10.40 GiB exceeds reserved 10.00 GiB',
    );
  });
});
