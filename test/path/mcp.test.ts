/** `esper mcp`, asked by the SDK's own client over a real process: every tool, its bounds, mistakes, and that nothing is changed. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { event, pressed } from '../events.ts';
import { played, writeRun } from '../report/runs.ts';
import { scratch } from '../scratch.ts';

let runs: string;
let client: Client;
let errors = '';
beforeAll(async () => {
  runs = scratch('mcp');
  for (const seed of [1, 2]) {
    writeRun(runs, `leaking-${seed}`, played('slow-leak', seed));
    writeRun(runs, `steady-${seed}`, [
      ...pressed(0.4 + seed / 100, 40),
      event('TRAINING_COMPLETED', { reason: 'finished' }, 40),
    ]);
  }
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['--import', 'tsx', 'src/cli/esper.ts', 'mcp', '--runs', runs],
    stderr: 'pipe',
  });
  transport.stderr!.on('data', chunk => {
    errors += chunk;
  });
  client = new Client({ name: 'test', version: '0' });
  await client.connect(transport);
});
afterAll(() => client?.close());

async function call(
  name: string,
  input: Record<string, unknown> = {},
): Promise<{ text: string; isError: boolean }> {
  const { content, isError = false } = await client.callTool({ name, arguments: input });
  const [{ text }] = content as [{ text: string }];
  return { text, isError: isError as boolean };
}
const json = async (name: string, input: Record<string, unknown> = {}) => {
  const { text, isError } = await call(name, input);
  expect(isError, text).toBe(false);
  return JSON.parse(text);
};

/** Every file of the folder but what lists keep, with its size and time. */
const files = () =>
  (readdirSync(runs, { recursive: true, encoding: 'utf8' }) as string[])
    .filter(name => name !== '.esper-runs.json')
    .sort()
    .map(name => {
      const { size, mtimeMs } = statSync(join(runs, name));
      return [name, size, mtimeMs];
    });

test('its tools read only, and each answers', async () => {
  const before = files();
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['list_runs', 'verdict', 'series', 'compare', 'explain']);
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
  expect(client.getServerVersion()?.name).toBe('esper');

  const leaks = await json('list_runs', {
    filter: 'verdict=leak leaking',
    sort: 'run',
    columns: ['run', 'peak'],
  });
  expect(leaks).toEqual({
    found: 2,
    runs: [1, 2].map(seed => ({ run: `leaking-${seed}`, peak: expect.any(Number) })),
  });
  expect((await json('list_runs', { limit: 1 })).runs).toHaveLength(1);

  const verdict = await json('verdict', { run: 'leaking-1' });
  expect(verdict).toMatchObject({ id: 'leaking-1', verdict: { kind: 'leak' } });
  expect(verdict.headline).toMatch(/leak/);
  expect(verdict.devices[0].findings[0].evidence.length).toBeGreaterThan(0);

  const { available, updates } = await json('series', { run: 'leaking-1' });
  expect(available).toEqual(expect.arrayContaining(['sim:0/peakAllocatedBytes', 'episodicReturn']));
  const series = await json('series', {
    run: 'leaking-1',
    figures: ['sim:0/peakAllocatedBytes'],
    buckets: 7,
  });
  const { min, max } = series.figures['sim:0/peakAllocatedBytes'];
  expect([min.length, series.updates]).toEqual([7, updates]);
  expect(min.every((low: number, i: number) => low <= max[i])).toBe(true);
  expect(max.at(-1)).toBeGreaterThan(max[0]);

  const two = await call('compare', { runs: ['leaking-1', 'steady-1'] });
  expect(two.text).toMatch(/^# /);
  const groups = await call('compare', { runs: ['leaking-*', 'steady-*'], by: 'peak' });
  expect(groups.text).toMatch(/B \(steady-\\?\*\) has the best peak|A \(leaking-\\?\*\) has the best peak/);

  expect(await json('explain', { text: 'CUDA out of memory. Tried to allocate 2.00 GiB.' })).toMatchObject({
    whose: 'GPU',
  });
  expect(await json('explain', { run: 'leaking-1' })).toMatchObject({ says: expect.stringMatching(/./) });
  expect(files()).toEqual(before);
  expect(errors).toBe('');
});

test.each([
  ['verdict', {}, /^run: expected/],
  ['verdict', { run: '' }, /^run: expected/],
  ['verdict', { run: 'nobody' }, /^There is no run "nobody"/],
  ['verdict', { run: 'leaking-*' }, /^"leaking-\*" fits 2 runs/],
  ['verdict', { run: '/etc' }, /is a path: give a run's id or name\.$/],
  ['compare', { runs: ['../x'] }, /is a path/],
  ['compare', { runs: ['leaking-1'] }, /^Compare it with which\?/],
  ['compare', { runs: ['leaking-*', 'steady-*'], by: 'beauty' }, /^by takes return, loss/],
  ['series', { run: 'leaking-1', figures: ['nothing'] }, /^The run has no figure nothing: it has /],
  ['series', { run: 'leaking-1', buckets: 5000 }, /^buckets: expected/],
  ['list_runs', { filter: 'peak>' }, /is no number in its unit\.$/],
  ['list_runs', { columns: ['pek'] }, /^There is no column "pek"/],
  ['list_runs', { limt: 3 }, /^limt: unexpected/],
  ['explain', {}, /^Give one of text and run\.$/],
  ['explain', { text: 'nothing to see' }, /^Nothing in the text was recognised/],
  ['remove_runs', {}, /^There is no tool "remove_runs"/],
])('%s %j is answered by one sentence', async (name, input, sentence) => {
  const { text, isError } = await call(name, input);
  expect([isError, text]).toEqual([true, expect.stringMatching(sentence)]);
  expect(text.split('\n')).toHaveLength(1);
});

test('an answer has a bounded length', async () => {
  const figures = (await json('series', { run: 'leaking-1' })).available.slice(0, 20);
  const { text } = await call('series', { run: 'leaking-1', figures, buckets: 500 });
  expect(text.length).toBeLessThan(41_000);
  expect(text).toMatch(/… cut at 40000 characters of \d+: ask for less\.$/);
});
