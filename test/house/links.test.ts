/** Every relative link of the documents leads somewhere, and the index has every page. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const documents = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).trim().split('\n');

test.each(documents)('the links of %s', path => {
  const links = [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#\s]+)/g)].map(match => match[1]!);
  const broken = links.filter(
    link => !/^(https?|mailto):/.test(link) && !existsSync(join(dirname(path), link)),
  );
  expect(broken).toEqual([]);
});

test('the index has every page of docs', () => {
  const index = readFileSync('docs/README.md', 'utf8');
  const pages = documents.flatMap(path => /^docs\/([^/]+\.md)$/.exec(path)?.[1] ?? []);
  expect(pages.length).toBeGreaterThan(20);
  expect(pages.filter(page => page !== 'README.md' && !index.includes(`(${page})`))).toEqual([]);
});
