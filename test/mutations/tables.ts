/** Lines by their shape, runs as tables and Parquet, packing, runs of other tools, and files that are written whole. */
import type { Mutation } from './mutation.ts';

export const tables: readonly Mutation[] = [
  {
    rule: 'a number beyond the bounds of its field is of no shape',
    file: 'src/log/line-shape.ts',
    from: 'if (value < least || value > most || (isWhole && !Number.isInteger(value))) return -1;',
    to: '',
    test: ['src/log/line-shape.test.ts', 'a number beyond its bounds'],
  },
  {
    rule: 'a line that is refused halfway changes nothing',
    file: 'src/log/line-shape.ts',
    from: 'changedTo[count] = value;',
    to: 'changedTo[count] = this.values[k] = value;',
    test: ['src/log/line-shape.test.ts', 'leaves no number of it behind'],
  },
  {
    rule: 'a line is kept before its bytes are written over',
    file: 'src/log/event-shapes.ts',
    from: 'for (const { shape } of this.#known) shape.leave(lines);',
    to: '',
    test: ['src/log/line-shape.test.ts', 'stays when its bytes are written over'],
  },
  {
    rule: 'events of lines of no known shape keep their places',
    file: 'src/log/line-batches.ts',
    from: 'addOthers(before);',
    to: '',
    test: ['src/log/line-batches.test.ts', 'of any log'],
  },
  {
    rule: 'a number of many digits is the nearest double',
    file: 'src/log/read-number.ts',
    from: '+ off) / power',
    to: ') / power',
    test: ['src/log/line-shape.test.ts', 'is the double that JSON.parse reads'],
  },
  {
    rule: 'figures that were made of an older log do not count',
    file: 'src/query/packed-figures.ts',
    from: '(await metadataOf(database, folder)).get(LOGS) === sizesOf(folder)',
    to: '(await metadataOf(database, folder)).has(LOGS)',
    test: ['test/query/pack.test.ts', 'figures of an older log do not count'],
  },
  {
    rule: 'a run that is written is not packed',
    file: 'src/cli/pack.ts',
    from: 'const live = all.filter(({ path }) => !isWriterGone(path));',
    to: 'const live: typeof all = [];',
    test: ['test/query/pack.test.ts', 'a run that is written is refused'],
  },
  {
    rule: 'a question in SQL reads and writes no file',
    file: 'src/query/duckdb.ts',
    from: "await connection.run('SET enable_external_access = false');",
    to: '',
    test: ['test/query/query.test.ts', 'a question writes nothing, reads no file'],
  },
  {
    rule: 'a column of whole numbers that gets a fraction changes no value',
    file: 'src/query/duck-table.ts',
    from: "if (column.type === 'BIGINT' && !Number.isSafeInteger(value)) {",
    to: "if (column.type === 'BIGINT' && typeof value === 'boolean') {",
    test: ['test/query/query.test.ts', 'a fraction among whole numbers'],
  },
  {
    rule: 'a record of W&B counts while its checksum is right',
    file: 'src/watch/wandb-file.ts',
    from: "if (crc32(block.subarray(at + 6, end)) !== checksum) return damaged('does not match its checksum');",
    to: '',
    test: ['test/watch/import.test.ts', 'a damaged or cut file'],
  },
  {
    rule: 'a signal removes what is not whole yet',
    file: 'src/disk/drafts.ts',
    from: '  removeAll();\n  leave();',
    to: '  drafts.clear();\n  leave();',
    test: ['src/disk/drafts.test.ts', 'ends a long write at once'],
  },
  {
    rule: 'a draft of a process that lives is left alone',
    file: 'src/disk/drafts.ts',
    from: '!isAlive(Number(pid)) && ',
    to: '',
    test: ['src/disk/drafts.test.ts', 'old drafts of dead processes'],
  },
];
