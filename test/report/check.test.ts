/** `esper check`: right where the peak grew and where it did not, deaf to reserved memory, and of use in a pipeline. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { afterEach, expect, test, vi } from 'vitest';
import { checkRun, GateReader } from '../../src/analysis/index.ts';
import { checkCommand } from '../../src/cli/check.ts';
import { RunCheck, RunFigures, type TelemetryEvent } from '../../src/contract/index.ts';
import { event, update } from '../events.ts';
import { scratch } from '../scratch.ts';
import { writeRun } from './runs.ts';
import { eventsOfVariant, reservedOtherwise, type Variant } from './variants.ts';

function figuresOf(events: readonly TelemetryEvent[]): RunFigures {
  const reader = new GateReader();
  for (const one of events) reader.take(one);
  return JSON.parse(JSON.stringify(reader.figures()));
}
const short = { updates: 60 };

test.each<[string, Partial<Variant>]>([
  ['lengths scatter', {}],
  ['peaks are those of the whole run', { peaksOfRun: true }],
])('where %s, 3%% of growth fails, and nothing else does, whatever is reserved', (_, over) => {
  for (let job = 1; job <= 4; job++) {
    const variant = { job, noise: 2 * job, ...short, ...over };
    const baseline = figuresOf(eventsOfVariant(variant));
    const other = { ...variant, noise: 2 * job + 1 };
    for (const factor of [1.08, 1 / 1.08]) {
      const same = checkRun(baseline, figuresOf(reservedOtherwise(eventsOfVariant(other), factor)));
      expect([same.passed, same.reasons]).toEqual([true, []]);
      expect(same.figures[2]).toMatchObject({ figure: 'highestReservedBytes', status: 'information' });
    }
    const holds = Math.round(0.03 * baseline.highestPeakBytes!.value);
    const grown = checkRun(baseline, figuresOf(eventsOfVariant({ ...other, holds })));
    expect(grown.passed).toBe(false);
    expect(grown.reasons.join(' ')).toMatch(/The highest allocated peak went from .* \(\+[23]\.\d%\)/);
    expect([...Value.Errors(RunCheck, grown)]).toEqual([]);
  }
});

test('a leak, and a training that failed, fail the check; what its baseline had already does not', () => {
  const steady = figuresOf(eventsOfVariant({ job: 1, noise: 1 }));
  const leaky = figuresOf(eventsOfVariant({ job: 1, noise: 2, leaks: 2 ** 22 }));
  const off = { peak: null, time: null, lost: null };
  expect(checkRun(steady, leaky, off)).toMatchObject({ passed: false, verdictIsWorse: true });
  expect(checkRun(leaky, leaky, off)).toMatchObject({ passed: true });
  const failed = figuresOf([update(1), event('TRAINING_FAILED', { errorType: 'E', message: '' }, 2)]);
  expect(checkRun(steady, failed, off).reasons).toEqual([
    expect.stringMatching(/^This run did not reach its end/),
  ]);
});

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

/** Runs the command here; what it printed, and its exit status. */
async function check(...args: string[]) {
  let output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += text;
    return true;
  });
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  process.exitCode = undefined;
  const command = checkCommand().exitOverride();
  try {
    await command.parseAsync(args, { from: 'user' });
    return { output, code: process.exitCode ?? 0, errors: errors.mock.calls.flat().join('\n') };
  } catch (error) {
    return { output, code: 1, errors: (error as Error).message };
  } finally {
    process.exitCode = undefined;
    vi.restoreAllMocks();
  }
}

test('the figures that --save writes are a baseline as the run itself is; the exit status is the answer', async () => {
  const runs = scratch('check');
  const at = (name: string) => join(runs, name);
  const variant = { job: 3, noise: 1, ...short };
  writeRun(runs, 'base', eventsOfVariant(variant));
  writeRun(runs, 'grown', eventsOfVariant({ ...variant, noise: 2, holds: 2 ** 28 }));
  const place = ['--runs', runs];
  expect((await check('base', '--save', at('f.json'), ...place)).code).toBe(0);
  const saved = JSON.parse(readFileSync(at('f.json'), 'utf8'));
  expect([...Value.Errors(RunFigures, saved)]).toEqual([]);

  const byFile = await check(
    'grown',
    '--against',
    at('f.json'),
    '--markdown',
    at('s.md'),
    '--json',
    ...place,
  );
  const byRun = await check('grown', '--against', 'base', '--json', ...place);
  expect([byFile.code, byRun.code]).toEqual([2, 2]);
  expect(JSON.parse(byFile.output).reasons).toEqual(JSON.parse(byRun.output).reasons);
  expect(readFileSync(at('s.md'), 'utf8')).toMatch(/\| allocated peak, highest \|.*✗ worse \|/);
  expect(await check('base', '--against', at('f.json'), ...place)).toMatchObject({ code: 0, errors: '' });
  expect(await check('grown', '--against', 'base', '--peak', 'off', ...place)).toMatchObject({
    code: 0,
  });

  // A fresh command, whose run has no memory: no answer against a baseline that has.
  const loop = `for i in $(seq 40); do echo "step: $i  loss: 1.$i"; done`;
  const words = [
    'check',
    '--against',
    at('f.json'),
    '--markdown',
    at('none.md'),
    ...place,
    '--',
    'sh',
    '-c',
    loop,
  ];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const program = ['--import', tsx, resolve('test/report/report-command.ts')];
  const fresh = spawnSync(process.execPath, [...program, ...words], { encoding: 'utf8' });
  expect(fresh.stderr).toMatch(
    /h could not be checked: its allocated peak was not measured|sh-\w+ could not be checked/,
  );
  expect([fresh.status, fresh.stdout.split('\n').length, existsSync(at('none.md'))]).toEqual([1, 41, false]);

  // What was saved before is not replaced by nothing.
  writeRun(runs, 'bare', [event('TRAINING_STARTED', {}, 0)]);
  writeFileSync(at('broken.json'), '{"v": 1');
  for (const [args, message] of [
    [['base'], /give --against RUN or --against FIGURES.json/],
    [['bare', '--save', at('f.json')], /bare has no memory and no time .*: nothing was saved/],
    [['base', '--against', at('broken.json')], /broken\.json cannot be read/],
    [['base', '--against', at('base/run.json').replace('run.json', 'no.json')], /There is no file/],
    [['base', 'grown', '--against', 'base'], /One run is checked, not 2/],
    [['base', '--peak', 'x', '--against', 'base'], /--peak takes a share such as 2%/],
  ] as const) {
    const { code, errors } = await check(...args, ...place);
    expect(errors).toMatch(message);
    expect(code).toBe(1);
  }
  expect(JSON.parse(readFileSync(at('f.json'), 'utf8'))).toEqual(saved);
}, 60_000);
