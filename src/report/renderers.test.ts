/** Whatever the contract permits can be shown: nothing throws, nothing breaks out, nothing is made up. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryOf } from '../../test/sanctum/arbitrary-snapshot.ts';
import { columns } from '../base/index.ts';
import { RunComparison, RunReport } from '../contract/index.ts';
import type { Document } from './document.ts';
import { comparisonDocument, runDocument, toHtml, toMarkdown, toTerminal } from './index.ts';

const context = { nowMs: 0, timeZone: 'UTC', version: '0' };
const documents: [string, fc.Arbitrary<Document>][] = [
  [
    'a report',
    (arbitraryOf(RunReport) as fc.Arbitrary<RunReport>).map(report => runDocument(report, context)),
  ],
  [
    'a comparison',
    (arbitraryOf(RunComparison) as fc.Arbitrary<RunComparison>).map(it => comparisonDocument(it, context)),
  ],
];

/** What JavaScript prints where something was forgotten. */
const MADE_UP = /\b(NaN|undefined|\[object)\b/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const TAGS =
  /^(!doctype|html|head|meta|link|title|style|body|main|header|footer|section|h[1-3]|p|b|bdi|span|div|article|ul|ol|li|small|code|blockquote|table|thead|tbody|tr|th|td|figure|figcaption|strong|svg|desc|path|text)$/;

test('times at both ends of what a number holds have no duration', () => {
  const [report] = fc.sample(arbitraryOf(RunReport) as fc.Arbitrary<RunReport>, { numRuns: 1, seed: 1 });
  report!.run.startedMs = -Number.MAX_VALUE;
  report!.run.lastEventMs = Number.MAX_VALUE;
  expect(runDocument(report!, context).facts.join('\n')).toContain('--:--:-- long');
});

test('a figure that one run lacks is named in a line and has no row', () => {
  const [comparison] = fc.sample(arbitraryOf(RunComparison) as fc.Arbitrary<RunComparison>, {
    numRuns: 1,
    seed: 1,
  });
  const figure = (name: string, values: object) => ({
    ...comparison!.figures[0],
    figure: name,
    part: 'memory',
    ...values,
  });
  const none = { a: null, b: null, change: null, relative: null, status: 'unmeasured' };
  const both = { a: 5, b: 6, change: null, relative: null, status: 'too few', unit: 'bytes' };
  const figures = [figure('peakBytes', both), figure('restingBytes', none), figure('headroomBytes', none)];
  const text = toTerminal(comparisonDocument({ ...comparison!, figures, own: [] } as never, context), {
    width: 100,
    color: false,
  });
  expect(text).toMatch(/^peak of an update +5 B +6 B/m);
  expect(text).not.toMatch(/^(held after|headroom)/m);
  expect(text).toContain('Not in both runs, so not compared: held after an update, headroom.');
});

test('a narrow table breaks no word while the next column has room', () => {
  const rows = [{ cells: ['fragmentation', 'a word '.repeat(30)], tone: 'plain' as const }];
  const document: Document = {
    title: '',
    facts: [],
    verdict: { label: '', tone: 'plain', says: '' },
    sections: [{ title: '', blocks: [{ type: 'table', caption: '', head: ['', ''], rows }] }],
    colophon: '',
  };
  expect(toTerminal(document, { width: 50, color: false })).toMatch(/^fragmentation {2}a word a word/m);
});

test('texts of a megabyte take a moment and some pages, wherever they stand', () => {
  const long = 'n'.repeat(1_000_000);
  const document: Document = {
    title: long,
    facts: [long, long],
    verdict: { label: 'leak', tone: 'plain', says: long },
    sections: [
      {
        title: long,
        blocks: [
          { type: 'text', text: long, tone: 'plain' },
          { type: 'quote', text: long },
          { type: 'list', items: [long] },
          { type: 'answers', answers: [{ question: 'What?', answer: long, tone: 'plain', says: long }] },
          { type: 'table', caption: long, head: [long, 'b'], rows: [{ cells: [long, long], tone: 'plain' }] },
          {
            type: 'finding',
            title: long,
            confidence: long,
            tone: 'plain',
            says: long,
            evidence: [{ says: long, where: [long] }],
            next: [long],
          },
        ],
      },
    ],
    colophon: long,
  };
  for (const text of [
    toTerminal(document, { width: 80, color: false }),
    toMarkdown(document),
    toHtml(document),
  ])
    expect(text.length).toBeLessThan(200_000);
});

describe.each(documents)('%s', (_, arbitrary) => {
  test('stands on a terminal of any width, in printable lines that are no longer', () => {
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 40, max: 120 }), (document, width) => {
        const text = toTerminal(document, { width, color: false });
        expect(text).not.toMatch(CONTROL);
        expect(text).not.toMatch(MADE_UP);
        expect(text.split('\n').filter(line => columns(line) > width)).toEqual([]);
      }),
    );
  });

  test('with colours has the same text as without', () => {
    fc.assert(
      fc.property(arbitrary, document => {
        const plain = toTerminal(document, { width: 80, color: false });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
        expect(toTerminal(document, { width: 80, color: true }).replace(/\x1b\[[\d;]*m/g, '')).toBe(plain);
      }),
    );
  });

  test('is HTML of the tags that were meant, and no other', () => {
    fc.assert(
      fc.property(arbitrary, document => {
        const html = toHtml(document);
        for (const [, name] of html.matchAll(/<\/?([!a-zA-Z][^\s>/]*)/g)) expect(name).toMatch(TAGS);
        expect(html.replace(/[\n\r\t]/g, '')).not.toMatch(CONTROL);
        expect(html.match(/.{30}(NaN|Infinity|undefined).{10}/g)).toBeNull();
      }),
    );
  });

  test('is Markdown without markup of others', () => {
    fc.assert(
      fc.property(arbitrary, document => {
        const outside = toMarkdown(document).replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '');
        expect(outside).not.toMatch(CONTROL);
        expect(outside.replace(/`[^`\n]+`/g, '')).not.toMatch(/<[a-zA-Z!/]|(?<!\\)\]\(|:\/\/\w/);
      }),
    );
  });
});
