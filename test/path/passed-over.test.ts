/** What cannot be read of a run is reported by every command that reads one, with file and line, and fails it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { event, update } from '../events.ts';
import { scratch } from '../scratch.ts';

const runs = scratch('passed-over');
const folder = join(runs, '20200101-000000-odd-0000');
mkdirSync(folder);
const line = (value: object) => `${JSON.stringify(value)}\n`;
writeFileSync(
  join(folder, 'events-0.jsonl'),
  [
    line(event('TRAINING_STARTED', {})),
    line(update(1)),
    'garbage\n',
    line({ ...update(2), v: '9.0', seq: 2 }),
    line(update(1)),
    '{"v":',
  ].join(''),
);
execFileSync('mkfifo', [join(folder, 'events-1.jsonl')]);
writeFileSync(join(folder, 'run.json'), '{garbage');

const commands: [string, ...string[]][] = [
  ['snapshot', 'odd'],
  ['report', 'odd'],
  ['compare', 'odd', 'odd'],
  ['sanctum', 'odd', '--once'],
  ['replay', 'odd', '--speed', 'max'],
  ['explain', folder],
  ['stop', 'odd'],
  ['alerts', 'odd', '--no-follow'],
  ['wait', 'odd', '--until', 'ended', '--timeout', '20s'],
  ['runs'],
];
test.each(commands)('esper %s', (...args) => {
  const options = args[0] === 'explain' ? [] : ['--runs', runs];
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli/esper.js', ...args, ...options], {
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  // One run that cannot be read is no failure of the list of all.
  expect(status, stderr).toBe(args[0] === 'runs' ? 0 : 1);
  expect(stderr).toContain('is a pipe: only regular files are read');
  expect(stderr).toContain('odd-0000/run.json is not JSON');
  if (args[0] === 'alerts' || args[0] === 'wait') {
    // As they are met.
    for (const text of [
      '3: not JSON',
      '4: PPO_UPDATE_COMPLETED of',
      '5: PPO_UPDATE_COMPLETED with',
      '6: torn',
    ])
      expect(stderr).toContain(`not read: ${folder}/events-0.jsonl:${text}`);
  } else
    expect(stderr).toContain(
      `lines passed over: 1 malformed, 1 torn, 1 of unknown types or versions, 1 repeated; first: ${folder}/events-0.jsonl:3: not JSON`,
    );
  // How it ended may be in what was not read.
  expect(stdout).not.toMatch(/ended unexpectedly|without a final event|Met: ended/);
});

test('a lock that may not be read is of nobody who is known to be gone', () => {
  const runs = scratch('unseen-lock');
  chmodSync(runs, 0o755);
  writeFileSync(join(runs, 'events-0.lock'), '{}', { mode: 0 });
  writeFileSync(join(runs, 'events-0.jsonl'), '');
  const look = `
    import { isWriterGone, writerState } from ${JSON.stringify(join(process.cwd(), 'dist/log/index.js'))};
    if (process.getuid() === 0) process.setuid(65534);
    const later = Date.now() + 3_600_000;
    Date.now = () => later;
    console.log(writerState(${JSON.stringify(runs)}, 0), isWriterGone(${JSON.stringify(runs)}));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', look], { encoding: 'utf8' });
  expect(stdout).toBe('unknown false\n');
});
