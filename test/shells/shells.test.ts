/** Completions, really completed by bash, zsh and fish on a terminal; the manual page, formatted by man. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bashScript } from '../../src/cli/completion-bash.ts';
import { fishScript } from '../../src/cli/completion-fish.ts';
import { type CompletionCommand, wordsOf } from '../../src/cli/completion-words.ts';
import { zshScript } from '../../src/cli/completion-zsh.ts';
import { manualPage } from '../../src/cli/man.ts';
import { commandNames, esperProgram } from '../../src/cli/program.ts';
import { scratch } from '../scratch.ts';

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const RUN = '20260101-000000-alpha-aaaa';
const NESTED = 'alice/20260102-000000-beta-bbbb';

let home: string;
let esper: CompletionCommand;
beforeAll(async () => {
  esper = wordsOf(await esperProgram(commandNames));
  home = scratch('shells');
  for (const run of [RUN, NESTED]) {
    mkdirSync(join(home, 'runs', run), { recursive: true });
    writeFileSync(join(home, 'runs', run, 'run.json'), '{}');
  }
});

/** What is typed, and a pattern that the shell must list for it. */
const typed: [string, RegExp][] = [
  ['esper rep', /replay[\s\S]*report/],
  ['esper report 2026', new RegExp(RUN)],
  ['esper report ali', new RegExp(NESTED)],
  ['esper report alice/2026', new RegExp(NESTED)],
  ['esper-telemetry records sho', /show/],
  ['esper serve --', /--host[\s\S]*--otlp/],
  ['esper s', /serve[\s\S]*ship/],
  ['esper c', /check[\s\S]*collect/],
  ['esper query --', /--json/],
  ['esper serve --por', /--port/],
  ['esper completion ', /bash[\s\S]*fish[\s\S]*zsh|bash[\s\S]*zsh[\s\S]*fish/],
  ['sanctum --onc', /--once/],
];

describe('completions', () => {
  test.skipIf(!has('fish'))('fish', () => {
    writeFileSync(join(home, 'esper.fish'), fishScript(esper));
    for (const [line, pattern] of typed)
      expect(
        execFileSync('fish', ['--no-config', '-c', `source esper.fish; complete -C '${line}'`], {
          cwd: home,
          encoding: 'utf8',
          env: { ...process.env, HOME: home, ESPER_RUNS: '' },
        }),
        line,
      ).toMatch(pattern);
  });

  test.skipIf(!has('zsh')).each([
    ['bash', ['bash', '--norc', '--noprofile', '-i'], 'source esper.bash; bind "set bell-style none"'],
    ['zsh', ['zsh', '-f', '-i'], 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep'],
  ])('%s', (_, shell, setup) => {
    writeFileSync(join(home, 'esper.bash'), bashScript(esper));
    writeFileSync(join(home, '_esper'), zshScript(esper));
    const keys = typed.map(([line, pattern]) => `${line}=>${pattern.source}`);
    const { ESPER_RUNS: _runs, ...env } = process.env;
    const done = spawnSync(
      'python3',
      [join(import.meta.dirname, 'type.py'), `unset ESPER_RUNS; ${setup}`, ...keys, '--', ...shell],
      { cwd: home, encoding: 'utf8', env: { ...env, HOME: home } },
    );
    expect(`${done.stdout}${done.stderr}`).toMatch(/---\n$/);
    expect(done.status).toBe(0);
    for (const [line, pattern] of typed)
      expect(done.stdout.split('---\n').find(part => part.startsWith(`${line}\n`))).toMatch(pattern);
  });

  test('every command and option is in each', () => {
    const names = (command: CompletionCommand): string[] => [
      command.name,
      ...command.options.flatMap(option => option.names[0]!.replace(/^-+/, '')),
      ...command.commands.flatMap(names),
    ];
    for (const script of [bashScript(esper), zshScript(esper), fishScript(esper)])
      for (const name of names(esper)) expect(script).toContain(name);
  });
});

test.skipIf(!existsSync('/usr/bin/man'))(
  'the manual page names every command, and man has no complaint',
  async () => {
    const page = manualPage(await esperProgram(commandNames));
    const done = spawnSync('man', ['-l', '--warnings=all', '-E', 'UTF-8', '-'], {
      input: page,
      encoding: 'utf8',
      env: { ...process.env, MANWIDTH: '100' },
    });
    expect([done.status, done.stderr]).toEqual([0, '']);
    for (const name of commandNames) expect(done.stdout).toMatch(new RegExp(`^   esper ${name}\\b`, 'm'));
  },
);
