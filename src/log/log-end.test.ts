/** Whatever follows a log's last event, the next writer goes on after it, in bounded memory. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { update } from '../../test/events.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import { seqAfter } from './log-end.ts';
import { LogWriter } from './log-writer.ts';
import { readRun } from './read-run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-end-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const events = [0, 1, 2].map(seq => `${JSON.stringify(update(seq))}\n`).join('');
const file = () => join(folder, 'events-0.jsonl');

const envelope = (seq: string, type = 'X') =>
  `{"v":"1.0","seq":${seq},"timeMs":1,"run":"r","rank":0,"type":"${type}","data":{"batch":1e999}}`;
const garbage: Record<string, string> = {
  nothing: '',
  'an infinite seq': `{"seq":1e999}\n${envelope('1e999')}\n`,
  'a word that is no JSON': `{"seq":Infinity,"type":"X"}\n${envelope('NaN')}\n`,
  'a seq beyond all counting': ['1e300', '5e15', '9007199254740991', '1e13', '-1', '1.5']
    .map(seq => `${envelope(seq)}\n`)
    .join(''),
  'a payload that cannot be': `${envelope('7', 'PPO_UPDATE_COMPLETED')}\n`,
  'deep nesting': `${'['.repeat(100_000)}\n{"seq":${'{"a":'.repeat(100_000)}\n`,
  'newlines alone': '\n'.repeat(300_000),
  'short lines': 'x\n'.repeat(1_000_000),
  'short lines that begin as events do': '{"seq\n'.repeat(200_000),
  'a line beyond the limit': `${'a'.repeat(20 * 1024 * 1024)}\n`,
  'the same without its newline': 'a'.repeat(20 * 1024 * 1024),
  'an event that grew beyond the limit': `{"seq":9,"pad":"${'a'.repeat(17 * 1024 * 1024)}"}\n`,
  'half an event': '{"v":"1.0","seq":3,"tim',
  'CRLF and NUL': '\r\n\0\0\0\r\n',
};

test.each(Object.entries(garbage))('%s after the last event: later events are read', (_, tail) => {
  writeFileSync(file(), events + tail);
  const writer = new LogWriter(folder);
  expect(writer.nextSeq).toBe(3);
  writer.append(`${JSON.stringify(update(3))}\n`);
  writer.close();
  const seqs = [...readRun(folder)].flat().map(event => event.seq);
  expect(seqs).toEqual([0, 1, 2, 3]);
});

test.each([['9000000000'], ['10000000000'], ['5000000', '9000000000']])(
  'a number within the bounds that no writer has reached (%s) does not move the next writer',
  (...numbers) => {
    writeFileSync(file(), events + numbers.map(seq => `${envelope(seq).replace('1e999', '1')}\n`).join(''));
    const writer = new LogWriter(folder);
    expect(writer.nextSeq).toBe(3);
    writer.append(`${JSON.stringify(update(3))}\n`);
    writer.close();
    const { ranks } = reduceAll(emptySnapshot(), [...readRun(folder)].flat());
    expect(ranks[0]).toMatchObject({ updates: 4, repeatedEvents: 0 });
    expect(ranks[0]!.nextSeq).toBe(4);
  },
);

test('an event that lacks only its newline counts', () => {
  writeFileSync(file(), events.trimEnd());
  const writer = new LogWriter(folder);
  expect(writer.nextSeq).toBe(3);
  writer.close();
});

test('an event in a line longer than a window is found, at every place of its edges', () => {
  for (const length of [65_400, 65_500, 65_536, 65_600, 131_072, 200_000]) {
    const long = `${JSON.stringify({ ...update(5), pad: 'a'.repeat(length) })}\n`;
    for (const tail of ['', 'x', '\n', 'y'.repeat(70_000)]) {
      writeFileSync(file(), events + long + tail);
      const fd = openSync(file(), 'r');
      expect(seqAfter(fd)).toBe(6);
      closeSync(fd);
    }
  }
});

test('half a GiB without a newline takes hardly any memory', () => {
  const fd = openSync(file(), 'w+');
  writeSync(fd, events);
  ftruncateSync(fd, 600 * 1024 * 1024);
  const before = process.memoryUsage().rss;
  expect(seqAfter(fd)).toBe(3);
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  closeSync(fd);
});

test('an empty log begins at 0', () => {
  writeFileSync(file(), '');
  const writer = new LogWriter(folder);
  expect(writer.nextSeq).toBe(0);
  writer.close();
});
