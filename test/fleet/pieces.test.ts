/** Names and pieces that come from a network: nothing leads out of the folder, and nothing damaged is written. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyToLog, applyToWhole } from '../../src/fleet/collected-file.ts';
import { Collector, type Connected } from '../../src/fleet/index.ts';
import { fileOfSubject, isRunPath, subjectOf, tokenOf } from '../../src/fleet/names.ts';
import { decode, encode, type Headers, MOST_BYTES, type Piece, parseWant } from '../../src/fleet/piece.ts';
import { scratch } from '../scratch.ts';

class PlainHeaders extends Map<string, string> implements Headers {
  override get = (name: string): string => super.get(name) ?? '';
}

const piece = (at: number, text: string, more: Partial<Piece> = {}): Piece => ({
  ...{ at, body: Buffer.from(text), before: null, begins: false, whole: null, gone: false },
  ...more,
});

test('a name comes out of its subject, and no subject leads out of the folder', () => {
  const name = { cluster: 'lab', run: 'team.a/20260101 ü*>', file: 'events-0.jsonl' };
  expect(subjectOf('esper', name).split('.')).toHaveLength(4);
  expect(subjectOf('esper', name)).toMatch(/^[A-Za-z0-9_.%-]+$/);
  expect(fileOfSubject(subjectOf('esper', name))).toEqual(name);
  const bad = [
    '..',
    '.',
    '',
    '.hidden',
    'a/../b',
    'a//b',
    '/a',
    'a\\b',
    'a\0b',
    'a\nb',
    'a/b/c/d/e',
    'x'.repeat(300),
  ];
  for (const run of bad) {
    expect(isRunPath(run), run).toBe(false);
    expect(fileOfSubject(`esper.lab.${tokenOf(run)}.run%2Ejson`), run).toBeNull();
    if (run !== 'a/b/c/d/e') expect(fileOfSubject(`esper.lab.r.${tokenOf(run)}`), run).toBeNull();
  }
  for (const subject of [
    'esper.lab.r',
    'esper.lab.r.a.b',
    'esper.lab.r.%zz',
    'esper.lab.%2e%2e.x',
    'esper.a%2Fb.r.x',
  ])
    expect(fileOfSubject(subject), subject).toBeNull();
  fc.assert(
    fc.property(fc.string(), fc.string(), (run, file) => {
      const found = fileOfSubject(subjectOf('s', { cluster: 'c', run, file }));
      if (found === null) return;
      expect(found).toEqual({ cluster: 'c', run, file });
      expect(resolve('/x', run, file).startsWith('/x/')).toBe(true);
    }),
  );
});

test('a piece comes out as it went in; a damaged one does not come out', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 20_000 }),
      fc.nat(1e9),
      fc.boolean(),
      fc.nat(),
      (bytes, at, begins, seed) => {
        const headers = new PlainHeaders();
        const whole = begins ? { size: 7, digest: 'ab' } : null;
        const own = piece(at, '', { body: Buffer.from(bytes), begins, whole, before: { length: 3, crc: 9 } });
        const sent = encode(own, headers);
        expect(decode(headers, sent)).toEqual(own);
        if (sent.length === 0) return;
        const damaged = Uint8Array.from(sent);
        damaged[seed % damaged.length]! ^= 1 + (seed % 255);
        const read = decode(headers, damaged);
        if (read !== null) expect(read.body).toEqual(own.body);
      },
    ),
  );
  // What unpacks to more than it claims takes no more memory than it may.
  const headers = new PlainHeaders();
  const sent = encode(piece(0, 'x'.repeat(MOST_BYTES)), headers);
  headers.set('Esper-Length', '10');
  expect(decode(headers, sent)).toBeNull();
  headers.set('Esper-Length', String(MOST_BYTES * 1000));
  expect(decode(headers, sent)).toBeNull();
  expect(decode(new PlainHeaders(), sent)).toBeNull();
});

test('a piece of a log is written where it fits, once, and asked for where it does not', () => {
  const path = join(scratch('pieces'), 'run', 'events-0.jsonl');
  const is = (text: string) => expect(readFileSync(path, 'utf8')).toBe(text);
  const after = (text: string) => {
    const headers = new PlainHeaders();
    encode(piece(0, text), headers);
    return { length: text.length, crc: Number(headers.get('Esper-Crc')) };
  };
  expect(applyToLog(path, piece(0, 'one\n'))).toEqual({ what: 'written' });
  expect(applyToLog(path, piece(8, 'three\n'))).toEqual({ what: 'wanted', from: 4, differs: false });
  expect(applyToLog(path, piece(4, 'two\n', { before: after('one\n') }))).toEqual({ what: 'written' });
  expect(applyToLog(path, piece(0, 'one\ntwo\nth'))).toEqual({ what: 'written' });
  for (const known of [piece(0, 'one\n'), piece(2, 'e\ntw'), piece(10, '')])
    expect(applyToLog(path, known)).toEqual({ what: 'known' });
  is('one\ntwo\nth');
  // Not the same before it, not the same at its place: nothing is written.
  for (const other of [
    piece(10, 'ree\n', { before: after('tWo\nth') }),
    piece(4, 'Two\n'),
    piece(8, 'TH and more'),
  ])
    expect(applyToLog(path, other)).toEqual({ what: 'wanted', from: 0, differs: true });
  is('one\ntwo\nth');
  // Begun again on the node.
  expect(applyToLog(path, piece(0, 'one\n', { begins: true }))).toEqual({ what: 'written' });
  is('one\n');
  expect(applyToLog(path, piece(0, '', { begins: true }))).toEqual({ what: 'written' });
  is('');
});

test('a whole file appears with its last piece, in any order of two collectors, and only as it was', () => {
  const folder = scratch('pieces');
  const [path, parts] = [join(folder, 'run', 'run.json'), join(folder, 'parts')];
  const whole = { size: 6, digest: '03ac674216f3e15c761ee1a5e255f067' };
  expect(applyToWhole(path, piece(3, 'def', { whole }), parts)).toEqual({
    what: 'wanted',
    from: 0,
    differs: false,
  });
  expect(applyToWhole(path, piece(0, 'abc', { whole }), parts)).toEqual({ what: 'written' });
  // Its digest is of another text: it is not put into its place.
  expect(applyToWhole(path, piece(3, 'def', { whole }), parts)).toEqual({ what: 'known' });
  expect(() => readFileSync(path)).toThrow(/ENOENT/);
  const right = { size: 4, digest: '03ac674216f3e15c761ee1a5e255f067' };
  expect(applyToWhole(path, piece(0, '12', { whole: right }), parts)).toEqual({ what: 'written' });
  expect(applyToWhole(path, piece(2, '34', { whole: right }), parts)).toEqual({ what: 'written' });
  expect(readFileSync(path, 'utf8')).toBe('1234');
  expect(applyToWhole(path, piece(4, '', { whole: right }), parts)).toEqual({ what: 'known' });
  writeFileSync(path, '4321');
  expect(applyToWhole(path, piece(4, '', { whole: right }), parts)).toEqual({
    what: 'wanted',
    from: 0,
    differs: false,
  });
  expect(applyToWhole(path, piece(0, '', { gone: true }), parts)).toEqual({ what: 'written' });
  expect(() => readFileSync(path)).toThrow(/ENOENT/);
});

test('a want is what it must be, or none', () => {
  expect(parseWant('{"run":"a","file":"b","from":3,"differs":true}')).toEqual({
    ...{ run: 'a', file: 'b', from: 3, differs: true },
  });
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"run":1,"file":"b","from":3}',
    '{"run":"a","file":"b","from":1.5}',
  ])
    expect(parseWant(text), text).toBeNull();
});

test('a server that does not answer is no fault of the disk: the piece comes again, and nothing is written', async () => {
  const [runs, headers] = [scratch('pieces'), new PlainHeaders()];
  const subject = subjectOf('esper', { cluster: 'lab', run: 'r', file: 'run.json' });
  const data = encode(piece(0, '{}', { whole: { size: 2, digest: 'ab' } }), headers);
  const naks: number[] = [];
  async function* messages() {
    yield { subject, headers, data, seq: 1, redelivered: false, nak: (ms: number) => naks.push(ms) };
  }
  const from = {
    nats: { flush: async () => {} },
    manager: {
      consumers: { info: async () => ({}) },
      streams: { getMessage: () => Promise.reject(new Error('timeout')) },
    },
    js: { consumers: { get: async () => ({ consume: async () => messages() }) } },
  } as unknown as Connected;
  const problems: string[] = [];
  const onProblem = (sentence: string) => void problems.push(sentence);
  await new Collector(from, { runs, stream: 'esper', cluster: 'lab', name: 'c', onProblem }).collect(
    new AbortController().signal,
    true,
  );
  expect(problems).toEqual(['The stream cannot be read now (timeout); it is tried again.']);
  expect(naks).toEqual([5000]);
  expect(readdirSync(runs)).toEqual([]);
});
