import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastChangePoint } from './change-point.ts';

const UPDATES = 200;
const x = Array.from({ length: UPDATES }, (_, i) => i);
const breaks = fc.integer({ min: 60, max: UPDATES - 60 });
const scales = fc.integer({ min: 0, max: 40 }).map(power => 2 ** power);

/** Scatter that a true break leaves: of neighbours that are not alike. */
const SCATTER = [0, 1, -1, 1, 0, -1, -1, 0, 1, -1, 0, 0, 1].map(sign => sign * 1e-4);
/** A line over all updates from 0 to 1, and a share of that by which its later part lies off the straight one at its end. */
const bent = (at: number, share: number, scale: number) =>
  x.map(
    i =>
      scale * (i / UPDATES + (share * Math.max(0, i - at)) / (UPDATES - at) + SCATTER[i % SCATTER.length]!),
  );

test('a bend by less than is material is none', () => {
  fc.assert(
    fc.property(breaks, fc.double({ min: -0.005, max: 0.005, noNaN: true }), scales, (at, share, scale) => {
      expect(lastChangePoint(x, bent(at, share, scale))).toBe(0);
    }),
  );
});

test('a bend that is material is found where it is', () => {
  fc.assert(
    fc.property(breaks, fc.double({ min: 1, max: 5, noNaN: true }), scales, (at, share, scale) => {
      expect(Math.abs(lastChangePoint(x, bent(at, share, scale)) - at)).toBeLessThanOrEqual(3);
    }),
  );
});
