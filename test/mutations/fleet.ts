/** A fleet's pieces: written where they fit, and nowhere else. */
import type { Mutation } from './mutation.ts';

const pieces = 'test/fleet/pieces.test.ts';
const log = 'a piece of a log is written where it fits, once, and asked for where it does not';

export const fleet: readonly Mutation[] = [
  {
    rule: 'a piece that comes too early is not written',
    file: 'src/fleet/collected-file.ts',
    from: 'if (at > size) return wanted(size, false);',
    to: '',
    test: [pieces, log],
  },
  {
    rule: 'a piece follows the bytes that it followed on the node',
    file: 'src/fleet/collected-file.ts',
    from: 'if (before !== null && !holds(fd, at, before)) return wanted(0, true);',
    to: '',
    test: [pieces, log],
  },
  {
    rule: 'bytes that are there are never written over',
    file: 'src/fleet/collected-file.ts',
    from: 'if (!isThere(fd, at, body.subarray(0, there))) return wanted(0, true);',
    to: '',
    test: [pieces, log],
  },
  {
    rule: 'a whole file appears only with its digest',
    file: 'src/fleet/collected-file.ts',
    from: 'if (digestOf(part) === digest) {',
    to: 'if (true as boolean) {',
    test: [
      pieces,
      'a whole file appears with its last piece, in any order of two collectors, and only as it was',
    ],
  },
  {
    rule: 'a name of the network does not lead out of the folder',
    file: 'src/fleet/names.ts',
    from: "!name.startsWith('.') &&",
    to: '',
    test: [pieces, 'a name comes out of its subject, and no subject leads out of the folder'],
  },
  {
    rule: 'a piece whose check sum is wrong is none',
    file: 'src/fleet/piece.ts',
    from: '(body.length > 0 && checkSum(body) !== place.crc)',
    to: 'false',
    test: [pieces, 'a piece comes out as it went in; a damaged one does not come out'],
  },
];
