import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createRun,
  eventsFile,
  fitsPattern,
  listRuns,
  noLabels,
  openRun,
  RunNotFoundError,
  resolveRun,
  resolveRuns,
  safeName,
  writeLabels,
} from './index.ts';

let runs: string;
beforeEach(() => {
  runs = join(mkdtempSync(join(tmpdir(), 'esper-runs-')), 'runs');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(join(runs, '..'), { recursive: true });
});

const noon = new Date(2026, 0, 2, 12, 0, 0).getTime();
const make = (name: string, secondsLater = 0) => createRun({ runs, name, nowMs: noon + secondsLater * 1000 });

describe('a new run', () => {
  test('has an id of date and name, and a manifest with the rest', () => {
    const run = createRun({
      runs,
      name: 'Größe / κ',
      algorithm: 'PPO',
      config: { seed: 1 },
      command: ['esper', 'ppo'],
      nowMs: noon,
    });
    expect(run.id).toMatch(/^20260102-120000-Gro-e-[0-9a-f]{4}$/);
    const { manifest, ...folder } = openRun(run.path)!;
    expect(folder).toEqual({
      id: run.id,
      path: run.path,
      name: 'Größe / κ',
      createdMs: noon,
      problem: null,
      lacksManifest: false,
      labels: noLabels,
    });
    expect(manifest).toEqual({
      v: '1.0',
      id: run.id,
      name: 'Größe / κ',
      createdMs: noon,
      algorithm: 'PPO',
      task: null,
      command: ['esper', 'ppo'],
      config: { seed: 1 },
    });
  });

  test('never takes the folder of another', () => {
    const ids = Array.from({ length: 50 }, () => make('same').id);
    expect(new Set(ids).size).toBe(50);
  });

  test('where nothing can be written, is refused in one sentence', () => {
    mkdirSync(join(runs, '..'), { recursive: true });
    writeFileSync(runs, 'a file');
    expect(() => make('x')).toThrow(/^Cannot create a run in .*: make room or choose another folder\.$/);
  });

  test('whatever its name, lies in the folder of runs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), name => /^[A-Za-z0-9_][\w.-]*$/.test(safeName(name))),
    );
    expect(safeName('../../etc/passwd')).toBe('etc-passwd');
    expect(safeName('..')).toBe('run');
  });
});

