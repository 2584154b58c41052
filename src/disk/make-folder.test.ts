/** A folder is made or refused, at once, wherever it is asked for. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('is made with those above it, and left as it is where it is there', () => {
  const deep = join(folder, 'a', 'b', 'c');
  makeFolder(deep);
  writeFileSync(join(deep, 'file'), '');
  makeFolder(deep);
  expect(readdirSync(deep)).toEqual(['file']);
});

test('a file, or a link to nowhere, in its place or above it is refused', () => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
  symlinkSync('loop', join(folder, 'loop'));
  for (const name of ['file', 'dangling', 'loop']) {
    expect(() => makeFolder(join(folder, name)), name).toThrow();
    expect(() => makeFolder(join(folder, name, 'below')), name).toThrow();
  }
});

// mkdirSync with `recursive` never returns here: in a process of its own, which the timeout ends.
const inProcess = (code: string, cwd: string) =>
  execFileSync(process.execPath, ['--import', 'tsx', '-e', code], {
    cwd,
    timeout: 20_000,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_PATH: join(import.meta.dirname, '../../node_modules') },
  });

test.skipIf(!existsSync('/proc/self'))('below /proc it is refused', () => {
  const code = `import('${join(import.meta.dirname, 'make-folder.ts')}').then(({ makeFolder }) => {
    for (const path of ['/proc/nope', '/proc/nope/below', '/proc/1/nope'])
      try { makeFolder(path); console.log('made'); } catch (error) { console.log(error.code); }
  })`;
  expect(
    inProcess(code, join(import.meta.dirname, '../..'))
      .trim()
      .split('\n'),
  ).toEqual(['ENOENT', 'ENOENT', 'ENOENT']);
});

test('no other place in the source makes folders by the call that may never return', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    path => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.startsWith('verify'),
  );
  const found = sources.filter(path =>
    /mkdir(Sync)?\([^;]*recursive/.test(readFileSync(join('src', path), 'utf8')),
  );
  expect(found.filter(path => path !== 'disk/make-folder.ts')).toEqual([]);
});
