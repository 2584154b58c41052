/** Recordings of every generation of PyTorch on the stand-in device, and of real GPUs: sums to the byte, lines, refusals. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { accountOf, changesBetween, type DeviceAccount } from '../../src/snapshots/index.ts';
import { material, unlessMaterial } from '../material.ts';
import { bytesOf, dumpOf, golden, RELEASES } from './read.ts';

const truthOf = (name: string) => JSON.parse(readFileSync(golden(`${name}.json`), 'utf8'));
const dumpNamed = (name: string) => dumpOf(bytesOf(golden(`${name}.pickle.gz`)));
const accountAt = (name: string, at: 'peak' | 'end' | null = null) => accountOf(dumpNamed(name), at);

/** Whatever the grouping and the moment, the sum is the same. */
function expectSums({ attribution, layout, lineTimeline, startBytes, peak, events }: DeviceAccount) {
  if (events > 0) {
    const sums = lineTimeline.points.map(({ bytes }) => bytes.reduce((sum, one) => sum + one, 0));
    expect(Math.max(startBytes, ...sums)).toBe(peak.bytes);
  }
  for (const group of [attribution.lines, attribution.stacks, attribution.files, attribution.categories])
    expect(group.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(attribution.totalBytes);
  const { requestedBytes, roundingBytes, pendingBytes, strandedBytes, releasableBytes } = layout;
  expect(
    requestedBytes +
      roundingBytes +
      pendingBytes +
      strandedBytes +
      releasableBytes +
      layout.expandableFreeBytes,
  ).toBe(layout.reservedBytes);
}

describe.each(RELEASES)('PyTorch %s', release => {
  test.each(['training', 'refused', 'overflowed', 'state'])('%s: the sums are the allocator’s own', name => {
    const { stats } = truthOf(`torch-${release}-${name}`);
    const dump = dumpNamed(`torch-${release}-${name}`);
    const [device] = accountOf(dump, 'end').devices;
    expect(device!.contradictions).toEqual([]);
    expect(device!.layout.allocatedBytes).toBe(stats.allocated_bytes);
    expect(device!.layout.activeBytes).toBe(stats.active_bytes);
    expect(device!.layout.reservedBytes).toBe(stats.reserved_bytes);
    expect(device!.layout.strandedBytes).toBe(stats.inactive_split_bytes);
    if (stats.requested_bytes !== null) expect(device!.attribution.totalBytes).toBe(stats.requested_bytes);
    expectSums(device!);
    for (let event = 0; event < device!.events; event += 7) {
      const [then] = accountOf(dump, event).devices;
      expectSums(then!);
      expect(then!.layout.outsideBytes).toBe(0);
    }
  });

  test('the line that keeps, what was before recording, the backward pass', () => {
    const truth = truthOf(`torch-${release}-training`);
    const [device] = accountAt(`torch-${release}-training`, 'end').devices;
    const { lines, categories } = device!.attribution;
    const kept = lines.find(({ label }) => label === `${truth.keeps} update`);
    expect(kept).toMatchObject({ blocks: truth.kept, bytes: truth.kept * 1_200_000 });
    expect(lines.find(({ label }) => label === 'allocated before recording')!.bytes).toBeGreaterThanOrEqual(
      truth.beforeRecordingAtLeastBytes,
    );
    expect(categories.find(({ label }) => label === 'optimizer state')!.notes).toEqual([
      'a frame in torch/optim or in a step of an optimizer',
    ]);
    const [peak] = accountAt(`torch-${release}-training`, 'peak').devices;
    expect(peak!.attribution.lines.map(({ label }) => label)).toContain('backward pass (no Python frame)');
    expect(peak!.attribution.totalBytes).toBe(peak!.peak.bytes);
  });

  test('a refused request, and what stood in its way', () => {
    const truth = truthOf(`torch-${release}-refused`);
    const [refusal, ...more] = accountAt(`torch-${release}-refused`).devices[0]!.refused;
    expect(more).toEqual([]);
    expect(refusal).toMatchObject({
      requestedBytes: truth.asked,
      blockedBy: 'need',
      line: expect.stringMatching(/^train\.py:\d+ main$/),
    });
    expect(refusal!.shortBytes).toBe(truth.asked - refusal!.freeBytes);
    expect(refusal!.layout.reservedBytes).toBe(truth.stats.reserved_bytes);
  });

  test('as JSON it is the same', () => {
    const path = golden(`torch-${release}-training.snapshot.json.gz`);
    const json = accountOf(dumpOf(bytesOf(path), 4099), 'peak');
    const pickle = accountAt(`torch-${release}-training`, 'peak');
    expect({ ...json, format: null }).toEqual({ ...pickle, format: null });
  });

  test('the pieces that it comes in make no difference', () => {
    const bytes = bytesOf(golden(`torch-${release}-training.pickle.gz`));
    const whole = accountOf(dumpOf(bytes));
    for (const piece of [1, 2, 3, 7, 4096]) expect(accountOf(dumpOf(bytes, piece))).toEqual(whole);
  });

  test('from one dump to the next: what is new, gone, and grew', () => {
    const [before, after] = ['training', 'state'].map(name => accountAt(`torch-${release}-${name}`, 'end'));
    const [change] = changesBetween(before!, after!);
    const { keeps, kept } = truthOf(`torch-${release}-training`);
    expect(change!.lines.find(({ label }) => label === `${keeps} update`)).toMatchObject({
      kind: 'gone',
      bytes: -kept * 1_200_000,
    });
    const sum = change!.lines.reduce((all, { bytes }) => all + bytes, 0);
    expect(sum).toBe(change!.afterBytes - change!.beforeBytes);
  });
});

describe('real GPUs', () => {
  const recorded: [file: string, trace: string][] = [
    ['training-step', 'forward-windows'],
    ['attention', 'attention-from-empty'],
    ['state-only', 'state-only'],
  ];
  test.each(recorded)(
    `%s: peak and end are what the allocator did${unlessMaterial('snapshots')}`,
    (name, trace) => {
      const [file, truth] = [material(`snapshots/${name}.pickle`), material(`traces/${trace}.json.gz`)];
      if (file === undefined || truth === undefined) return;
      const { expected } = JSON.parse(gunzipSync(readFileSync(truth)).toString());
      const dump = dumpOf(bytesOf(file));
      const [peak] = accountOf(dump, 'peak').devices;
      expect(peak!.layout.allocatedBytes).toBe(expected.peakAllocatedBytes);
      expect(peak!.layout.reservedBytes).toBe(expected.reservedAtPeakBytes);
      expect(peak!.peak.event).toBe(expected.peakAtEvent);
      const [end] = accountOf(dump, 'end').devices;
      expect(end!.layout.allocatedBytes).toBe(expected.finalAllocatedBytes);
      expect(end!.layout.reservedBytes).toBe(expected.finalReservedBytes);
      expect(end!.layout.strandedBytes).toBe(expected.finalStrandedBytes);
      for (const device of [peak!, end!]) expectSums(device);
    },
  );
});
