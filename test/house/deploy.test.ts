/** The files of docs/deploy: each held by its own checker, and the Slurm job run with a stand-in of torchrun. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch } from '../scratch.ts';

const folder = resolve('docs/deploy');
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const checked = (program: string, words: string[]): void => {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  expect([status, `${stdout}${stderr}`]).toEqual([0, '']);
};

test.skipIf(!has('shellcheck'))('shellcheck has nothing against the scripts', () => {
  checked(
    'shellcheck',
    ['train.sbatch', 'prolog.sh', 'epilog.sh'].map(name => join(folder, name)),
  );
});

test.skipIf(!has('systemd-analyze'))('systemd reads the unit', () => {
  checked('systemd-analyze', ['verify', join(folder, 'esper.service')]);
});

const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(path => existsSync(path));
test.skipIf(nginx === undefined)('nginx reads its file', () => {
  const home = scratch('nginx');
  const site = readFileSync(join(folder, 'nginx.conf'), 'utf8').replace(
    'listen 80;',
    'listen 127.0.0.1:18080;',
  );
  writeFileSync(join(home, 'site.conf'), site);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${home}/${name};`,
  );
  writeFileSync(
    join(home, 'nginx.conf'),
    `pid ${home}/pid; error_log stderr; events {} http { access_log off; ${paths.join(' ')} include ${home}/site.conf; }`,
  );
  execFileSync(nginx!, ['-t', '-q', '-p', home, '-c', join(home, 'nginx.conf')], { stdio: 'pipe' });
});

describe('the Slurm job', () => {
  /** Runs the job with programs of ours on PATH. @returns its exit status and what it printed */
  const job = async (torchrun: string, interrupt = false) => {
    const home = scratch('slurm');
    const bin = join(home, 'bin');
    mkdirSync(bin);
    const program = (name: string, body: string) => {
      writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    program('torchrun', torchrun);
    program('esper', 'echo "esper $*"');
    const child = spawn('bash', [join(folder, 'train.sbatch'), '--lr', '1'], {
      env: { PATH: `${bin}:${process.env.PATH}`, HOME: home, SLURM_JOB_ID: '7' },
    });
    let text = '';
    child.stdout.on('data', chunk => {
      text += chunk;
      if (interrupt && text === 'training\n') child.kill('SIGINT');
    });
    const code = await new Promise(ended => child.on('close', ended));
    return { code, text };
  };

  test('is one run, whose report comes last, and ends as the training does', async () => {
    const { code, text } = await job('echo "$ESPER_RUNS $ESPER_RUN_ID $*"; exit 3');
    expect(text).toMatch(
      /\/runs slurm-7 --standalone --nproc-per-node=8 train\.py --lr 1\nesper report slurm-7\n$/,
    );
    expect(code).toBe(3);
  });

  test('hands the signal before its time limit to the training, and waits for it', async () => {
    const { code, text } = await job(
      `exec python3 -c '
import time
try:
    print("training", flush=True)
    while True: time.sleep(0.1)
except KeyboardInterrupt:
    print("ended cleanly", flush=True)
'`,
      true,
    );
    expect(text).toBe('training\nended cleanly\nesper report slurm-7\n');
    expect(code).not.toBeNull();
  });
});
