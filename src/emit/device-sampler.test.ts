import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isMalformed, parseEvent } from '../contract/index.ts';
import { DeviceSampler, Emitter } from './index.ts';
import { parseDevice, parseProcesses } from './nvidia-smi-rows.ts';

const H100 = 'GPU-1, 00000000:65:00.0, 0, 1024, 81559, 37, 41, 112.53, NVIDIA H100 80GB HBM3';
const MIB = 2 ** 20;
const h100 = {
  uuid: 'GPU-1',
  pciBusId: '00000000:65:00.0',
  index: 0,
  name: 'NVIDIA H100 80GB HBM3',
  usedBytes: 1024 * MIB,
  totalBytes: 81559 * MIB,
  utilizationPercent: 37,
  temperatureCelsius: 41,
  powerWatts: 112.53,
};

describe('a row', () => {
  test.each<[string, string, object | null]>([
    ['as asked for', H100, h100],
    [
      'with units all the same',
      H100.replace('1024,', '1024 MiB,').replace('37,', '37 %,').replace('112.53', '112.53 W'),
      h100,
    ],
    ['with a carriage return', `${H100}\r`, h100],
    [
      'whose name has a comma',
      H100.replace('H100 80GB', 'H100, 80GB'),
      { ...h100, name: 'NVIDIA H100, 80GB HBM3' },
    ],
    [
      'that measures nothing',
      'GPU-1, 00000000:65:00.0, 0, [N/A], [Insufficient Permissions], [Not Supported], [Unknown Error], [N/A], [N/A]',
      {
        uuid: 'GPU-1',
        pciBusId: '00000000:65:00.0',
        index: 0,
        name: null,
        usedBytes: null,
        totalBytes: null,
        utilizationPercent: null,
        temperatureCelsius: null,
        powerWatts: null,
      },
    ],
    [
      'that is zero, and measured',
      H100.replace('1024', '0').replace('37', '0'),
      { ...h100, usedBytes: 0, utilizationPercent: 0 },
    ],
    ['cut off', H100.slice(0, 40), null],
    ['that is a message', 'No devices were found', null],
    [
      'that is a message with commas',
      'NVIDIA-SMI has failed, a, b, c, d, e, f, g, make sure that the driver runs',
      null,
    ],
    ['that is empty', '', null],
  ])('%s', (_, row, device) => {
    expect(parseDevice(row)).toEqual(device);
  });

  test('of processes', () => {
    const answer =
      'GPU-1, 42, 512, python, -m train\nGPU-2, 43, [N/A], [Not Found]\nGPU-1, 44, 8, /usr/bin/x\n\nno rows, really\n';
    expect([...parseProcesses(answer)]).toEqual([
      [
        'GPU-1',
        [
          { pid: 42, name: 'python, -m train', usedBytes: 512 * MIB },
          { pid: 44, name: '/usr/bin/x', usedBytes: 8 * MIB },
        ],
      ],
      ['GPU-2', [{ pid: 43, name: null, usedBytes: null }]],
    ]);
  });
});

describe('a sampler', () => {
  let folder: string;
  let sampler: DeviceSampler;
  let lines: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'esper-smi-'));
    lines = [];
    vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  });
  afterEach(() => {
    sampler.stop();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** Puts an nvidia-smi on PATH that answers who uses the devices, and else runs `loop`. */
  function nvidiaSmi(loop: string, processes = 'echo "GPU-1, 42, 512, python"') {
    const script = join(folder, 'nvidia-smi');
    writeFileSync(
      script,
      `#!/bin/sh\necho "$$ $*" >> ${folder}/calls\ncase "$1" in *compute-apps*) ${processes}; exit;; esac\n${loop}\n`,
    );
    chmodSync(script, 0o755);
  }
  const calls = () =>
    existsSync(`${folder}/calls`) ? readFileSync(`${folder}/calls`, 'utf8').trim().split('\n') : [];
  const loops = () => calls().filter(call => call.includes('--query-gpu'));
  const start = (options = {}) => {
    sampler = new DeviceSampler({ restartMs: 20, ...options });
    sampler.start(new Emitter({ run: 'r', rank: 0, sink: { append: line => void lines.push(line) } }), 50);
  };
  const samples = async (count: number) => {
    await expect.poll(() => lines.length, { interval: 10 }).toBeGreaterThanOrEqual(count);
    const events = lines.map(parseEvent);
    expect(events.filter(isMalformed)).toEqual([]);
    return (events as { type: string; data: { devices: object[] } }[]).map(({ data }) => data.devices);
  };
  const alive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  test('emits each interval’s devices as one event, from one process, and ends it', async () => {
    nvidiaSmi(`while :; do printf '%s\\n' "${H100}" "${H100.replace('GPU-1', 'GPU-2')}"; sleep 0.15; done`);
    start();
    const [first] = await samples(1);
    expect(first).toEqual([
      { ...h100, processes: null },
      { ...h100, uuid: 'GPU-2', processes: null },
    ]);
    // The answer to who uses them is part of the samples after it.
    await expect
      .poll(async () => (await samples(1)).at(-1))
      .toEqual([
        { ...h100, processes: [{ pid: 42, name: 'python', usedBytes: 512 * MIB }] },
        { ...h100, uuid: 'GPU-2', processes: [] },
      ]);
    expect(JSON.parse(lines[0]!).telemetryMs).toBeGreaterThan(0);
    expect(loops()).toHaveLength(1);
    expect(loops()[0]).toMatch(/--format=csv,noheader,nounits -lms 50$/);
    expect(calls().length).toBe(2);

    const pid = Number.parseInt(loops()[0]!, 10);
    expect(alive(pid)).toBe(true);
    sampler.stop();
    await expect.poll(() => alive(pid)).toBe(false);
    const count = lines.length;
    await sleep(150);
    expect(lines).toHaveLength(count);
  });

  test('separates intervals that come without a pause', async () => {
    nvidiaSmi(`for i in 1 2 3 4 5; do echo "${H100}"; sleep 0.02; done; sleep 5`);
    start();
    expect(await samples(5)).toHaveLength(5);
  });

  test('does not know the processes where that question fails', async () => {
    nvidiaSmi(`while :; do echo "${H100}"; sleep 0.15; done`, 'false');
    start();
    expect((await samples(3))[2]).toEqual([{ ...h100, processes: null }]);
  });

  test('starts one again that died', async () => {
    nvidiaSmi(`echo "${H100}"; sleep 0.15`);
    start();
    await samples(3);
    expect(loops().length).toBeGreaterThanOrEqual(3);
  });

  test('starts one that only fails ever less often', async () => {
    nvidiaSmi('echo "No devices were found"; exit 6');
    const began = performance.now();
    start();
    await expect.poll(() => loops().length, { interval: 5 }).toBe(6);
    expect(performance.now() - began).toBeGreaterThan(20 + 40 + 80 + 160 + 320 - 5);
    expect(lines).toEqual([]);
  });

  test('without nvidia-smi is silent and does not look again', async () => {
    vi.stubEnv('PATH', folder);
    start();
    await sleep(100);
    nvidiaSmi(`echo "${H100}"`);
    await sleep(100);
    expect([lines, calls()]).toEqual([[], []]);
  });
});
