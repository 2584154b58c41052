/** What the commands do on platforms that no test runs on: paths, quoting, and what is refused. */
import { win32 } from 'node:path';
import { expect, test } from 'vitest';
import { parseAlarmsFile } from '../../src/alerts/index.ts';
import { writeRun } from '../../test/log-files.ts';
import { scratch } from '../../test/scratch.ts';
import { event, hold } from '../../test/serve/fixture.ts';
import { pythonOf } from '../doctor/index.ts';
import { urlPath } from '../serve/static-files.ts';
import { sinksOf } from './alarm-options.ts';
import { commandLine, type Invocation, runWord, shellWord } from './invocation.ts';
import { pythonFor } from './rehearse.ts';
import { nameOf, recordCommand } from './run.ts';
import { stop } from './stop.ts';

const windows: Invocation = {
  script: 'C:\\Program Files\\esper\\dist\\cli\\esper.js',
  env: { PATH: 'C:\\Windows;C:\\nodejs' },
  execArgv: [],
  cwd: 'C:\\work',
  platform: 'win32',
};

test('Windows: hints are commands that its shells read', () => {
  expect(commandLine('esper', ['report', 'my run'], windows)).toBe(
    'node "C:\\Program Files\\esper\\dist\\cli\\esper.js" report "my run"',
  );
  const npx = { ...windows, script: 'C:\\npx\\.bin\\esper-telemetry.cmd', env: { npm_command: 'exec' } };
  expect(commandLine('sanctum', ['r1'], npx)).toBe('npx esper-telemetry sanctum r1');
  expect(shellWord('C:\\runs\\r1', 'win32')).toBe('C:\\runs\\r1');
  expect(shellWord('C:\\runs\\r1', 'darwin')).toBe("'C:\\runs\\r1'");
});

test('Windows: a run goes by its id where commands look for it, whichever slash its path is written with', () => {
  for (const path of ['C:\\work\\runs\\r1', 'C:/work/runs/r1', 'runs\\r1'])
    expect(runWord(path, windows)).toBe('r1');
  expect(runWord('D:\\runs\\r1', windows)).toBe('D:\\runs\\r1');
  expect(runWord('D:\\runs\\r1', { ...windows, env: { ESPER_RUNS: 'D:\\runs' } })).toBe('r1');
});

test('Windows: names of programs, and pages by their URL', () => {
  expect(nameOf(['python', '-u', 'C:\\work\\train.py'], win32)).toBe('train');
  expect(urlPath('assets\\index-1.js', win32.sep)).toBe('/assets/index-1.js');
  const named = 'C:\\venv\\Scripts\\python.exe';
  expect(pythonFor(['--on', 'h100', '--', named, 'train.py'])).toBe(named);
});

test.each([
  ['win32', 'python'],
  ['darwin', 'python3'],
  ['linux', 'python3'],
] as const)('the Python on %s is %s', (platform, python) => {
  expect(pythonOf({}, platform)).toBe(python);
  expect(pythonOf({ ESPER_PYTHON: 'py' }, platform)).toBe('py');
});

test('Windows: what needs POSIX is refused before anything is begun', async () => {
  const runs = scratch('platform');
  await expect(recordCommand(['nothing-like-this'], { runs }, 'win32')).rejects.toThrow(
    'Running a command as it is needs a POSIX terminal and signals: on Windows take WSL.',
  );
  const config = parseAlarmsFile('rules', '{"sinks":{"command":{"run":["notify"]}}}');
  expect(() => sinksOf(config, 'win32')).toThrow(
    'A program for each notice needs a POSIX shell: on Windows take WSL.',
  );
  expect(sinksOf(config, 'darwin')).toHaveLength(1);
  hold(writeRun(runs, '20260101-000000-going-aaaa', [event(0, 'TRAINING_STARTED', {})]));
  await expect(stop('latest', { runs, timeout: 1 }, 'win32')).rejects.toThrow(
    'On Windows 20260101-000000-going-aaaa cannot be asked to end: --now ends its trainer at once.',
  );
});
