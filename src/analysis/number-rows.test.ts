/** Rows of numbers: what went in comes out, however many rows there are and whatever was written, moved and dropped in between. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberRows, rowKind } from './number-rows.ts';
import { Scales } from './scales.ts';

interface Reading {
  batch: number;
  bytes: number | null;
  isPeak: boolean;
}
const kind = rowKind<Reading>(['batch', 'bytes'], ['isPeak']);
const reading = fc.record({
  batch: fc.nat(),
  bytes: fc.option(fc.double({ noNaN: true }), { nil: null }),
  isPeak: fc.boolean(),
});

test('rows are as the objects of a list', () => {
  const action = fc.oneof(
    reading.map(row => ({ push: row })),
    fc.record({ write: fc.nat(), bytes: fc.option(fc.integer(), { nil: null }), isPeak: fc.boolean() }),
    fc.record({ move: fc.nat(), to: fc.nat() }),
    fc.record({ drop: fc.nat(3) }),
  );
  fc.assert(
    fc.property(
      fc.array(action, { minLength: 40, maxLength: 200 }),
      fc.integer({ min: 1, max: 60 }),
      (actions, most) => {
        const rows = new NumberRows<Reading>(kind, most);
        const list: Reading[] = [];
        const copies: [NumberRows<Reading>, Reading[]][] = [];
        for (const action of actions) {
          if ('push' in action) {
            rows.push(action.push);
            list.push({ ...action.push });
          } else if (list.length === 0) continue;
          else if ('write' in action) {
            const { write, bytes, isPeak } = action;
            for (const row of [rows.at(write % list.length), list[write % list.length]!])
              Object.assign(row, { bytes, isPeak });
          } else if ('move' in action) {
            const [from, to] = [action.move % list.length, action.to % list.length];
            rows.move(from, to);
            list[to] = { ...list[from]! };
          } else {
            copies.push([rows.copy(), list.map(row => ({ ...row }))]);
            const count = Math.min(action.drop, list.length);
            rows.drop(count);
            list.splice(0, count);
          }
          expect(rows.objects()).toEqual(list);
          expect(rows.objects(-2, 5)).toEqual(list.slice(0, 5));
          const { batch, bytes, isPeak } =
            list.length > 0 ? rows.at(list.length - 1) : ({} as Partial<Reading>);
          expect({ batch, bytes, isPeak }).toEqual({
            ...{ batch: undefined, bytes: undefined, isPeak: undefined },
            ...list.at(-1),
          });
        }
        for (const [copy, was] of copies) expect(copy.objects()).toEqual(was);
      },
    ),
  );
});

test('each scale has its newest points, whatever their number', () => {
  const scales = new Scales<Reading>(kind);
  const all: Reading[] = [];
  for (let batch = 0; batch < 3000; batch++) {
    const point = { batch, bytes: batch % 3 === 0 ? null : batch / 7, isPeak: batch % 5 === 0 };
    scales.push(point);
    all.push(point);
    if (batch % 13 !== 0 && batch > 400) continue;
    const expected: Reading[][] = [];
    for (let each = 1; ; each *= 2) {
      expected.push(all.filter((_, i) => i % each === 0).slice(-160));
      if (all.length <= 160 * each) break;
    }
    expect(scales.views()).toEqual(expected);
  }
});
