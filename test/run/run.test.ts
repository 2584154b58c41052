/** A command under `esper run` is the command: its output, its status, its signals, its input, its terminal; and it outlives Esper. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { eventsFile, readRun } from '../../src/log/index.ts';
import { interpreter } from '../lines/rehearse.ts';
import { PATIENCE_MS } from '../patience.ts';
import { client, python, pythonWithTorch, unless } from '../python/python.ts';
import { hasTmux, PROMPT, TmuxShell, unlessTmux } from '../sanctum/tmux.ts';
import { scratch } from '../scratch.ts';

const program = fileURLToPath(new URL('./run-command.ts', import.meta.url));
const esper = ['--import', 'tsx', program, 'run'];
const env = { ...process.env, ESPER_PYTHON: python };
const noPython = unless(python, 'python3');
const noTorch = unless(pythonWithTorch, 'PyTorch');
const FIGURES = `for i in 1 2 3; do echo "{\\"step\\": $i, \\"loss\\": 0.$i}"; done`;

const run = (
  command: string[],
  { runs = scratch('runs'), options = [] as string[], input = '', variables = {} } = {},
) =>
  spawnSync(process.execPath, [...esper, '--runs', runs, ...options, '--', ...command], {
    encoding: 'utf8',
    env: { ...env, ...variables },
    input,
  });

/** Starts it in a process group of its own. */
function start(command: string[], runs = scratch('runs')): ChildProcess & { text: () => string } {
  const child = spawn(process.execPath, [...esper, '--runs', runs, '--', ...command], {
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', chunk => {
    text += chunk;
  });
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {}
  });
  return Object.assign(child, { text: () => text });
}

const ended = (child: ChildProcess) =>
  new Promise<[number | null, string | null]>(resolve => child.once('exit', (...end) => resolve(end)));

function eventsOf(runs: string): { type: string; data: Record<string, unknown> }[] {
  const [run] = readdirSync(runs).filter(name => !name.startsWith('.'));
  return [...readRun([eventsFile(join(runs, run!), 0)])].flat() as never;
}

test.skipIf(python === undefined)(
  `its words begin on a line of their own, behind a progress bar${noPython}`,
  () => {
    const bar = run(['sh', '-c', "printf ' 50%%|#####     | 1/2\\r' >&2"]);
    expect(bar.stderr).toMatch(/1\/2\r\nesper: No process/);
    const whole = run(['sh', '-c', 'echo done >&2']);
    expect(whole.stderr).toMatch(/^done\nesper: No process/);
  },
);

test.skipIf(python === undefined)(`output, error output and exit status are the command's${noPython}`, () => {
  const bytes = 'a\\tb\\rc\\n\\033[31mred\\033[0m \\xff';
  const done = run(['sh', '-c', `printf '${bytes}'; echo wrong >&2; exit 7`]);
  const bare = spawnSync('sh', ['-c', `printf '${bytes}'`], { encoding: 'utf8' });
  expect(done.stdout).toBe(bare.stdout);
  expect(done.stderr.startsWith('wrong\n')).toBe(true);
  expect(done.status).toBe(7);
});

test.skipIf(python === undefined)(
  `a process that was killed has failed, but for one that its launcher kills when it is done, as Ray does${noPython}`,
  () => {
    const folder = scratch('ray');
    const records =
      'import os, sys; import esper_telemetry as esper; from esper_telemetry.attach.session import Session\n' +
      'run = esper.start("r", sample_host=0, sample_driver=0); run.step(step=1)\n' +
      'Session.of_environment().began(run.path, 0, own=False); os._exit(int(sys.argv[1]))';
    const workers = { ray: join(folder, 'ray', 'default_worker.py'), other: join(folder, 'other.py') };
    mkdirSync(join(folder, 'ray'));
    for (const path of Object.values(workers)) writeFileSync(path, records);
    const endOf = (path: string, status: string) => {
      const runs = scratch('runs');
      const client = fileURLToPath(new URL('../../python', import.meta.url));
      run([python!, path, status], { runs, variables: { PYTHONPATH: client } });
      const { type, data } = eventsOf(runs).at(-1)!;
      return [type, data.reason ?? data.message];
    };
    const killed = 'its process ended without a word; the command returned';
    expect(endOf(workers.ray, '0')).toEqual(['TRAINING_COMPLETED', 'finished']);
    expect(endOf(workers.ray, '3')).toEqual(['TRAINING_FAILED', `${killed} 3`]);
    expect(endOf(workers.other, '0')).toEqual(['TRAINING_FAILED', `${killed} 0`]);
  },
);

