/** Many runs: sorted, filtered, in chosen columns, tagged, renamed, archived, removed; what is known of them is kept, and never stale. */
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { compareCommand } from '../../src/cli/compare.ts';
import { exportCommand } from '../../src/cli/export.ts';
import { archiveCommand, noteCommand, renameCommand, tagCommand } from '../../src/cli/labelled-runs.ts';
import { pruneCommand } from '../../src/cli/prune.ts';
import { queryCommand } from '../../src/cli/query.ts';
import { rmCommand } from '../../src/cli/remove-runs.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { runsCommand } from '../../src/cli/runs.ts';
import { VERSION } from '../../src/cli/version.ts';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { LogWriter } from '../../src/log/index.ts';
import { event, pressed, update } from '../events.ts';
import { writeRun } from '../report/runs.ts';
import { scratch } from '../scratch.ts';

let runs: string;

/** A run that ended, with its configuration. */
function write(id: string, events: readonly TelemetryEvent[], config: object = {}): string {
  const last = event('TRAINING_COMPLETED', { reason: 'finished' }, events.length);
  const folder = writeRun(runs, id, [...events, last]);
  const path = join(folder, 'run.json');
  writeFileSync(
    path,
    JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), name: id.slice(0, -2), config }),
  );
  return folder;
}

/** What the command printed, a line each, and its errors. */
async function run(command: Command, ...args: string[]): Promise<{ lines: string[]; errors: string }> {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation(text => void printed.push(text));
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    await command.exitOverride().parseAsync([...args, '--runs', runs], { from: 'user' });
  } finally {
    vi.mocked(console.log).mockRestore();
  }
  const found = errors.mock.calls.flat().join('\n');
  errors.mockRestore();
  return { lines: printed.join('\n').split('\n'), errors: found };
}
const list = async (...args: string[]) => (await run(runsCommand(), ...args)).lines;

beforeAll(() => {
  runs = scratch('many');
  write('lr3-1', pressed(0.5, 4), { lr: 3 * 1e-4, optimizer: { name: 'adam' } });
  write('lr3-2', pressed(0.7, 4), { lr: 3e-4, optimizer: { name: 'sgd' } });
  write('lr9-1', [update(0), update(1)], { lr: 9e-4 });
});
afterEach(() => vi.restoreAllMocks());

test('any columns, sorted, filtered, as CSV and JSON; what is not known comes last', async () => {
  const columns = 'run,config.lr,config.optimizer.name,peak';
  expect(await list('--columns', columns, '--sort', '-peak', '--csv')).toEqual([
    columns,
    expect.stringMatching(/^lr3-2,0\.0003,sgd,\d{9,}$/),
    expect.stringMatching(/^lr3-1,0\.00030000000000000003,adam,\d{9,}$/),
    'lr9-1,0.0009,,',
  ]);
  const ids = async (...args: string[]) => (await list('--columns', 'run', '--csv', ...args)).slice(1).sort();
  expect(await ids('--filter', 'config.lr<5e-4', '--filter', 'peak>3GiB')).toEqual(['lr3-2']);
  expect(await ids('--filter', 'config.lr=3e-4')).toEqual(['lr3-1', 'lr3-2']);
  expect(await list('--filter', 'config.lr<1e-9')).toEqual(['No run is of this kind.']);
  expect(await list('--filter', 'config.lrn<1', '--filter', 'config.seeds=1')).toEqual([
    'No run is of this kind: none has config.lrn or config.seeds.',
  ]);
  expect(await ids('--filter', 'config.optimizer.name!=sgd')).toEqual(['lr3-1', 'lr9-1']);
  expect(await ids('--filter', 'pressure>60%')).toEqual(['lr3-2']);
  expect(await ids('lr3*', '--filter', 'run=*-1')).toEqual(['lr3-1']);
  expect(
    JSON.parse((await list('--json', '--columns', 'run,headroom', '--filter', 'run=lr9-1')).join('')),
  ).toEqual([{ run: 'lr9-1', headroom: null }]);
  expect(await list('--columns', 'run,peak', '--filter', 'run=lr9-1')).toEqual(['RUN    PEAK', 'lr9-1  –']);
  await expect(run(runsCommand(), '--filter', 'peak>much')).rejects.toThrow(/no number in its unit/);
  await expect(run(runsCommand(), '--columns', 'pek')).rejects.toThrow(/There is no column "pek"/);
});

