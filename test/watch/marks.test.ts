/**
 * A line that is read is looked for first, by the words that its format names: a reading that looks at every line finds nothing else.
 * A format whose words do not stand in all that it reads loses lines without a trace.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats, LineSplitter, linesFor, parseMap, TrainerLogParser } from '../../src/watch/index.ts';
import { material, unlessMaterial } from '../material.ts';
import { golden } from './read-log.ts';

/** What a log becomes, where each line is looked for first or all of them are read. */
function become(text: string, way: 'looked for' | 'all', name: string | null = null) {
  const events: unknown[] = [];
  const reader = new TrainerLogParser({
    name: 'test',
    source: 'test.log',
    format: formats.find(format => format.name === name) ?? null,
    map: parseMap([]),
    // Lines that nobody reads show no time.
    onEvent: ({ rank, type, data }) => events.push({ rank, type, data }),
    onNotice: () => {},
  });
  const time = { nowMs: 2e12, live: false };
  const lines =
    way === 'looked for'
      ? linesFor(reader, time)
      : new LineSplitter((line, number, isOpen) => reader.read(line, number, time.nowMs, time.live, isOpen));
  lines.push(Buffer.from(text));
  lines.reset(true);
  reader.end('ended', time.nowMs);
  return { events, format: reader.format, read: reader.counts.read };
}

/** What anyone copies of a log. */
const parts: Record<string, (lines: readonly string[]) => readonly string[]> = {
  whole: lines => lines,
  'second half': lines => lines.slice(lines.length >> 1),
  'every second line': lines => lines.filter((_, i) => i % 2 === 1),
  'two lines of three': lines => lines.filter((_, i) => i % 3 !== 1),
};

const logs = readdirSync(new URL('golden/', import.meta.url)).filter(name => name.endsWith('.log'));

describe.each(logs)('%s', log => {
  const lines = golden(log).split('\n');
  const { format } = become(lines.join('\n'), 'looked for');

  test.each(Object.keys(parts))('%s: nothing is lost', part => {
    const text = parts[part]!(lines).join('\n');
    for (const name of [null, format])
      expect(become(text, 'looked for', name).events).toEqual(become(text, 'all', name).events);
  });

  test('wherever the text begins, nothing is lost', () => {
    for (let from = 1; from < Math.min(lines.length, 40); from++) {
      const text = lines.slice(from).join('\n');
      expect(become(text, 'looked for', format).events, lines[from]).toEqual(
        become(text, 'all', format).events,
      );
    }
  });

  test('a line alone is read where the format is known', () => {
    const lost = [...new Set(lines)].filter(
      line => become(line, 'looked for', format).read !== become(line, 'all', format).read,
    );
    expect(lost).toEqual([]);
  });
});

const folders = ['field', 'field2', 'frameworks'];

describe.each(folders)('%s', folder => {
  const path = material(folder);
  test.skipIf(!path)(`nothing of its logs is lost${unlessMaterial(folder)}`, () => {
    for (const file of readdirSync(path!).filter(name => name.endsWith('.log'))) {
      const text = readFileSync(`${path}/${file}`, 'utf8');
      expect(become(text, 'looked for').events, file).toEqual(become(text, 'all').events);
    }
  });
});
