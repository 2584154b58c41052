/** Every relative link of the documents leads somewhere. */
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
