/**
 * A rehearsed run is labelled as rehearsed wherever it is shown: Sanctum, the plain line's snapshot, Overwatch's list and page, the report in every
 * form, comparisons, the list of runs, exports and JSON. One real rehearsal of a small program, and every view asked as a user asks it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { compareCommand } from '../../src/cli/compare.ts';
import { exportCommand } from '../../src/cli/export.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { runsCommand } from '../../src/cli/runs.ts';
import { snapshotCommand } from '../../src/cli/snapshot.ts';
import type { RunReport, SanctumSnapshot } from '../../src/contract/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import type { RunsResponse, RunView, SeriesResponse } from '../../src/serve/index.ts';
import { drawRun } from '../../src/web/index.ts';
import { interpreterOf } from '../environments.ts';
import { type Served, serve } from '../serve/fixture.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const python = interpreterOf('torch-current');
const LABEL = 'rehearsed, no GPU: RTX 3090';
/** What CSV and figures by name have: the device itself. */
const DEVICE = /standin:0/;
const PROGRAM = `
import torch
model = torch.nn.Linear(64, 64).cuda()
optimizer = torch.optim.AdamW(model.parameters())
for _ in range(40):
    model(torch.randn(8, 64, device="cuda")).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
`;

describe.skipIf(!existsSync(python))('a rehearsed run', () => {
  let served: Served;
  let id: string;
  let folder: string;

  beforeAll(async () => {
    served = await serve();
    folder = mkdtempSync(join(tmpdir(), 'esper-rehearsed-'));
    writeFileSync(join(folder, 'train.py'), PROGRAM);
    const options = ['--json', '--gpu', 'RTX 3090', '--steps', 'all', '--runs', served.runs];
    const done = spawnSync(
      python,
      ['-m', 'esper_telemetry', 'rehearse', ...options, '--', python, 'train.py'],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, PYTHONPATH: resolve('python') },
      },
    );
    expect(done.stdout, done.stderr).toContain('"fits": true');
    id = JSON.parse(done.stdout).run.split('/').at(-1);
    cpSync(join(served.runs, id), join(served.runs, `${id}-again`), { recursive: true });
  });
  afterAll(async () => {
    await served.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A command as it is typed, in this process: what it printed. */
  async function printed(command: Command, ...args: string[]): Promise<string> {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      await command.parseAsync([...args, '--runs', served.runs], { from: 'user' });
      return [...log.mock.calls, ...write.mock.calls].map(([text]) => String(text)).join('\n');
    } finally {
      process.exitCode = undefined;
      for (const spy of [log, write, error]) spy.mockRestore();
    }
  }

  async function labelledInEachForm(command: () => Command, ...args: string[]): Promise<void> {
    for (const form of ['terminal', 'markdown', 'json'])
      expect((await printed(command(), ...args, '--format', form)).replace(/\s+/g, ' '), form).toContain(
        LABEL,
      );
    const file = join(folder, 'page.html');
    await printed(command(), ...args, '--out', file);
    expect(readFileSync(file, 'utf8')).toContain(LABEL);
  }

  test('the report, in each form', async () => {
    await labelledInEachForm(reportCommand, id);
  });

  test('comparisons', async () => {
    await labelledInEachForm(compareCommand, id, `${id}-again`);
  });

  test('the list of runs, the snapshot, and Sanctum', async () => {
    expect(await printed(runsCommand())).toContain(LABEL);
    expect(await printed(runsCommand(), '--json')).toContain(LABEL);
    const snapshot = await printed(snapshotCommand(), id);
    expect(snapshot).toContain(LABEL);
    const own: SanctumSnapshot = JSON.parse(snapshot);
    for (const [width, height] of [
      [120, 36],
      [80, 24],
    ] as const) {
      const shown = frame(own, { ...initialView({ width, height, nowMs: own.run.lastEventMs! }) }).join('\n');
      expect(shown, `${width}×${height}`).toContain('rehearsed, no GPU');
    }
  });

  test('exports: of figures, each has its device; the log has the label', async () => {
    const csv = await printed(exportCommand(), id);
    expect(csv.split('\n')[0]).toMatch(DEVICE);
    expect(readFileSync(join(served.runs, id, 'events-0.jsonl'), 'utf8')).toContain(LABEL);
  });

  test('Overwatch: its list and its page', async () => {
    const list = await served.ask<RunsResponse>('/api/runs');
    expect(list.runs.find(run => run.id === id)).toMatchObject({ task: LABEL });
    const view = await served.ask<RunView>(`/api/runs/${id}`);
    const series = await served.ask<SeriesResponse>(`/api/runs/${id}/series`);
    expect(JSON.stringify(view)).toContain(LABEL);
    const report = await served.ask<RunReport>(`/api/runs/${id}/verdict`);
    expect(drawRun({ view, series, report, nowMs: Date.now() })).toContain(LABEL);
  });
});