test.skipIf(python === undefined)(`a large output is whole and in order${noPython}`, () => {
  const runs = scratch('runs');
  const done = spawnSync(
    'bash',
    ['-c', `"$@" | sha256sum`, '-', process.execPath, ...esper, '--runs', runs, '--', 'seq', '400000'],
    { encoding: 'utf8', env },
  );
  expect(done.stdout).toBe(spawnSync('bash', ['-c', 'seq 400000 | sha256sum'], { encoding: 'utf8' }).stdout);
});

test.skipIf(python === undefined)(`both outputs in one file keep their order${noPython}`, () => {
  const file = join(scratch('out'), 'log');
  const loop = 'for i in 1 2 3 4 5 6 7 8 9; do echo out $i; echo err $i >&2; done';
  spawnSync('bash', ['-c', `"$@" > ${file} 2>&1`, '-', process.execPath, ...esper, '--', 'sh', '-c', loop], {
    env: { ...env, ESPER_RUNS: scratch('runs') },
  });
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, 18);
  expect(lines).toEqual(Array.from({ length: 9 }, (_, i) => [`out ${i + 1}`, `err ${i + 1}`]).flat());
});

test.skipIf(python === undefined)(`the command has the input${noPython}`, () => {
  expect(run(['wc', '-c'], { input: 'x'.repeat(200_000) }).stdout.trim()).toBe('200000');
});

test.skipIf(python === undefined)(`a command that is not there is one sentence and 127${noPython}`, () => {
  const { status, stderr } = run(['no-such-command']);
  expect({ status, stderr }).toEqual({
    status: 127,
    stderr: 'esper: no-such-command could not be started: No such file or directory.\n',
  });
});

test.each([
  ['SIGTERM', 'SIGTERM'],
  ['SIGUSR1', 'SIGUSR1'],
  ['SIGINT', 'SIGINT'],
  ['SIGHUP', 'SIGHUP'],
] as const)('%s that reaches Esper alone reaches the command once, and both end by it', async (_, signal) => {
  if (python === undefined) return;
  const child = start([python, '-c', 'import time; print("up", flush=True); time.sleep(60)']);
  await expect.poll(child.text).toContain('up');
  child.kill(signal);
  // Python answers Ctrl-C by ending itself with the signal.
  expect(await ended(child)).toEqual([null, signal]);
});

test.skipIf(python === undefined)(`a signal of the whole group comes once${noPython}`, async () => {
  const count =
    'import signal,sys\nfor n in (signal.SIGINT, signal.SIGUSR1): signal.signal(n, lambda n, _: print("had", n, flush=True))\n' +
    'print("up", flush=True)\nsys.stdin.read()';
  const child = start([python!, '-c', count]);
  await expect.poll(child.text).toContain('up');
  // Esper comes to its signal when the command has answered its own: two that wait at once would be one.
  process.kill(child.pid!, 'SIGSTOP');
  process.kill(-child.pid!, 'SIGINT');
  await expect.poll(child.text).toContain('had 2');
  process.kill(child.pid!, 'SIGCONT');
  // What comes to it alone is handed on after that.
  child.kill('SIGUSR1');
  await expect.poll(child.text).toContain(`had ${constants.signals.SIGUSR1}`);
  child.stdin!.end();
  await ended(child);
  expect(child.text()).toBe(`up\nhad 2\nhad ${constants.signals.SIGUSR1}\n`);
});

