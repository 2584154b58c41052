/** One exported name, one thing: no name is declared and exported by two files of the source. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const DECLARED =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

/** Where each exported name is declared; a schema and the type of the same name in one file are one thing. */
function declarations(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(path) || /\.test\.tsx?$/.test(path)) continue;
    for (const [, name] of readFileSync(join('src', path), 'utf8').matchAll(DECLARED))
      found.set(name!, (found.get(name!) ?? new Set()).add(path));
  }
  return found;
}

test('no name is exported by two files', () => {
  const twice = [...declarations()].filter(([, paths]) => paths.size > 1);
  expect(twice.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)).toEqual([]);
});
