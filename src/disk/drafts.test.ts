/** A draft of a file is gone when its process is. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { writeWhole, writeWholeInSteps } from './write-whole.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-drafts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends a long write at once, and leaves what was there',
  async signal => {
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    const code = `import('${join(import.meta.dirname, 'write-whole.ts')}').then(({ writeWholeInSteps }) =>
    writeWholeInSteps(${JSON.stringify(path)}, function* () {
      for (let i = 0; ; i++) { if (i === 100) console.log('began'); yield; }
    }))`;
    const child = spawn(process.execPath, ['--import', 'tsx', '-e', code], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise(resolve => child.stdout.once('data', resolve));
    expect(readdirSync(folder)).toHaveLength(2);
    const ended = new Promise(resolve => child.once('exit', (_code, by) => resolve(by)));
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(readdirSync(folder)).toEqual(['file']);
    expect(readFileSync(path, 'utf8')).toBe('old');
  },
);

test('a step that fails leaves what was there', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'old');
  const failing = writeWholeInSteps(path, function* () {
    yield;
    throw new Error('no more');
  });
  await expect(failing).rejects.toThrow('no more');
  expect(readdirSync(folder)).toEqual(['file']);
  expect(readFileSync(path, 'utf8')).toBe('old');
});

test('old drafts of dead processes go with the next write of their file, and no others', () => {
  const path = join(folder, 'file');
  // No process has a number as large.
  const names = ['.file.99999999.new', '.other.99999999.new', `.file.${process.ppid}.new`, '.file.x.new'];
  for (const name of [...names, '.file.99999998.new']) {
    writeFileSync(join(folder, name), 'half');
    if (names.includes(name)) utimesSync(join(folder, name), 1e9, 1e9);
  }
  writeWhole(path, 'new');
  expect(existsSync(join(folder, names[0]!))).toBe(false);
  expect(readdirSync(folder).sort()).toEqual([...names.slice(1), '.file.99999998.new', 'file'].sort());
});

test('nothing listens for signals once all is written', async () => {
  const turn = () => new Promise(resolve => setTimeout(resolve));
  await turn();
  const before = process.listenerCount('SIGINT');
  writeWhole(join(folder, 'file'), 'new');
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  await turn();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