test('a pattern fits as its expression would', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const words = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(letters, words, (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '[ab]*').replaceAll('?', '[ab]')}$`);
      expect(fitsPattern(pattern, text)).toBe(expression.test(text));
    }),
  );
});

describe('finding a run', () => {
  test('by latest, id, name, pattern, and the start of one id; a shared name is none', () => {
    const [first, second, third] = [make('walk'), make('hop', 60), make('walk', 120)];
    expect(resolveRun(runs, 'latest').id).toBe(third.id);
    expect(resolveRun(runs, first.id).id).toBe(first.id);
    expect(() => resolveRun(runs, 'walk')).toThrow(
      `"walk" is the name of 2 runs (${third.id}, ${first.id}): give the id of one, or "latest".`,
    );
    expect(() => resolveRun(runs, 'w*')).toThrow(/^"w\*" fits 2 runs/);
    expect(resolveRun(runs, 'h?p').id).toBe(second.id);
    expect(resolveRuns(runs, 'w*').map(({ id }) => id)).toEqual([third.id, first.id]);
    expect(() => resolveRuns(runs, 'x*')).toThrow(/^No run in .* fits "x\*"/);
    // One that is archived stands aside; one that is renamed has its new name, and keeps its id.
    writeLabels(third.path, { ...noLabels, archived: true });
    expect([resolveRun(runs, 'walk').id, resolveRun(runs, 'latest').id]).toEqual([first.id, second.id]);
    writeLabels(third.path, { ...noLabels, name: 'run', tags: ['a'] });
    expect(resolveRun(runs, 'run')).toMatchObject({ id: third.id, labels: { tags: ['a'] } });
    writeLabels(third.path, noLabels);
    expect(readdirSync(third.path)).toEqual(['run.json']);
    expect(resolveRun(runs, 'hop').manifest).toEqual(second.manifest);
    expect(resolveRun(runs, '20260102-1201').id).toBe(second.id);
  });

  test.each([
    [
      'nothing of the kind',
      'zzz',
      /^There is no run "zzz" in .*: the newest is .*walk.*, and "esper runs" lists all\.$/,
    ],
    ['an empty text', '', /^There is no run ""/],
    ['a way out of the folder', '../runs', /^There is no run/],
    ['the start of several', '2026', /^"2026" fits 4 runs \((.*), …\): give more of the id\.$/],
  ])('%s is refused in one sentence', (_, ref, sentence) => {
    for (let i = 0; i < 4; i++) make('walk', i);
    const find = () => resolveRun(runs, ref);
    expect(find).toThrow(RunNotFoundError);
    expect(find).toThrow(sentence);
  });

  test('without any run, explains how to make one', () => {
    // Other runs near the working folder would be named instead.
    vi.spyOn(process, 'cwd').mockReturnValue(join(runs, '../a/b/c'));
    expect(() => resolveRun(runs, 'latest')).toThrow(
      /^There are no runs in .*, a folder that does not exist: start one with "esper demo"/,
    );
  });
});

describe('runs in folders of the folder', () => {
  const folder = (name: string, secondsLater: number) => {
    const { id, path } = createRun({
      runs: join(runs, name),
      name: 'walk',
      nowMs: noon + secondsLater * 1000,
    });
    return { id: `${name}/${id}`, path, own: id };
  };

  test('have their path as id, and are meant by it, by their folder, their name, their start and by patterns', () => {
    const near = make('near');
    const [alice, bob] = [folder('alice', 1), folder('cluster/a/b/bob', 2)];
    // A folder in a run is none of these, nor is what is hidden or too deep.
    mkdirSync(join(alice.path, 'checkpoints', 'run'), { recursive: true });
    writeFileSync(join(alice.path, 'checkpoints', 'run', 'run.json'), '{}');
    for (const name of ['.hidden', 'a/b/c/d/e']) folder(name, 3);
    expect(listRuns(runs).map(({ id }) => id)).toEqual([bob.id, alice.id, near.id]);
    expect(resolveRun(runs, 'latest').id).toBe(bob.id);
    for (const ref of [alice.id, alice.own, 'alice/walk', 'alice/2026', 'al*', alice.own.slice(0, 15)])
      expect([ref, resolveRun(runs, ref)]).toMatchObject([ref, { id: alice.id, path: alice.path }]);
    expect(resolveRuns(runs, 'cluster/*').map(({ id }) => id)).toEqual([bob.id]);
    expect(resolveRuns(runs, '*walk*').map(({ id }) => id)).toEqual([bob.id, alice.id]);
    expect(() => resolveRun(runs, 'walk')).toThrow(`"walk" is the name of 2 runs (${bob.id}, ${alice.id})`);
    expect(() => resolveRun(runs, 'alice/none')).toThrow(/^There is no run at /);
    expect(() => resolveRuns(runs, 'none/*')).toThrow(/^No run in .* fits "none\/\*"/);
  });
});

describe('broken folders', () => {
  const newest = () => listRuns(runs)[0]!;

  test('are listed with what is wrong, and hide no other', () => {
    const whole = make('whole');
    const folder = (id: string) => {
      mkdirSync(join(runs, id));
      return join(runs, id);
    };
    writeFileSync(eventsFile(folder('20260103-000000-no-manifest-0001'), 0), '');
    writeFileSync(join(folder('20260104-000000-half-0002'), 'run.json'), '{"v":"1.0","id":');
    writeFileSync(join(folder('20260105-000000-other-0003'), 'run.json'), '{"name":"someone else’s"}');
    folder('empty');
    writeFileSync(join(runs, 'notes.txt'), '');
    expect(listRuns(runs).map(run => [run.name, run.problem !== null, run.lacksManifest])).toEqual([
      ['other', true, false],
      ['half', true, false],
      ['no-manifest', true, true],
      ['whole', false, false],
    ]);
    expect(listRuns(runs)[3]).toEqual({ ...whole });
  });

  test('open by their events alone, and keep their place in time', () => {
    make('old');
    mkdirSync(join(runs, '20260102-120001-lost-beef'));
    writeFileSync(join(runs, '20260102-120001-lost-beef', 'events-3.jsonl'), '');
    expect(newest()).toMatchObject({ name: 'lost', createdMs: noon + 1000, manifest: null });
    expect(resolveRun(runs, 'lost').problem).toMatch(/no run\.json/);
  });
});
