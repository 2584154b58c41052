import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { scratch } from '../../test/scratch.ts';
import { applyConfig, configPath, readConfig, runsOf } from './config-file.ts';
import { integer, RepeatableOption, runsOption } from './options.ts';

function place(settings: unknown): string {
  const folder = scratch('config');
  writeFileSync(join(folder, 'esper.config.json'), JSON.stringify(settings));
  return folder;
}

/** What `serve`, `alerts` and `records list` are given when `words` are typed where the file is. */
async function given(settings: unknown, ...words: string[]) {
  let seen: Record<string, unknown> = {};
  const folder = place(settings);
  const act = (options: Record<string, unknown>) => {
    seen = options;
  };
  const program = new Command('esper').exitOverride();
  program
    .command('serve')
    .addOption(runsOption())
    .option('--port <n>', 'port', integer('--port', 0), 7070)
    .option('--allow-host <names...>', 'names')
    .addOption(new RepeatableOption('--even <n>', 'numbers', text => Number(text)))
    .option('--quiet', 'quiet')
    .option('--otlp [url]', 'push')
    .action(act);
  program.command('alerts').option('--rules <file>', 'rules').option('--no-follow', 'stop').action(act);
  program.command('records').command('list').option('--json', 'json').action(act);
  program.command('later'); // not loaded
  const file = readConfig({}, folder)!;
  applyConfig(program, file, ({ options, commands }) => options.length + commands.length > 0);
  await program.parseAsync(words, { from: 'user' });
  return { seen, folder };
}

test('it sets defaults, and the command line wins', async () => {
  const settings = {
    serve: { port: 7071, 'allow-host': ['a', 'b'], quiet: true },
    alerts: { rules: 'alarms.json', follow: false },
    records: { list: { json: true } },
    later: { whatever: 1 },
  };
  expect((await given(settings, 'serve')).seen).toMatchObject({
    port: 7071,
    allowHost: ['a', 'b'],
    quiet: true,
  });
  expect((await given(settings, 'serve', '--port', '1')).seen.port).toBe(1);
  const { seen, folder } = await given(settings, 'alerts');
  expect(seen).toEqual({ rules: join(folder, 'alarms.json'), follow: false });
  expect((await given(settings, 'alerts', '--rules', 'x')).seen.rules).toBe('x');
  expect((await given(settings, 'records', 'list')).seen).toEqual({ json: true });
});

test('an option that may be given several times takes one or a list, which the command line replaces', async () => {
  const even = async (written: unknown, ...words: string[]) =>
    (await given({ serve: { even: written } }, 'serve', ...words)).seen.even;
  expect(await even(2)).toEqual([2]);
  expect(await even(['2', 4])).toEqual([2, 4]);
  expect(await even(['2', 4], '--even', '6', '--even', '8')).toEqual([6, 8]);
  const { seen } = await given({ serve: { 'allow-host': ['a', 'b'] } }, 'serve', '--allow-host', 'c');
  expect(seen.allowHost).toEqual(['c']);
  expect((await given({}, 'serve')).seen.even).toBeUndefined();
});

test.each([
  [{ serve: { prot: 1 } }, /esper\.config\.json: serve\.prot is no option of serve\.$/],
  [{ server: {} }, /: server is no command of esper, and not runs\.$/],
  [{ serve: { port: 'many' } }, /: serve\.port: --port takes a whole number/],
  [{ serve: { quiet: 'yes' } }, /: serve\.quiet: it takes true or false\.$/],
  [{ serve: { port: {} } }, /: serve\.port: it takes a text or a number\.$/],
  [{ serve: { even: [{}] } }, /: serve\.even: it takes texts\.$/],
  [{ serve: 7071 }, /: serve takes an object of options\.$/],
  [{ records: { lst: {} } }, /: records\.lst is no command of records\.$/],
  [{ records: { list: true } }, /: records\.list takes an object of options\.$/],
  [{ runs: 7 }, /: runs is no path of a folder\.$/],
  [[1], /is no JSON object\.$/],
])('what is wrong with %j is one sentence with its file', async (settings, sentence) => {
  await expect(given(settings, 'serve')).rejects.toThrow(sentence);
});

test('it is the nearest one above, else the user’s, else none', () => {
  const folder = place({ runs: 'data' });
  const below = join(folder, 'a', 'b');
  mkdirSync(below, { recursive: true });
  const own = join(folder, 'esper.config.json');
  const home = scratch('home');
  mkdirSync(join(home, 'esper'));
  writeFileSync(join(home, 'esper', 'config.json'), '{}');
  const elsewhere = scratch('elsewhere');
  expect(configPath({}, below)).toBe(own);
  expect(runsOf(readConfig({}, below)!)).toBe(join(folder, 'data'));
  expect(configPath({ XDG_CONFIG_HOME: home }, elsewhere)).toBe(join(home, 'esper', 'config.json'));
  expect(configPath({ XDG_CONFIG_HOME: elsewhere }, elsewhere)).toBeNull();
  expect(configPath({ ESPER_CONFIG: own }, elsewhere)).toBe(own);
  expect(configPath({ ESPER_CONFIG: 'off' }, below)).toBeNull();
});

test('an option whose value may be left out takes true, a value, or false', async () => {
  for (const [written, otlp] of [
    [true, true],
    ['http://c:4318', 'http://c:4318'],
    [false, undefined],
  ])
    expect((await given({ serve: { otlp: written } }, 'serve')).seen.otlp).toBe(otlp);
});

test('what is no JSON is named with its line; a byte order mark is not', () => {
  const folder = scratch('config');
  const write = (text: string) => writeFileSync(join(folder, 'esper.config.json'), text);
  for (const [text, sentence] of [
    ['{"runs": "x",\n\n "serve": {"port": 70,}}', /esper\.config\.json cannot be read: line 3: [^\n]+\.$/],
    ['{"runs":\n yes}', /cannot be read: line 2: Unexpected token 'y'\.$/],
    ['{"runs":\n', /cannot be read: line 2: Unexpected end of JSON input\.$/],
  ] as const) {
    write(text);
    expect(() => readConfig({}, folder)).toThrow(sentence);
  }
  write('\uFEFF{"runs": "x"}');
  expect(readConfig({}, folder)!.settings).toEqual({ runs: 'x' });
});
