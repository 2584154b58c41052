/** The whole view is in the address: each part of it comes back from its link. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkOf, type Route, readRoute } from './route.ts';

const number = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null });
const name = fc.string({ unit: 'grapheme', minLength: 1 });
const route: fc.Arbitrary<Route> = fc.record({
  page: fc.constant('run' as const),
  // A run is a folder, and these two are none; an address has no such part.
  id: name.filter(text => text !== '.' && text !== '..'),
  runs: fc.constant([]),
  groups: fc.array(name),
  by: fc.option(name, { nil: null }),
  ignore: fc.array(name),
  q: fc.string(),
  columns: fc.option(fc.array(name.filter(text => !text.includes(','))), { nil: null }),
  sort: fc.option(name, { nil: null }),
  all: fc.boolean(),
  x: fc.constantFrom('batch' as const, 'time' as const),
  from: number,
  to: number,
  at: number,
  rank: fc.option(fc.nat(), { nil: null }),
  device: fc.option(name, { nil: null }),
  own: fc.option(fc.array(name.filter(text => !text.includes(','))), { nil: null }),
  meaning: fc.option(name, { nil: null }),
});

const back = (view: Partial<Route>) => readRoute(new URL(linkOf(view), 'http://localhost'));

test('a link leads back to the view that it was made of', () => {
  fc.assert(
    fc.property(route, view => {
      // A link does not distinguish 0 from −0.
      const plain = (own: Route) => JSON.parse(JSON.stringify(own));
      expect(plain(back(view))).toEqual(plain(view));
    }),
  );
});

test.each(['from', 'to', 'at', 'rank'] as const)('%s is in the link, 0 too', part => {
  for (const value of [0, 7, 1.5]) expect(back({ page: 'run', id: 'r', [part]: value })[part]).toBe(value);
  expect(back({ page: 'run', id: 'r' })[part]).toBeNull();
});

test('the runs that are compared are in the link, at most five', () => {
  expect(back({ page: 'compare', runs: ['a', 'b:c'] }).runs).toEqual(['a', 'b:c']);
  expect(readRoute(new URL('http://localhost/compare?runs=1,2,3,4,5,6')).runs).toHaveLength(5);
});

test('groups and the figure that decides are in the link', () => {
  const view = { page: 'groups' as const, groups: ['lr3*', 'tag=good, bad'], by: 'return', ignore: ['lr'] };
  expect(back(view)).toMatchObject(view);
});

test.each(['x', 'Infinity', 'NaN', ''])('a zoom from "%s" is none', text => {
  expect(readRoute(new URL(`http://localhost/run/r?from=${text}`)).from).toBeNull();
});
