/** What every room may use and none owns: statistics, random numbers, sizes, ticks, aborts, text safe for a terminal, JSON that a person writes. */
export * from './ansi.ts';
export * from './braille.ts';
export * from './crc32c.ts';
export * from './first-letter.ts';
export * from './flat.ts';
export * from './gzip.ts';
export * from './json-file.ts';
export * from './on-abort.ts';
export * from './outside-text.ts';
export * from './printable-text.ts';
export * from './random.ts';
export * from './sizes.ts';
export * from './sparse.ts';
export * from './statistics.ts';
export * from './ticks.ts';
export * from './wrap.ts';
