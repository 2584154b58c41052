/** Plain words: those that once stood in every file, and that screens, documents and comments no longer use. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const RETIRED =
  /\b(told|tells|said|speaks|goodbye|whoever|anew|naught|wherein|thereof|whereof|lest|hence|whence|regime|in vain|for want of)\b|\bsays (?!\?)\w/i;
/** Names of the wire format, which never change: `told` of a snapshot's levels, `says` of a finding. */
const WIRE = /[.'"]told\b|\btold(?='?:|"|\)\\b)|`(told|says)`/g;
/** Recorded files, what is not ours to word, and this list. */
const LEFT_OUT = /golden\/|\/recordings\/|package-lock|LICENSE|test\/house\/words\.test\.ts$/;

const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter(path => /\.(tsx?|py|c|h|md|css|json|mjs|sh|ya?ml|toml)$/.test(path) && !LEFT_OUT.test(path));

test('no retired word is in the sources, the texts and the documents', () => {
  const found = files.flatMap(path =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, i) => {
        const match = RETIRED.exec(line.replace(WIRE, ''));
        return match === null ? [] : [`${path}:${i + 1}: ${match[0]}`];
      }),
  );
  expect(found).toEqual([]);
});