test.skipIf(python === undefined)(
  `the command lives on when Esper is killed, and its output goes on${noPython}`,
  async () => {
    const folder = scratch('kill');
    const file = join(folder, 'log');
    const [goOn, done] = ['go-on', 'done'].map(name => join(folder, name));
    const lines = `for i in $(seq 40); do echo line $i; echo wrong $i >&2; until [ $i -lt 3 -o -e ${goOn} -o ! -d ${folder} ]; do sleep 0.05; done; done`;
    const child = spawn(
      'bash',
      [
        '-c',
        `exec "$@" > ${file} 2>&1`,
        '-',
        process.execPath,
        ...esper,
        '--',
        'bash',
        '-c',
        `${lines}; echo done > ${done}`,
      ],
      { env: { ...env, ESPER_RUNS: scratch('runs') }, stdio: 'ignore' },
    );
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toContain('line 3\n');
    child.kill('SIGKILL');
    await ended(child);
    expect(existsSync(done!)).toBe(false);
    writeFileSync(goOn!, '');
    await expect.poll(() => existsSync(done!)).toBe(true);
    await expect.poll(() => readFileSync(file, 'utf8')).toMatch(/wrong 40\n$/);
    const expected = Array.from({ length: 40 }, (_, i) => `line ${i + 1}\nwrong ${i + 1}\n`).join('');
    expect(readFileSync(file, 'utf8')).toBe(expected);
  },
);

test.skipIf(python === undefined)(
  `what a command leaves behind holds nobody up, and its words go on${noPython}`,
  async () => {
    const [runs, folder] = [scratch('runs'), scratch('left')];
    const left = `until [ -e ${folder}/go-on -o ! -d ${folder} ]; do sleep 0.05; done; echo later`;
    const child = start(['sh', '-c', `${FIGURES}; (${left}) &`], runs);
    expect(await ended(child)).toEqual([0, null]);
    expect(eventsOf(runs).filter(({ type }) => type === 'STEP_COMPLETED')).toHaveLength(3);
    expect(child.text()).not.toContain('later');
    writeFileSync(join(folder, 'go-on'), '');
    await expect.poll(child.text).toMatch(/later\n$/);
  },
);

test.skipIf(python === undefined)(`a reader that leaves ends the command as it would have${noPython}`, () => {
  // Where it does not end, the whole group is killed: it would write for ever.
  const bounded = [
    '-s',
    'KILL',
    String(PATIENCE_MS / 1000),
    'bash',
    '-c',
    '"$@" | head -n 2; echo $PIPESTATUS',
    '-',
  ];
  const done = spawnSync('timeout', [...bounded, process.execPath, ...esper, '--', 'yes'], {
    encoding: 'utf8',
    env: { ...env, ESPER_RUNS: scratch('runs') },
  });
  expect(done.stdout).toBe('y\ny\n141\n');
});

test.skipIf(python === undefined)(
  `a command without torch is watched: its figures become a run, and that is stated${noPython}`,
  () => {
    const runs = scratch('runs');
    const done = run(['sh', '-c', `${FIGURES}; exit 3`, '--api-key=s3cret'], { runs });
    expect(done.stderr).toContain(
      'No process of the command imported torch: its output was read as "esper watch" does',
    );
    const steps = eventsOf(runs).filter(({ type }) => type === 'STEP_COMPLETED');
    expect(steps.map(({ data }) => [data.step, data.loss])).toEqual([
      [1, 0.1],
      [2, 0.2],
      [3, 0.3],
    ]);
    const [id] = readdirSync(runs);
    expect(readFileSync(join(runs, id!, 'run.json'), 'utf8')).not.toContain('s3cret');
  },
);

