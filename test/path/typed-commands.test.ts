/**
 * Every command that a screen, a hint or a page prints works where it is pasted. Those of the documents and of each help are
 * read by the commands themselves; those of hints are run, from a clone and from an installed package.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { runnableHelp } from '../../src/cli/invocation.ts';
import { commandNames, esperProgram } from '../../src/cli/program.ts';
import { sanctumCommand } from '../../src/cli/sanctum-command.ts';
import { event, update } from '../events.ts';
import { writeRun } from '../log-files.ts';
import { scratch } from '../scratch.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const root = resolve(import.meta.dirname, '../..');

/** Words as a POSIX shell reads them: enough for what documents hold. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [, single, double, bare] of line.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g))
    words.push(single ?? double ?? bare!);
  return words;
}

/** Commands of Esper in a line: `a | npx esper x && esper y # comment`. The package's own command is `esper` under another name. */
function commandsIn(line: string): { program: string; isNpx: boolean; words: string[] }[] {
  return line
    .replace(/(^|\s)#.*$/, '')
    .split(/\s(?:\||&&|&|;)\s/)
    .flatMap(part => {
      const words = wordsOf(part.trim().replace(/\\$/, ''));
      const isNpx = words[0] === 'npx';
      const [name, ...rest] = isNpx ? words.slice(1) : words;
      const program = name === 'esper-telemetry' ? 'esper' : name;
      return program === 'esper' || program === 'sanctum'
        ? [{ program, isNpx, words: rest.map(word => word.replace(/[;)]$/, '')) }]
        : [];
    });
}

/** The command does nothing but read what was typed. Throws what is wrong with it. */
function silenced(command: Command): Command {
  command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  command.action(() => {});
  for (const own of command.commands) silenced(own);
  return command;
}
const read = async ({ program, words }: { program: string; words: string[] }) => {
  const command = silenced(program === 'esper' ? await esperProgram(words) : sanctumCommand());
  try {
    await command.parseAsync(words, { from: 'user' });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'commander.helpDisplayed' && code !== 'commander.version') throw error;
  }
};
const readable = (command: Parameters<typeof read>[0], text: string) =>
  expect(read(command), text).resolves.toBeUndefined();

function* filesOf(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else if (entry.name.endsWith('.md')) yield path;
  }
}
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'python/README.md'].map(name => join(root, name)),
  // The figure that its example adds is not there.
  ...[...filesOf(join(root, 'docs'))].filter(path => !path.endsWith('adding-a-figure.md')),
];

