/** Memory snapshots, and lines that hold memory. */
import type { Mutation } from './mutation.ts';

export const snapshots: readonly Mutation[] = [
  {
    rule: 'an opcode that is not on the list is refused',
    file: 'src/snapshots/pickle.ts',
    from: '        default:\n          this.#refuse(',
    to: '        case 0x30:\n          break;\n        default:\n          this.#refuse(',
    test: ['test/snapshots/hostile.test.ts', 'every opcode that is not on the list is refused'],
  },
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
    from: 'if (next > end) return p;',
    to: '',
    test: ['test/snapshots/recordings.test.ts', 'the pieces that it comes in make no difference'],
  },
  {
    rule: 'what was freed later is still there',
    file: 'src/snapshots/state.ts',
    from: 'if (freedAt >= until && live.get(address) < 0)',
    to: 'if (freedAt > until && live.get(address) < 0)',
    test: ['test/snapshots/states.test.ts', 'after any event'],
  },
  {
    rule: 'what is not split off belongs to its block',
    file: 'src/snapshots/state.ts',
    from: 'if (gap > 0 && !isSmall && !isExpandable && gap <= UNSPLIT) block.bytes += gap;',
    to: '',
    test: ['test/snapshots/states.test.ts', 'what a block takes of its segment'],
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
