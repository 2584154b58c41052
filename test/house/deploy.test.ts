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

test('the Slurm job of a fleet ships beside the training and what is left after it, and ends as the training does', () => {
  const [, job] = /^## Slurm$.*?^```sh\n(.*?)^```$/ms.exec(readFileSync('docs/fleet.md', 'utf8'))!;
  const home = scratch('fleet');
  const program = (name: string, body: string) => {
    writeFileSync(join(home, name), `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(join(home, name), 0o755);
  };
  const log = join(home, 'log');
  // The first shipper goes on until the job ends it; the training begins when it is there.
  program('srun', 'while [[ $1 == --* ]]; do shift; done; exec "$@"');
  program('scontrol', 'printf "%s\\n" node-3 node-4');
  program('npx', `echo "npx $*" >> ${log}; [[ $* == *--once ]] || exec sleep 2 >&- 2>&-`);
  program(
    'torchrun',
    `until [ -s ${log} ]; do sleep 0.05; done; echo "$ESPER_RUNS $ESPER_RUN_ID torchrun $*" >> ${log}; exit 3`,
  );
  writeFileSync(join(home, 'job.sh'), job!);
  if (has('shellcheck')) checked('shellcheck', [join(home, 'job.sh')]);
  const { status, stderr } = spawnSync('bash', [join(home, 'job.sh')], {
    encoding: 'utf8',
    env: {
      ...{ PATH: `${home}:${process.env.PATH}`, HOME: home },
      ...{ SLURM_JOB_ID: '7', SLURM_NNODES: '2', SLURM_JOB_NODELIST: 'node-[3-4]' },
    },
  });
  expect(stderr).toBe('');
  const ship = `npx esper ship /local/7/runs --to nats://telemetry --cluster lab --creds ${home}/ship.creds`;
  expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
    ship,
    '/local/7/runs slurm-7 torchrun --nnodes=2 --nproc-per-node=8 --rdzv-backend=c10d --rdzv-endpoint=node-3:29500 --rdzv-id=7 train.py',
    `${ship} --once`,
  ]);
  expect(status).toBe(3);
});
