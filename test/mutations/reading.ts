/** From a log's lines to events, and how an error is recognised. */
import type { Mutation } from './mutation.ts';

export const reading: readonly Mutation[] = [
  {
    rule: 'the first error of a chain is the cause',
    file: 'src/watch/traceback.ts',
    from: 'if (this.#held !== null && !saysMore) return;',
    to: '',
    test: ['test/watch/tracebacks.test.ts', 'the first of a chain is the cause'],
  },
  {
    rule: 'the words between chained errors are part of them',
    file: 'src/watch/traceback.ts',
    from: ' || CHAIN.test(text)',
    to: '',
    test: ['test/watch/tracebacks.test.ts', 'all of a chain is the text of an error'],
  },
];
