/** Memory snapshots, and lines that hold memory. */
import type { Mutation } from './mutation.ts';

export const snapshots: readonly Mutation[] = [
  {
    rule: 'a list or dict that was used while empty stays empty',
    file: 'src/snapshots/machine.ts',
    from: 'if (kind === FRESH_LIST || kind === FRESH_DICT) this.#memoKinds[index] = kind | SHARED;',
    to: '',
    test: ['test/snapshots/hostile.test.ts', 'itself'],
  },
  {
    rule: 'what is short of its end is refused',
    file: 'src/snapshots/pickle.ts',
    from: 'if (p + 9 > end) return p;\n          p += 9;',
    to: 'p += 9;',
    test: ['test/snapshots/recordings.test.ts', 'the pieces that it comes in make no difference'],
  },
  {
    rule: 'a block without an event and without a stack was there before',
    file: 'src/snapshots/frame-rules.ts',
    from: ': frames.length > 0 || isRecorded',
    to: ': true',
    test: ['test/snapshots/shapes.test.ts', 'several devices are accounted apart'],
  },
  {
    rule: 'frames of the stand-in device are on no stack',
    file: 'src/snapshots/frame-rules.ts',
    from: '.filter(({ file }) => !isEsper(file))',
    to: '',
    test: ['test/snapshots/shapes.test.ts', 'frames of the stand-in device are on no stack'],
  },
];