/** Puts the files there that processes with torch put there: `session.py`. */
const attached = (script: string, options: string[] = []) =>
  run(['sh', '-c', script], { options }).stderr.trim().split('\n').at(-1)!;

test.skipIf(python === undefined)(
  `torch without a step of an optimizer is reported as that${noPython}`,
  () => {
    const script = 'touch $ESPER_ATTACH/torch-1';
    expect(attached(script)).toContain('No optimizer of torch made a step, and its output holds no figures');
    expect(JSON.parse(attached(script, ['--json']))).toMatchObject({ runs: [], torch: true });
  },
);

test.skipIf(python === undefined)(
  `the summary in JSON is whole, however many runs there are${noPython}`,
  () => {
    const run =
      '{\\"path\\": \\"/nowhere/20260101-000000-one-of-a-sweep-$i\\", \\"rank\\": 0, \\"own\\": true}';
    const script = `for i in $(seq 1000 1099); do echo "${run}" > $ESPER_ATTACH/run-$i; done`;
    expect(JSON.parse(attached(script, ['--json'])).runs).toHaveLength(100);
  },
);

test.skipIf(!hasTmux || python === undefined)(
  `the terminal is the command's: it is one, of the right size, and Ctrl-C ends it${unlessTmux}`,
  async () => {
    const shell = new TmuxShell(160, 20);
    await shell.shows(PROMPT);
    const code =
      'import os,sys,time; print([os.isatty(i) for i in (0,1,2)], os.get_terminal_size(1), flush=True); input("name? "); time.sleep(60)';
    const file = join(scratch('tty'), 'program.py');
    writeFileSync(file, code);
    shell.run(
      `clear; ESPER_RUNS=${scratch('runs')} ${process.execPath} ${esper.join(' ')} -- ${python} ${file}`,
    );
    await shell.shows('[True, True, True] os.terminal_size(columns=160, lines=20)');
    await shell.shows('name?');
    shell.run('ann');
    shell.press('C-c');
    await shell.shows('KeyboardInterrupt');
    await shell.shows(new RegExp(`nothing is recorded[^]*${PROMPT}`));
  },
);

const TRAIN = `
import json, os, pathlib, sys, time, torch
model = torch.nn.Linear(8, 8)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
for step in range(1, 6):
    loss = model(torch.ones(2, 8)).square().mean()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    print(json.dumps({"step": step, "loss": 1 / step}), flush=True)
    for _ in range(${PATIENCE_MS / 10} if step == 3 and "--wait" in sys.argv else 0):
        if "0.333" in pathlib.Path(os.environ["ESPER_ATTACH"], "printed.jsonl").read_text(): break
        time.sleep(0.01)
    if step == 4 and "--die" in sys.argv: os.kill(os.getpid(), 9)
print("a token of mine", file=sys.stderr)
`;

test.skipIf(pythonWithTorch === undefined)(
  `every optimizer step of a program with torch is an update, with the figures that it prints${noTorch}`,
  () => {
    const runs = scratch('runs');
    const file = join(scratch('train'), 'train.py');
    writeFileSync(file, TRAIN);
    const done = run([pythonWithTorch!, file, '--wait', '--hub-token', 'sesame'], { runs });
    expect([done.status, done.stderr]).toEqual([0, expect.stringContaining('esper: Recorded.')]);
    const events = eventsOf(runs);
    const steps = events.filter(({ type }) => type === 'STEP_COMPLETED').map(({ data }) => data);
    expect(steps.map(({ step, learningRate }) => [step, learningRate])).toEqual(
      [1, 2, 3, 4, 5].map(step => [step, 0.001]),
    );
    // What was printed after step 3 was read before step 4.
    expect(steps[3]!.loss).toBeCloseTo(1 / 3);
    expect(events.at(-1)).toMatchObject({ type: 'TRAINING_COMPLETED', data: { reason: 'finished' } });
    const [id] = readdirSync(runs).filter(name => !name.startsWith('.'));
    expect(id).toMatch(/-train-[0-9a-f]{4}$/);
    for (const name of readdirSync(join(runs, id!)))
      expect(readFileSync(join(runs, id!, name), 'utf8')).not.toContain('sesame');
  },
);

