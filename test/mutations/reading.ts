/** From a log's lines to events, from text to a screen, and how an error is recognised. */
import type { Mutation } from './mutation.ts';

export const reading: readonly Mutation[] = [
  {
    rule: 'a torn last line is ended before the next is written',
    file: 'src/log/log-writer.ts',
    from: 'this.#torn = endsTorn(fd);',
    to: 'this.#torn = false;',
    test: ['src/log/log-writer.test.ts', 'ends a torn line'],
  },
  {
    rule: 'a torn last line is counted',
    file: 'src/log/rank-file.ts',
    from: 'this.#report.torn++;',
    to: '',
    test: ['src/log/read-run.test.ts', 'one file a torn last line'],
  },
  {
    rule: 'what follows the last newline is held until its rest comes',
    file: 'src/log/rank-file.ts',
    from: 'this.#held = this.#tooLong ? 0 : bytes.length - from;',
    to: 'this.#held = 0;',
    test: ['src/log/read-run.test.ts', 'of any text, at any size of chunk, reads the same'],
  },
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
    from: 'const isChain = CHAIN.test(text);',
    to: 'const isChain = false;',
    test: ['test/watch/tracebacks.test.ts', 'all of a chain is the text of an error'],
  },
  {
    rule: 'escape sequences are taken out of what a terminal shows',
    file: 'src/present/printable-text.ts',
    from: ".replace(ESCAPES, '')",
    to: '',
    test: ['src/sanctum/text.test.ts', 'link" → "namelink"'],
  },
  {
    rule: 'control characters are spaces on a terminal',
    file: 'src/present/printable-text.ts',
    from: ".replace(SPACES, ' ')",
    to: '',
    test: ['src/sanctum/text.test.ts', 'leaves no control or invisible character'],
  },
  {
    rule: 'Metal’s message of a full device is recognised',
    file: 'src/texts/memory-words.ts',
    from: "sign('device', 'metal', 'mps backend out of memory'),",
    to: '',
    test: ['src/texts/memory-error.test.ts', 'Metal'],
  },
  {
    rule: 'a cuBLAS handle without memory is recognised',
    file: 'src/texts/memory-words.ts',
    from: "sign('device', 'cublas', 'cublas_status_alloc_failed'),",
    to: '',
    test: ['src/texts/memory-error.test.ts', 'cuBLAS'],
  },
  {
    rule: 'the host’s allocator is not a device’s',
    file: 'src/texts/memory-words.ts',
    from: "sign('host', 'pytorch', 'defaultcpuallocator'),",
    to: "sign('device', 'pytorch', 'defaultcpuallocator'),",
    test: ['src/texts/memory-error.test.ts', 'the host, Linux'],
  },
  {
    rule: 'Triton’s shared memory is not a device’s',
    file: 'src/texts/memory-words.ts',
    from: "sign('on-chip', 'triton', 'out of resource', 'shared memory'),",
    to: "sign('device', 'triton', 'out of resource', 'shared memory'),",
    test: ['src/texts/memory-error.test.ts', 'not one: Triton'],
  },
];
