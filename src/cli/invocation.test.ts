import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../../test/scratch.ts';
import { commandLine, type Invocation, programLine, runnable, runWord, shellWord } from './invocation.ts';

/** A package in a folder, its commands linked into a `bin` beside it, as an installation does. */
function installed() {
  const root = scratch('invocation');
  const cli = join(root, 'package with space', 'cli');
  mkdirSync(cli, { recursive: true });
  mkdirSync(join(root, 'bin'));
  for (const program of ['esper', 'sanctum']) {
    writeFileSync(join(cli, `${program}.js`), '');
    symlinkSync(join(cli, `${program}.js`), join(root, 'bin', program));
  }
  const started = (script: string, env: Record<string, string> = {}): Invocation => ({
    script,
    env,
    execArgv: [],
    cwd: root,
  });
  return { root, cli, bin: join(root, 'bin'), started };
}

test('npx, where that is how it was started', () => {
  const { bin, started } = installed();
  const npx = started(join(bin, 'esper'), { npm_command: 'exec', npm_lifecycle_event: 'npx', PATH: bin });
  expect(programLine('sanctum', npx)).toBe('npx sanctum');
  const byPackage = { ...npx, script: join(bin, 'esper-telemetry') };
  expect(programLine('esper', byPackage)).toBe('npx esper-telemetry');
  expect(commandLine('sanctum', ['r1'], byPackage)).toBe('npx esper-telemetry sanctum r1');
});

test('the bare name, where it is the one on the PATH', () => {
  const { bin, started } = installed();
  expect(programLine('sanctum', started(join(bin, 'esper'), { PATH: `/nowhere:${bin}` }))).toBe('sanctum');
});

test('node and the full path otherwise, quoted for a shell', () => {
  const { cli, bin, started } = installed();
  const there = installed();
  const line = `node '${join(cli, 'esper.js')}'`;
  expect(programLine('esper', started(join(cli, 'sanctum.js'), { PATH: '/usr/bin' }))).toBe(line);
  expect(programLine('esper', started(join(bin, 'sanctum'), { PATH: there.bin })), 'another’s esper').toBe(
    line,
  );
  expect(commandLine('esper', ['report', 'a b'], started(join(cli, 'esper.js')))).toBe(
    `${line} report 'a b'`,
  );
  expect(shellWord("it's")).toBe("'it'\\''s'");
});

test('a run goes by its id where commands look for it, else by its path', () => {
  expect(runWord('/work here/runs/r1', { env: {}, cwd: '/work here' })).toBe('r1');
  expect(runWord('runs/r1', { env: {}, cwd: '/a' })).toBe('r1');
  expect(runWord('/b/r1', { env: {}, cwd: '/a' })).toBe('/b/r1');
  expect(runWord('/b/r1', { env: { ESPER_RUNS: '/b' }, cwd: '/a' })).toBe('r1');
  expect(runWord('/a/runs/r1', { env: { ESPER_RUNS: '/b' }, cwd: '/a' })).toBe('/a/runs/r1');
});

test('commands in a message become those that run from here', () => {
  const { bin, started } = installed();
  const npx = started(join(bin, 'esper'), { npm_command: 'exec' });
  expect(runnable('Start one with "esper demo", look with "sanctum"; "esperanto" is none.', npx)).toBe(
    'Start one with "npx esper demo", look with "npx sanctum"; "esperanto" is none.',
  );
});
