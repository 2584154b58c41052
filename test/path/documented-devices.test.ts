/**
 * Every command of the documents and of `--help` that takes a device, run as it is written, in a folder with the programs that it
 * names. `cuda` is a stand-in device, so is the Python of `esper ppo`. Only what makes it long is cut: two batches.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { interpreterOf } from '../environments.ts';
import { scratch } from '../scratch.ts';

const run = promisify(execFile);
const python = interpreterOf('torch-current');
const missing = !existsSync(python);

const documents = [
  'README.md',
  'python/README.md',
  ...readdirSync('docs').map(name => `docs/${name}`),
].filter(name => name.endsWith('.md'));
const helps = [
  [process.execPath, 'dist/cli/esper.js', 'ppo', '--help'],
  ['python3', '-m', 'esper_telemetry.standin', '--help'],
  ['python3', '-m', 'esper_telemetry.ppo', '--help'],
];
/** Run by tests of their own: python/tests/test_gpu_check.py. */
const elsewhere = /gpu_check\.py/;
const COMMAND = /(?:npx )?(?:esper ppo |python3? -m esper_telemetry\.(?:ppo|standin))[^`\n]*/g;

/** Alternatives are commands each: `--device cpu\|sim`. */
function spelledOut(command: string): string[] {
  const choice = /[^ |\\]+(?:\\?\|[^ |\\]+)+/.exec(command);
  if (choice === null) return [command];
  return choice[0].split(/\\?\|/).flatMap(one => spelledOut(command.replace(choice[0], one)));
}

async function commands(): Promise<string[]> {
  const env = { ...process.env, PYTHONPATH: resolve('python'), COLUMNS: '200' };
  const texts = [
    ...documents.map(path => readFileSync(path, 'utf8')),
    ...(await Promise.all(
      helps.map(async ([program, ...args]) => (await run(program!, args, { env })).stdout),
    )),
  ];
  const found = texts.flatMap(text => text.match(COMMAND) ?? []);
  const lines = found.map(line =>
    line
      .replace(/\s+#.*$/, '')
      .replace(/\s{2,}.*$/, '')
      .trim(),
  );
  return [...new Set(lines.flatMap(spelledOut))].filter(
    line =>
      /--device|esper_telemetry\.standin [^[]/.test(line) &&
      !elsewhere.test(line) &&
      !/[…<]|\.\.\.|\[-/.test(line),
  );
}

/** A folder with the programs that the documents name, and a PATH on which `python` is one with a GPU. */
function machine(): { folder: string; env: NodeJS.ProcessEnv } {
  const folder = scratch('documented');
  const program = [
    'import os, sys, torch',
    'device = f"cuda:{os.environ.get(\'LOCAL_RANK\', 0)}"',
    'x = torch.ones(8, device=device)',
    'assert (x + x).sum().item() == 16 and "stand-in" in torch.cuda.get_device_name(device)',
    'print("trained on", device)',
  ].join('\n');
  writeFileSync(join(folder, 'train.py'), program);
  mkdirSync(join(folder, 'mypackage'));
  writeFileSync(join(folder, 'mypackage', '__init__.py'), '');
  writeFileSync(join(folder, 'mypackage', 'train.py'), program);
  const path = join(folder, 'bin');
  mkdirSync(path);
  const script = (name: string, text: string) => {
    writeFileSync(join(path, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(path, name), 0o755);
  };
  // The launcher and its Python are the machine's own; everything else is on its GPU.
  const onGpu = `exec ${python} -m esper_telemetry.standin --quiet --memory 4GiB ${python} "$@"`;
  for (const name of ['python', 'python3'])
    script(name, `case "$*" in *esper_telemetry.standin*) exec ${python} "$@";; esac\n${onGpu}`);
  script('esper', `exec ${process.execPath} ${resolve('dist/cli/esper.js')} "$@"`);
  script('npx', 'exec "$@"');
  symlinkSync(join(dirname(python), 'torchrun'), join(path, 'torchrun'));
  const env = {
    ...process.env,
    PATH: `${path}:${process.env.PATH}`,
    PYTHONPATH: resolve('python'),
    ESPER_PYTHON: 'python3',
    OMP_NUM_THREADS: '1',
  };
  return { folder, env };
}

test.skipIf(missing)(
  `each documented command that takes a device runs${missing ? ' (skipped: scripts/python-environments.sh makes torch-current)' : ''}`,
  async () => {
    const all = await commands();
    // Of each document that has such commands, and of each help.
    expect(all).toContain('esper ppo --episodes 100 --device cuda');
    expect(all).toContain('npx esper ppo --device cuda --on-pressure shrink');
    expect(all).toContain(
      'python -m esper_telemetry.standin --devices 4 torchrun --nproc-per-node 4 train.py',
    );
    expect(all).toContain('npx esper ppo --device standin:8GiB');
    expect(all).toContain('python3 -m esper_telemetry.ppo --env CartPole-v1 --episodes 50 --device cuda:0');
    expect(all.length).toBeGreaterThan(9);
    const { folder, env } = machine();
    for (const command of all) {
      const isOurs = /esper ppo|esper_telemetry\.ppo/.test(command);
      const printed = isOurs ? /2\/2/ : command.endsWith('--check') ? /can be had/ : /trained on cuda:\d/;
      const short = isOurs ? `${command} --episodes 2 --steps 16` : command;
      const { stdout } = await run('/bin/sh', ['-c', short], { cwd: folder, env }).catch(error => {
        throw new Error(`${command}\n${error.stdout}\n${error.stderr}`);
      });
      expect(stdout, command).toMatch(printed);
    }
  },
  600_000,
);