test('what is known of a run is kept, until a file of it changes', async () => {
  const folder = write('changing', [update(0)]);
  const batch = async () => (await list('changing', '--columns', 'batch,tags,verdict', '--csv'))[1];
  expect([await batch(), await batch()]).toEqual(['0,,unmeasured', '0,,unmeasured']);
  expect(readFileSync(join(runs, '.esper-runs.json'), 'utf8')).toContain('"id":"changing"');
  appendFileSync(join(folder, 'events-0.jsonl'), `${JSON.stringify(update(2))}\n`);
  expect(await batch()).toBe('2,,unmeasured');
  await run(tagCommand(), 'changing', 'b', 'a', 'b');
  expect(await batch()).toBe('2,"b,a",unmeasured');
  // Another build may make other rows: what it kept is not used.
  const kept = readFileSync(join(runs, '.esper-runs.json'), 'utf8');
  writeFileSync(
    join(runs, '.esper-runs.json'),
    kept
      .replaceAll('"batch":2', '"batch":7')
      .replace(/"version":"[^"]*"/, `"version":"${VERSION} runs-another.js"`),
  );
  expect(await batch()).toBe('2,"b,a",unmeasured');
  writeFileSync(join(runs, '.esper-runs.json'), '{"version"');
  expect(await batch()).toBe('2,"b,a",unmeasured');
  rmSync(folder, { recursive: true });
  expect(await list('changing', '--columns', 'run')).toEqual(['No run is of this kind.']);
});

test('labels change lists, names and nothing that was recorded', async () => {
  const manifest = readFileSync(join(runs, 'lr3-1', 'run.json'));
  await run(tagCommand(), 'lr3-*', 'sweep', 'bad');
  await run(tagCommand(), 'lr3-1', '--remove', 'bad');
  await run(noteCommand(), 'lr3-1', 'best, "so far"');
  await run(renameCommand(), 'lr3-2', 'wide');
  const shown = await list('--filter', 'tag=sweep', '--sort', 'run', '--columns', 'name,tags,note', '--csv');
  expect(shown).toEqual(['name,tags,note', 'lr3,sweep,"best, ""so far"""', 'wide,"sweep,bad",']);
  await run(archiveCommand(), 'wide');
  expect(await list('--sort', 'run', '--columns', 'run', '--csv')).toEqual(['run', 'lr3-1', 'lr9-1']);
  expect(await list('--all', '--sort', 'run', '--columns', 'run', '--csv')).toHaveLength(4);
  await run(archiveCommand(), 'wide', '--undo');
  await run(renameCommand(), 'wide', '');
  expect(readdirSync(join(runs, 'lr3-2'))).toContain('labels.json');
  await run(tagCommand(), 'lr3-2', '--remove', 'sweep', '--remove', 'bad');
  expect(readdirSync(join(runs, 'lr3-2'))).not.toContain('labels.json');
  expect(readFileSync(join(runs, 'lr3-1', 'run.json'))).toEqual(manifest);
  await expect(run(tagCommand(), 'lr3-1', 'a b')).rejects.toThrow(/"a b" is no tag/);
  writeFileSync(join(runs, 'lr3-2', 'labels.json'), '{"tags": 3}');
  const broken = await run(runsCommand(), 'lr3-2');
  expect([broken.lines.length, broken.errors]).toEqual([
    2,
    expect.stringMatching(/lr3-2\/labels\.json cannot be read/),
  ]);
  rmSync(join(runs, 'lr3-2', 'labels.json'));
});

test('runs in folders of users are listed, and every command reaches them by their path', async () => {
  const all = runs;
  try {
    for (const user of ['alice', 'cluster/bob']) {
      runs = join(all, user);
      write('deep-1', pressed(0.5, 4));
    }
  } finally {
    runs = all;
  }
  const ids = async (...args: string[]) => (await list('--columns', 'run', '--csv', ...args)).slice(1).sort();
  expect(await ids('alice/*')).toEqual(['alice/deep-1']);
  expect(await ids('deep')).toEqual(['alice/deep-1', 'cluster/bob/deep-1']);
  // The second time from what is kept.
  expect(await ids('*bob*', '--filter', 'peak>1GiB')).toEqual(['cluster/bob/deep-1']);
  const json = async (command: Command, ...args: string[]) => {
    const written = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      await run(command, ...args);
      return JSON.parse(written.mock.calls.map(([text]) => text).join(''));
    } finally {
      written.mockRestore();
    }
  };
  expect((await json(reportCommand(), 'alice/deep-1', '--json')).run.id).toBe('test');
  const compared = await json(compareCommand(), 'alice/*', 'cluster/*', '--json');
  expect(compared.figures.length).toBeGreaterThan(0);
  expect(
    await json(queryCommand(), 'SELECT DISTINCT run FROM updates', 'alice/*', 'cluster/bob/deep-1', '--json'),
  ).toEqual([{ run: 'alice/deep-1' }, { run: 'cluster/bob/deep-1' }]);
  const page = join(all, 'page.csv');
  expect((await run(exportCommand(), 'cluster/bob/deep-1', '--out', page)).errors).toContain('20 updates');
  await run(tagCommand(), 'alice/*', 'mine');
  expect(await ids('--filter', 'tag=mine')).toEqual(['alice/deep-1']);
  await expect(run(reportCommand(), 'deep')).rejects.toThrow(/^"deep" is the name of 2 runs/);
  await run(rmCommand(), 'alice/*', 'cluster/*', '--yes');
  for (const folder of ['alice', 'cluster', 'page.csv']) rmSync(join(all, folder), { recursive: true });
});

