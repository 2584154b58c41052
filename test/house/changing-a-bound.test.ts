/** One edit of a bound, in a copy of the project, changes every answer; the tests of its figure notice it. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import { scratch } from '../scratch.ts';
import { copyProject } from './project-copy.ts';

const run = promisify(execFile);
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 });

const DECLARATION = 'src/figures/pressure.ts';
const copy = scratch('changing-a-bound');
const tool = (cwd: string, ...args: string[]) =>
  run(process.execPath, ['--import', 'tsx', ...args], { cwd, maxBuffer: 2 ** 26 });
const judged = async (cwd: string, pressure: number): Promise<unknown> =>
  JSON.parse((await tool(cwd, 'test/house/judged-pressure.ts', String(pressure))).stdout);

beforeAll(async () => {
  await copyProject(copy);
  const declared = readFileSync(DECLARATION, 'utf8');
  const bound = 'critical: { above: 0.9 }';
  expect(declared.split(bound)).toHaveLength(2);
  writeFileSync(join(copy, DECLARATION), declared.replace(bound, 'critical: { above: 0.95 }'));
  await tool(copy, 'scripts/write-schemas.ts');
});

test('header, banner, alarms, report, Prometheus, help and the Python client follow the declaration', async () => {
  expect(await judged('.', 0.93)).toEqual({
    header: true,
    banner: true,
    alarms: ['pressure critical'],
    report: 'critical',
    prometheus: true,
    client: 0.9,
    summary: expect.stringContaining('critical above 0.9.'),
  });
  expect(await judged(copy, 0.93)).toEqual({
    header: false,
    banner: false,
    alarms: [],
    report: 'warning',
    prometheus: false,
    client: 0.95,
    summary: expect.stringContaining('critical above 0.95.'),
  });
  expect(await judged(copy, 0.96)).toMatchObject({
    header: true,
    alarms: ['pressure critical'],
    report: 'critical',
  });
});

test('the wiring tests name the figure whose bound is another', async () => {
  const failure = await tool(copy, 'test/wiring/main.ts', 'pressureFraction').then(
    () => null,
    (error: { stdout: string }) => error.stdout,
  );
  expect(failure).toMatch(/✗ TELE-760/);
});
