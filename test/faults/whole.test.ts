/** A file is replaced by a whole one or not at all, on a disk with too little room. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeWhole } from '../../src/disk/index.ts';
import { createRun } from '../../src/log/index.ts';
import { train } from '../../src/workloads/ppo/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-whole-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mayMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'esper-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', probe]).status === 0;
  if (mounted) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true });
  return mounted;
})();

describe.skipIf(!mayMount)('on a small disk of its own (needs root)', () => {
  let disk: string;
  beforeEach(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', disk]);
  });
  afterEach(() => execFileSync('umount', ['-l', disk]));
  /** Leaves so many bytes. */
  const fill = (left: number) => {
    const free = Number(
      execFileSync('df', ['-B1', '--output=avail', disk], { encoding: 'utf8' }).split('\n')[1],
    );
    writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, free - left)));
  };

  test('the old file stays where the new one has no room, whatever part of it fits', () => {
    const path = join(disk, 'file');
    const old = 'old'.repeat(20_000);
    for (const left of [0, 4096, 8192, 40_960, 61_440]) {
      writeWhole(path, old);
      fill(left);
      expect(() => writeWhole(path, 'new'.repeat(40_000)), `${left} bytes left`).toThrow(/ENOSPC|took/);
      expect(readFileSync(path, 'utf8')).toBe(old);
      expect(readdirSync(disk).sort()).toEqual(['file', 'filler']);
      rmSync(join(disk, 'filler'));
    }
    writeWhole(path, 'new'.repeat(40_000));
    expect(statSync(path).size).toBe(120_000);
  });

  test('a checkpoint that has no room is no checkpoint: the last good one stays, training reports it and goes on', async () => {
    const emitted: string[] = [];
    const options = {
      emitter: { emit: (type: string) => void emitted.push(type) } as never,
      env: 'CartPole-v1',
      envs: 1,
      steps: 32,
      checkpoints: disk,
      checkpointEvery: 1,
    };
    await train({ ...options, episodes: 1 });
    const good = readFileSync(join(disk, 'checkpoint.txt'), 'utf8');
    fill(good.length / 2);
    const warnings: string[] = [];
    emitted.length = 0;
    await train({ ...options, episodes: 3, resume: true, onWarning: text => warnings.push(text) });
    expect(readFileSync(join(disk, 'checkpoint.txt'), 'utf8')).toBe(good);
    expect(warnings[0]).toMatch(/checkpoint of batch 2 was not saved/);
    expect(emitted).not.toContain('CHECKPOINT_SAVED');
    expect(emitted.at(-1)).toBe('TRAINING_COMPLETED');
    rmSync(join(disk, 'filler'));
    await train({ ...options, episodes: 4, resume: true });
    expect(emitted).toContain('CHECKPOINT_SAVED');
  });

  test('a run that has no room leaves no folder', () => {
    fill(0);
    expect(() =>
      createRun({ runs: join(disk, 'runs'), name: 'n', config: { a: 'a'.repeat(100_000) } }),
    ).toThrow(/Cannot create a run/);
    expect(existsSync(join(disk, 'runs')) ? readdirSync(join(disk, 'runs')) : []).toEqual([]);
  });
});

test('through a link, its file is replaced and the link stays', () => {
  writeFileSync(join(folder, 'file'), 'old', { mode: 0o600 });
  symlinkSync('file', join(folder, 'link'));
  writeWhole(join(folder, 'link'), 'new');
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
  expect(statSync(join(folder, 'file')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(['file', 'link']);
});

test('a folder is refused, a device written to', () => {
  expect(() => writeWhole(folder, 'x')).toThrow(/is a folder/);
  expect(() => writeWhole('/dev/null', 'x')).not.toThrow();
  expect(() => writeWhole('/dev/full', 'x')).toThrow(/ENOSPC/);
  expect(() => writeWhole(join(folder, 'none', 'file'), 'x')).toThrow(/ENOENT/);
});

test('a checkpoint that could not be saved is reported by esper ppo, and the training has ended well all the same', () => {
  // No file may be longer than 100 kB: a checkpoint has 150.
  const words = ['ulimit -f 100; exec "$@"', 'bash', process.execPath, 'dist/cli/esper.js', 'ppo'];
  const options = ['--episodes', '1', '--no-sanctum', '--runs', folder];
  const { status, stderr, stdout } = spawnSync('bash', ['-c', ...words, ...options], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stderr).toMatch(/its trainer reported:\nThe checkpoint of batch \d+ was not saved: .*EFBIG/);
  expect(stdout).toContain('Finished after batch 1.');
  expect(status).toBe(0);
});