test('a run is removed whole, never one that is written, and not without being asked', async () => {
  write('gone-1', [update(0)]);
  const live = write('gone-2', [update(0)]);
  const writer = new LogWriter(live, { rank: 1 });
  await expect(run(rmCommand(), 'gone-*', '--yes')).rejects.toThrow(/^gone-2: still written/);
  expect(existsSync(join(runs, 'gone-1'))).toBe(true);
  writer.close();
  await expect(run(rmCommand(), 'gone-1')).rejects.toThrow(/would be removed: give --yes/);
  expect((await run(rmCommand(), 'gone-*', '--yes')).lines[0]).toMatch(/^Removed 2 runs, /);
  expect(readdirSync(runs).filter(name => name.includes('gone'))).toEqual([]);
});

test('a rule removes old runs only when asked to, and never those that are kept or written', async () => {
  const day = 86_400_000;
  const folders = [40, 35, 20, 1].map((days, i) => {
    const folder = write(`aged-${i}`, [update(0)]);
    const path = join(folder, 'run.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...manifest, createdMs: Date.now() - days * day }));
    return folder;
  });
  const aged = () =>
    readdirSync(runs)
      .filter(name => name.startsWith('aged'))
      .sort();
  const prune = (...args: string[]) => run(pruneCommand(), '--filter', 'run=aged*', ...args);
  const shown = await prune('--older-than', '30d');
  expect(shown.lines).toEqual([
    expect.stringMatching(/^aged-0 {2}aged {2}40 d {2}\d+ B$/),
    expect.stringMatching(/^aged-1 {2}aged {2}35 d/),
    expect.stringMatching(/^2 runs, \d+ B\. Nothing was removed: --remove does/),
  ]);
  expect(aged()).toHaveLength(4);
  expect(
    (await list('--filter', 'age>30d', '--filter', 'run=aged*', '--columns', 'run', '--csv')).length,
  ).toBe(3);

  await run(tagCommand(), 'aged-0', 'keep');
  await run(tagCommand(), 'aged-1', 'paper');
  const writer = new LogWriter(folders[2]!, { rank: 1 });
  await expect(prune('--older-than', '10d', '--remove')).rejects.toThrow(/would be removed: give --yes/);
  const kept = await prune('--older-than', '10d', '--keep', 'paper', '--keep', 'keep', '--remove', '--yes');
  expect([kept.lines, kept.errors.split('\n').at(-1)]).toEqual([
    ['The rule takes no run.'],
    'esper: left alone: 2 runs kept by tags; 1 run still written, or written on a machine that cannot be seen from here.',
  ]);
  writer.close();
  const left = await prune('--older-than', '10d', '--remove', '--yes');
  expect(left.lines.at(-1)).toMatch(/^Removed 2 runs, /);
  expect(aged()).toEqual(['aged-0', 'aged-3']);
  // The bound is on all that the folder holds: the oldest go first, and no more than must.
  const none = await prune('--total', '1GiB', '--remove', '--yes');
  expect(none.lines).toEqual(['The rule takes no run.']);
  const beyond = await prune('--total', '0', '--keep', 'none', '--remove', '--yes');
  expect([aged(), beyond.errors]).toEqual([
    [],
    expect.stringMatching(/stay, more than 0 B: the rule takes no more\.$/),
  ]);
  await expect(run(pruneCommand())).rejects.toThrow(/^Which runs\? Give --older-than/);
  await expect(prune('--older-than', 'old')).rejects.toThrow(/^"old" is no age: write 30d/);
  await expect(prune('--total', 'much')).rejects.toThrow(/^"much" is no size/);
  await expect(prune('--yes')).rejects.toThrow(/^--yes stands with --remove\.$/);
});
