import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allocatorFindings } from './allocator-conf.ts';
import type { DoctorFinding } from './finding.ts';
import { gpuFindings } from './gpu.ts';
import { containerFindings, memoryFindings, nodeFindings, runsFindings } from './host.ts';
import { pythonOf } from './python.ts';
import { runProgram } from './run-program.ts';
import { standinFindings } from './standin.ts';
import { terminalFindings } from './terminal.ts';
import { torchReport } from './torch.ts';

const ids = (findings: DoctorFinding[]) => findings.map(({ level, id }) => `${level} ${id}`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-doctor-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An environment whose PATH begins with a program that runs this shell text. */
function withProgram(name: string, script: string): NodeJS.ProcessEnv {
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  return { PATH: `${bin}:/bin:/usr/bin` };
}
const nowhere = () => ({ PATH: mkdtempSync(join(folder, 'empty-')) });

describe('the allocator’s configuration', () => {
  test.each<[NodeJS.ProcessEnv, string | null, string[]]>([
    [{}, '2.5.1', ['ok allocator.conf']],
    [{ PYTORCH_CUDA_ALLOC_CONF: '' }, null, ['ok allocator.conf']],
    [{ PYTORCH_CUDA_ALLOC_CONF: 'max_split_size_mb:128' }, null, ['ok allocator.conf']],
    [
      { PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:True' },
      null,
      ['ok allocator.conf', 'note allocator.expandable'],
    ],
    [
      { PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:True,max_split_size_mb:128' },
      null,
      ['risk allocator.split-with-expandable', 'note allocator.expandable'],
    ],
    [
      { PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:False,max_split_size_mb:128' },
      null,
      ['ok allocator.conf'],
    ],
    [{ PYTORCH_CUDA_ALLOC_CONF: 'backend:cudaMallocAsync' }, null, ['risk allocator.async']],
    [{ PYTORCH_CUDA_ALLOC_CONF: 'backend:mine' }, null, ['risk allocator.unknown-backend']],
    [{ PYTORCH_CUDA_ALLOC_CONF: 'max_split_size_mb:20' }, null, ['risk allocator.split-too-small']],
    [{ PYTORCH_CUDA_ALLOC_CONF: 'max_split_size_mb:20' }, '2.6.0', ['risk allocator.split-too-small']],
    [{ PYTORCH_CUDA_ALLOC_CONF: 'max_split_size_mb:20' }, '2.15.0', ['ok allocator.conf']],
    [{ PYTORCH_CUDA_ALLOC_CONF: 'max_split_size_mb:19' }, '2.15.0', ['risk allocator.split-too-small']],
    [{ PYTORCH_CUDA_ALLOC_CONF: 'expandable_segment:True' }, null, ['risk allocator.unknown-option']],
    [
      { PYTORCH_CUDA_ALLOC_CONF: 'garbage_collection_threshold:80' },
      null,
      ['risk allocator.threshold-range'],
    ],
    [
      { PYTORCH_ALLOC_CONF: 'max_split_size_mb:64', PYTORCH_CUDA_ALLOC_CONF: 'max_split_size_mb:128' },
      null,
      ['risk allocator.two-variables', 'ok allocator.conf', 'ok allocator.conf'],
    ],
    [
      { PYTORCH_ALLOC_CONF: 'max_split_size_mb:64', PYTORCH_CUDA_ALLOC_CONF: 'max_split_size_mb:64' },
      null,
      ['ok allocator.conf', 'ok allocator.conf'],
    ],
    [
      { PYTORCH_ALLOC_CONF: 'max_split_size_mb:64' },
      '2.8.0+cu128',
      ['risk allocator.name-unknown', 'ok allocator.conf'],
    ],
    [{ PYTORCH_ALLOC_CONF: 'max_split_size_mb:64' }, '2.10.0', ['ok allocator.conf']],
    [{ PYTORCH_NO_CUDA_MEMORY_CACHING: '1' }, null, ['risk allocator.no-caching', 'ok allocator.conf']],
  ])('%j with PyTorch %s', (env, version, expected) => {
    expect(ids(allocatorFindings(env, version))).toEqual(expected);
  });
});

describe('the driver', () => {
  const smi = (devices: string, processes = '') =>
    withProgram(
      'nvidia-smi',
      `case "$1" in --query-gpu=*) printf '%s' '${devices}';; *) printf '%s' '${processes}';; esac`,
    );

  test('lists its devices, the full ones, and that orders may differ', async () => {
    const findings = await gpuFindings(
      smi(
        '0, 550.54, 81559, 512, Disabled, NVIDIA GB200, 1 of 2\n1, 550.54, 81559, 79000, Enabled, NVIDIA H100\n',
        '4711, 512\n',
      ),
    );
    expect(ids(findings)).toEqual(['ok gpu.device', 'risk gpu.full', 'note gpu.mig', 'note gpu.order']);
    expect(findings[0]!.what).toBe('GPU 0: NVIDIA GB200, 1 of 2, 79.6 GiB, 512 MiB in use, driver 550.54.');
  });
  test('that hides processes is reported', async () => {
    const findings = await gpuFindings(smi('0, 550.54, 23028, 512, [N/A], NVIDIA A10\n', '4711, [N/A]\n'));
    expect(ids(findings)).toEqual(['ok gpu.device', 'note gpu.processes']);
  });
  test('that does not work is a risk; none is none', async () => {
    const broken = withProgram(
      'nvidia-smi',
      'echo "Failed to initialize NVML: Driver/library version mismatch" >&2; exit 18',
    );
    const [finding] = await gpuFindings(broken);
    expect(finding).toMatchObject({ id: 'gpu.driver', level: 'risk' });
    expect(finding!.what).toContain('Driver/library version mismatch');
    expect(ids(await gpuFindings(nowhere()))).toEqual(['note gpu.none']);
  });
});

describe('PyTorch', () => {
  const python = (found: object) =>
    withProgram('python3', `echo 'a warning'; echo '${JSON.stringify(found)}'`);
  test.each<[object, string[]]>([
    [
      {
        python: '3.12.1',
        torch: '2.9.0',
        cuda: '12.8',
        available: true,
        devices: ['NVIDIA H100'],
        backend: 'native',
      },
      ['ok torch.cuda'],
    ],
    [
      {
        python: '3.12.1',
        torch: '2.9.0',
        cuda: '12.8',
        available: true,
        devices: ['X'],
        backend: 'cudaMallocAsync',
      },
      ['ok torch.cuda', 'risk torch.backend'],
    ],
    [{ python: '3.12.1', torch: '2.9.0', cuda: '12.8', available: false }, ['risk torch.no-device']],
    [{ python: '3.12.1', torch: '2.9.0', cuda: null, available: false }, ['note torch.cpu']],
    [{ python: '3.12.1', torch: '2.9.0', cuda: null, available: false, mps: true }, ['note torch.mps']],
    [{ python: '3.12.1', torch: '2.9.0', error: 'OSError: libcudart.so.12' }, ['risk torch.broken']],
    [{ python: '3.12.1', torch: null, missing: 'No module named torch' }, ['note torch.missing']],
  ])('%j', async (found, expected) => {
    const report = await torchReport(python(found));
    expect(ids(report.findings)).toEqual(expected);
    expect(report.version).toBe((found as { torch: string | null }).torch);
  });

  test('where python3 is not there, or prints something else', async () => {
    expect(ids((await torchReport(nowhere())).findings)).toEqual(['note torch.python']);
    expect(ids((await torchReport(withProgram('python3', 'echo hello'))).findings)).toEqual([
      'risk torch.python',
    ]);
  });

  test.skipIf(spawnSync('python3', ['--version']).error !== undefined)(
    'the probe runs on a real Python',
    async () => {
      const { findings } = await torchReport(process.env);
      expect(findings.length).toBeGreaterThan(0);
      expect(ids(findings)).not.toContain('risk torch.python');
    },
  );
});

describe('the stand-in device', () => {
  const saying = async (script: string) => (await standinFindings(withProgram('python3', script)))[0]!;
  test('can be had, by PyTorch and compiler', async () => {
    expect(await saying('echo "The stand-in device can be had: PyTorch 2.15.0."')).toMatchObject({
      id: 'standin',
      level: 'ok',
      what: 'The stand-in device can be had: PyTorch 2.15.0.',
    });
  });
  test.each([
    ['there is no C compiler (cc is not on PATH): install gcc or clang', 'Install gcc or clang.'],
    ['this Python has no PyTorch: pip install torch', 'Run pip install torch.'],
    ['PyTorch 2.9.0+cpu is built without CUDA: it needs a CUDA build', 'docs/no-gpu.md names what it needs.'],
  ])('cannot: %s', async (reason, next) => {
    const found = await saying(`echo "python -m esper_telemetry.standin: ${reason}." >&2; exit 1`);
    expect(found).toMatchObject({ id: 'standin.none', level: 'note', next });
    expect(found.what).toContain(`cannot be had of python3: ${reason.split(': ')[0]}`);
  });
  test('is not looked for without a Python', async () => {
    expect(await standinFindings(nowhere())).toEqual([]);
  });
  test('the Python is that of esper ppo', async () => {
    const env = { ...withProgram('other', 'echo of the other'), ESPER_PYTHON: 'other' };
    expect((await standinFindings(env))[0]!.what).toBe('of the other');
    expect(ids((await torchReport(env)).findings)).toEqual(['risk torch.python']);
    expect(pythonOf({ ESPER_PYTHON: '' })).toBe('python3');
  });
});

test('a program that never answers is left', async () => {
  expect(await runProgram('sleep', ['30'], 200, process.env)).toMatchObject({
    problem: 'no answer in 0.2 s',
  });
});

describe('the host', () => {
  const read = (texts: Record<string, string>) => ({ read: (path: string) => texts[path] ?? null });
  test('RAM by the container’s limit', () => {
    const inGroup = (share: number) => {
      const root = mkdtempSync(join(folder, 'root-'));
      for (const [path, text] of [
        ['proc/self/cgroup', '0::/\n'],
        ['sys/fs/cgroup/memory.max', `${2 ** 30}\n`],
        ['sys/fs/cgroup/memory.current', `${Math.round(2 ** 30 * share)}\n`],
      ] as const) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      return memoryFindings(root);
    };
    expect(ids(inGroup(0.5))).toEqual(['ok host.ram']);
    expect(inGroup(0.5)[0]!.what).toContain('512 MiB of 1.00 GiB RAM in use, by the container’s limit');
    expect(ids(inGroup(0.95))).toEqual(['risk host.ram']);
    expect(memoryFindings(mkdtempSync(join(folder, 'bare-')))[0]!.what).not.toContain('limit');
  });
  test('a container, a Node too old, a folder that takes nothing', () => {
    expect(ids(containerFindings(read({ '/.dockerenv': '' })))).toEqual(['note host.container']);
    expect(containerFindings(read({}))).toEqual([]);
    expect(ids([...nodeFindings('18.20.1'), ...nodeFindings('22.0.0')])).toEqual(['blocked node', 'ok node']);
    expect(ids(runsFindings(join(folder, 'not', 'yet')))[0]).toMatch(/ok runs|risk runs.space/);
    writeFileSync(join(folder, 'file'), '');
    expect(ids(runsFindings(join(folder, 'file', 'runs')))).toEqual(['blocked runs.writable']);
  });
});

test('the terminal', () => {
  const at = (env: NodeJS.ProcessEnv, isTty = true, columns = 120, rows = 40) =>
    ids(terminalFindings(env, { isTty, columns, rows }));
  expect(at({ LANG: 'C.UTF-8', TERM: 'xterm-256color' })).toEqual(['ok terminal']);
  expect(at({ LANG: 'C.UTF-8', TERM: 'xterm' }, true, 60)).toEqual(['note terminal.small']);
  expect(at({ LANG: 'C', TERM: 'xterm' })).toEqual(['note terminal.unicode']);
  expect(at({ LANG: 'C.UTF-8', TERM: 'dumb' })).toEqual(['note terminal.none']);
  expect(at({ LANG: 'C.UTF-8' }, false)).toEqual(['note terminal.none']);
});

test('every finding that is not well has a next step, and the exit status is what was found', () => {
  const doctor = (env: NodeJS.ProcessEnv) => {
    const program = `import('${new URL('../cli/doctor.ts', import.meta.url).href}').then(m => m.doctorCommand().parseAsync(['--json', '--runs', '${folder}'], { from: 'user' }))`;
    const { stdout, status } = spawnSync(process.execPath, ['--import', 'tsx', '--eval', program], {
      encoding: 'utf8',
      env: { PATH: `${process.env.PATH}`, LANG: 'C.UTF-8', ...env },
    });
    return { status, ...(JSON.parse(stdout) as { risks: boolean; findings: DoctorFinding[] }) };
  };
  const risky = doctor({ PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:True,max_split_size_mb:64' });
  expect(risky).toMatchObject({ status: 1, risks: true });
  for (const { level, next } of risky.findings) expect(next === null).toBe(level === 'ok');
  const plain = doctor({});
  expect(plain.status).toBe(plain.risks ? 1 : 0);
});