test.skipIf(pythonWithTorch === undefined)(`a training that was killed is recorded as such${noTorch}`, () => {
  const runs = scratch('runs');
  const file = join(scratch('train'), 'train.py');
  writeFileSync(file, TRAIN);
  const done = run([pythonWithTorch!, file, '--die'], { runs });
  const launched = scratch('runs');
  const launcher = 'import subprocess, sys; sys.exit(128 - subprocess.call(sys.argv[1:]))';
  run([pythonWithTorch!, '-c', launcher, pythonWithTorch!, file, '--die'], { runs: launched });
  expect(eventsOf(launched).at(-1)!.data.ending).toMatchObject({ kind: 'signal', signal: 9, exitCode: 137 });
  expect(done.signal).toBe('SIGKILL');
  expect(done.stderr).toMatch(
    /esper: The training: failed at step 4\.\n✗ failed: SIGKILL after step 4 · possibly host memory\n {2}A process was killed by SIGKILL\. .*\n(?: {2}.*\n)*esper: Recorded\. /,
  );
  expect(eventsOf(runs).at(-1)).toMatchObject({
    type: 'TRAINING_FAILED',
    data: {
      errorType: 'SIGKILL',
      message: 'A process was killed by SIGKILL',
      ending: { kind: 'signal', by: 'esper run', signal: 9 },
    },
  });
});

test.skipIf(pythonWithTorch === undefined)(
  `out of memory before its first step: the line that raised it, and how to find what fits${noTorch}`,
  () => {
    const file = join(scratch('train'), 'train.py');
    const text =
      'CUDA out of memory. Tried to allocate 6.00 GiB (GPU 0; 8.00 GiB total capacity; 4.00 GiB already allocated; 3.50 GiB free; 4.20 GiB reserved in total by PyTorch)';
    writeFileSync(
      file,
      `import torch\ndef step():\n    raise torch.cuda.OutOfMemoryError("${text}")\nstep()\n`,
    );
    const done = run([pythonWithTorch!, file, '--batch-size', '64']);
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('\n✗ out of memory · device full\n');
    expect(done.stderr).toContain('\n  Raised at: train.py, line 3, in step.\n');
    expect(done.stderr).toMatch(
      /\n {2}What fits, without a GPU: .* rehearse --memory 8192MiB --vary batch-size=1\.\.64 -- .*train\.py --batch-size 64\n/,
    );
  },
);

const standin = interpreter('torch-current');

test.skipIf(standin === null)(
  `with --lines also which lines held the memory, from the first use of the device on${unless(standin ?? undefined, 'environment torch-current')}`,
  () => {
    const file = join(scratch('train'), 'train.py');
    writeFileSync(
      file,
      `import torch
model = torch.nn.Linear(4096, 4096).cuda()
optimizer = torch.optim.Adam(model.parameters())
def features():
    return torch.randn(16384, 4096, device="cuda")
x = features()
model(x).square().mean().backward()
optimizer.step()
`,
    );
    const device = ['-m', 'esper_telemetry.standin', '--quiet', '--memory', '700MiB'];
    const done = run([standin!, ...device, file], {
      options: ['--lines'],
      variables: { PYTHONPATH: client },
    });
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('\n✗ out of memory · device full\n');
    expect(done.stderr).toContain(
      ' When it was refused, 320 MiB was held: `train.py:5 features` 256 MiB (80%), `train.py:2 <module>` 64.0 MiB (20%).\n',
    );
    expect(done.stderr).toContain('\n  Raised at: train.py, line 7, in <module>');
  },
);