describe.each(documents.map(path => [relative(root, path), path]))('%s', (_, path) => {
  const lines = readFileSync(path, 'utf8').split('\n');
  const fenced: string[] = [];
  const inline: string[] = [];
  let isInside = false;
  for (const line of lines) {
    if (line.trimStart().startsWith('```')) isInside = !isInside;
    else if (isInside) fenced.push(line);
    else for (const [, code] of line.matchAll(/`([^`]+)`/g)) inline.push(code!);
  }
  test('its commands are ones, and those to be pasted run from a clone', async () => {
    // Left out is what shows a form and not a command.
    const isForm = (text: string) => /…|\\\||\[|[A-Z] [A-Z]/.test(text);
    for (const line of fenced.filter(text => !isForm(text)))
      for (const command of commandsIn(line)) {
        await readable(command, line);
        expect(command.isNpx, line).toBe(true);
      }
    for (const code of inline.filter(text => !isForm(text)))
      for (const command of commandsIn(code))
        if (command.words.length > 0 && !command.words.every(word => /^[A-Z-]+$/.test(word)))
          await readable({ ...command, words: [...command.words, ...missing(command)] }, code);
  });
});

/** A sentence may name a command without what it must be given. */
function missing({ program, words }: { program: string; words: string[] }): string[] {
  const needs: Record<string, string[]> = {
    wait: ['--until', 'ended'],
    compare: ['a', 'b'],
    watch: ['-'],
    explain: ['-'],
    stop: ['a'],
    query: ['select 1'],
    pack: ['a'],
    completion: ['bash'],
    tag: ['a', 'b'],
    note: ['a', 'b'],
    rename: ['a', 'b'],
    archive: ['a'],
    rm: ['a'],
    ship: ['runs', '--to', 'nats://host', '--cluster', 'name'],
    collect: ['--from', 'nats://host'],
    run: ['--', 'program'],
    rehearse: ['--', 'program'],
  };
  const [command, ...rest] = words;
  const given = needs[command ?? ''];
  if (program !== 'esper' || given === undefined) return [];
  if (command === 'ship' || command === 'collect')
    return rest.some(word => word.startsWith('--')) ? [] : given.slice(rest.length);
  if (command === 'wait') return rest.includes('--until') ? [] : given;
  const isArgument = (word: string) => word === '-' || !word.startsWith('-');
  return given.slice(rest.filter(isArgument).length);
}

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)];

test.each(everyCommand(await esperProgram(commandNames)).map(command => [command.name(), command] as const))(
  'the examples of %s are commands, and become ones that run from here',
  async (_, command) => {
    let help = '';
    command.configureOutput({ writeOut: text => (help += text) });
    command.outputHelp();
    const examples = help.split(/^Examples?:\n/m)[1]?.split('\n') ?? [];
    const commands = examples.flatMap(commandsIn);
    for (const example of commands) await readable(example, example.words.join(' '));
    const npx = { script: '', env: { npm_command: 'exec' }, execArgv: [], cwd: '/' };
    const pasted = (
      runnableHelp(help, npx)
        .split(/^Examples?:\n/m)[1]
        ?.split('\n') ?? []
    ).flatMap(commandsIn);
    expect(pasted).toHaveLength(commands.length);
    expect(pasted.filter(({ isNpx }) => !isNpx)).toEqual([]);
  },
);

test('only the command that is named is loaded, and all are listed', async () => {
  const program = await esperProgram(['serve', '--port', '0']);
  const optionsOf = (name: string) => program.commands.find(own => own.name() === name)!.options.length;
  expect(optionsOf('serve')).toBeGreaterThan(3);
  expect(commandNames.filter(name => optionsOf(name) > 0)).toEqual(['serve']);
  const help = program.helpInformation();
  for (const name of commandNames) expect(help).toMatch(new RegExp(`^  ${name} +\\S.{15}`, 'm'));
});

/** Names of the packages that npm installs for a user of this one, who has none of those that only its development needs. */
const needed = (): string[] => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(lock.packages).flatMap(([path, { dev = false, devOptional = false }]) => {
    const name = path.replace(/^node_modules\//, '');
    return path === '' || dev || devOptional || name.includes('node_modules/') ? [] : [name];
  });
};

/** The package as npm would install it: what it packs, its commands linked, and the libraries that it needs, no others. */
function install(): string {
  const home = scratch('installed');
  const [{ filename }] = JSON.parse(
    spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', home], {
      cwd: root,
    }).stdout.toString(),
  );
  const modules = join(home, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  spawnSync('tar', ['-xzf', join(home, filename), '-C', modules]);
  renameSync(join(modules, 'package'), join(modules, 'esper-telemetry'));
  rmSync(join(home, filename));
  for (const name of needed()) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  for (const [name, path] of Object.entries(bin))
    symlinkSync(`../esper-telemetry/${path}`, join(modules, '.bin', name));
  return home;
}

/** Commands that a text prints, as they stand there. */
const printed = (text: string): string[] => [
  ...new Set(
    [
      ...text.matchAll(
        /"((?:npx (?:esper-telemetry|esper|sanctum)|node \S*\/(?:esper|sanctum)\.js)[^"\n]*)"/g,
      ),
      ...text.matchAll(
        /(?:: |^ +)((?:npx (?:esper-telemetry|esper|sanctum)|node \S*\/(?:esper|sanctum)\.js)[^"\n]*)$/gm,
      ),
    ].map(([, line]) => line!.trim()),
  ),
];

const isBuilt = existsSync(join(root, 'dist/cli/esper.js'));

describe.skipIf(!isBuilt)('hints, run as they are printed', () => {
  let places: { name: string; cwd: string; esper: string }[];
  let runs: string;
  const id = '20260101-000000-hinted-aaaa';
  beforeAll(() => {
    const installed = install();
    runs = scratch('hinted');
    const elsewhere = scratch('elsewhere');
    writeRun(runs, id, [event('TRAINING_STARTED', { name: 'hinted' }), update(1)]);
    places = [
      { name: 'a clone', cwd: root, esper: 'npx esper' },
      { name: 'an installed package', cwd: installed, esper: 'npx esper-telemetry' },
      { name: 'the path of a clone', cwd: elsewhere, esper: `node ${join(root, 'dist/cli/esper.js')}` },
      {
        name: 'the path of a package',
        cwd: elsewhere,
        esper: `node ${join(installed, 'node_modules/esper-telemetry/dist/cli/esper.js')}`,
      },
    ];
  });
  const shell = (line: string, cwd: string, seconds = 120) => {
    const { npm_command: _c, npm_lifecycle_event: _e, ...env } = process.env;
    const done = spawnSync('sh', ['-c', line], {
      cwd,
      timeout: seconds * 1000,
      env: { ...env, ESPER_RUNS: runs, NO_COLOR: '1' },
    });
    return { text: `${done.stdout}${done.stderr}`, code: done.status };
  };

  test('from a clone, from an installed package, and by either path', () => {
    for (const { name, cwd, esper } of places) {
      const outputs = [
        `${esper} report nothing-like-it`,
        `${esper} runs --runs ${scratch('empty')}`,
        `printf 'step:  1  loss:  2.0\\n' > t.log && ${esper} watch t.log --no-follow --name hint; rm -f t.log`,
        `${esper} wait ${id} --until nonsense`,
        `${esper} report --help`,
        `${esper} records show TELE-999`,
      ].map(line => shell(line, cwd).text);
      const commands = [...new Set(outputs.flatMap(printed))];
      expect(commands.length, `${name}: ${outputs.join('\n')}`).toBeGreaterThanOrEqual(6);
      for (const line of commands) {
        // A demonstration goes on for long, and `latest` writes into the working folder: that they begin is enough.
        const isLong = / demo\b/.test(line);
        const command = isLong ? `${line} --help` : line.replace(/ --out \S+/, '');
        const { text, code } = shell(command.split(' | ')[0]!, cwd);
        expect([code, text.includes('a fault of Esper')], `${name}: ${line}\n${text}`).toEqual([0, false]);
      }
    }
  });
});
