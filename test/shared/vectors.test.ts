/** What the Python client reads the same way: one file of cases a topic, each case by both languages. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type DeviceMemory,
  type DeviceSample,
  hasExpandableSegments,
  maxSplitSizeMb,
  parseAllocatorConf,
} from '../../src/contract/index.ts';
import { memoryFindings } from '../../src/doctor/host.ts';
import {
  DEVICE_QUERY,
  HostSampler,
  PROCESS_QUERY,
  parseDevice,
  parseProcesses,
} from '../../src/emit/index.ts';
import { clearCommand, clearConfig } from '../../src/log/secrets.ts';
import { pressureOf } from '../../src/reduce/index.ts';
import { scratch } from '../scratch.ts';
import { type Vectors, vectors } from './vectors.ts';

function each<Given, Expected>({ cases }: Vectors<Given, Expected>, read: (given: Given) => unknown) {
  test.each(cases)('$name', ({ given, expected }) => expect(read(given)).toEqual(expected));
}

describe('RAM of a host or its control group', () => {
  const { cases } = vectors<Record<string, string>, { ramUsedBytes: number | null; ramTotalBytes: number }>(
    'cgroup',
  );
  test.each(cases)('$name', ({ given, expected }) => {
    const root = scratch('cgroup');
    for (const [path, text] of Object.entries(given)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    expect(new HostSampler({ root }).sample()).toMatchObject(expected);
    // The doctor judges the same reading.
    const { ramUsedBytes: used, ramTotalBytes: total } = expected;
    const isFull = used !== null && used / total > 0.9;
    expect(memoryFindings(root).map(({ level }) => level)).toEqual([isFull ? 'risk' : 'ok']);
  });
});

describe('rows of nvidia-smi', () => {
  const devices = vectors<string, DeviceSample | null>('nvidia-smi-devices');
  const processes = vectors<string, object>('nvidia-smi-processes');
  test('are asked for alike', () => {
    expect([devices.query, processes.query]).toEqual([DEVICE_QUERY, PROCESS_QUERY]);
  });
  each(devices, parseDevice);
  each(processes, answer => Object.fromEntries(parseProcesses(answer)));
});

describe('the allocator’s settings', () => {
  each(vectors<string, object>('allocator-conf'), text => {
    const options = parseAllocatorConf(text);
    return {
      options: Object.fromEntries(options),
      expandableSegments: hasExpandableSegments(options),
      maxSplitSizeMb: maxSplitSizeMb(options),
    };
  });
});

describe('memory pressure', () => {
  const { cases } = vectors<DeviceMemory, object>('pressure');
  test.each(cases)('$name', ({ given, expected }) => expect(pressureOf(given)).toMatchObject(expected));
});

describe('secrets', () => {
  each(vectors<{ command?: string[]; config?: unknown }, object>('secrets'), ({ command, config }) =>
    command === undefined ? { config: clearConfig(config) } : { command: clearCommand(command) },
  );
});
