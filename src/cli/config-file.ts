/**
 * The configuration file: defaults of options, in one place. `$ESPER_CONFIG`, else the nearest `esper.config.json` from the working folder upwards,
 * else `esper/config.json` in `$XDG_CONFIG_HOME` or `~/.config`. The command line and the environment win over it.
 */
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { parseJsonFile } from '../base/index.ts';
import { CommandError } from './command-error.ts';
import type { RepeatableOption } from './options.ts';

export const CONFIG_NAME = 'esper.config.json';

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

type Settings = Readonly<Record<string, unknown>>;

export interface ConfigFile {
  path: string;
  settings: Settings;
}

/** Where the configuration lies; null where there is none, or `$ESPER_CONFIG` is `off`. */
export function configPath(env: NodeJS.ProcessEnv, cwd: string): string | null {
  if (env.ESPER_CONFIG) return env.ESPER_CONFIG === 'off' ? null : resolve(cwd, env.ESPER_CONFIG);
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_NAME);
    if (isFile(path)) return path;
    if (dirname(folder) === folder) break;
  }
  const home = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  const path = join(home, 'esper', 'config.json');
  return isFile(path) ? path : null;
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws a {@link CommandError} that names the file, and what is wrong in it. */
export function readConfig(env: NodeJS.ProcessEnv, cwd: string): ConfigFile | null {
  const path = configPath(env, cwd);
  if (path === null) return null;
  let settings: unknown;
  try {
    settings = parseJsonFile(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandError(`The configuration ${path} cannot be read: ${(error as Error).message}.`);
  }
  if (!isSettings(settings)) throw new CommandError(`The configuration ${path} is no JSON object.`);
  if (settings.runs !== undefined && (typeof settings.runs !== 'string' || settings.runs === ''))
    throw new CommandError(`${path}: runs is no path of a folder.`);
  return { path, settings };
}

/** The folder of all runs that the file names, absolute: a relative one lies beside the file. */
export const runsOf = ({ path, settings }: ConfigFile): string | null =>
  typeof settings.runs === 'string' ? resolve(dirname(path), settings.runs) : null;

/** An option's value is a path: `--rules <file>`. */
const isPath = ({ flags }: Option): boolean => /<(file|dir|path|folder)>/.test(flags);

/** The help of `esper` loads this file, and no options. */
const isRepeatable = (option: Option): option is RepeatableOption<unknown> => 'parseOne' in option;

/** In the file a list, or one of it. */
const takesSeveral = (option: Option): boolean => option.variadic || isRepeatable(option);

/** The value of an option as its parser makes it. Throws what the parser throws. */
function settingOf(option: Option, written: unknown, folder: string): unknown {
  // `--otlp [url]`: false leaves it out.
  if (option.optional && typeof written === 'boolean') return written || undefined;
  if (option.isBoolean() || option.negate) {
    if (typeof written !== 'boolean') throw new CommandError('it takes true or false.');
    return written;
  }
  const parts = takesSeveral(option) && Array.isArray(written) ? written : [written];
  if (parts.some(part => typeof part !== 'string' && typeof part !== 'number'))
    throw new CommandError(`it takes ${takesSeveral(option) ? 'texts' : 'a text or a number'}.`);
  if (isRepeatable(option)) return parts.map(part => option.parseOne(String(part)));
  const read = (part: string, before: unknown): unknown => {
    const text = isPath(option) ? resolve(folder, part) : part;
    return option.parseArg ? option.parseArg(text, before as never) : text;
  };
  if (!option.variadic) return read(String(written), undefined);
  return option.parseArg
    ? parts.reduce<unknown>((before, part) => read(String(part), before), undefined)
    : parts.map(part => read(String(part), undefined));
}

/** Sets the defaults of a command and of those below it. @param at where in the file: `serve.port` */
function apply(command: Command, settings: Settings, file: ConfigFile, at = ''): void {
  for (const [name, written] of Object.entries(settings)) {
    const key = at === '' ? name : `${at}.${name}`;
    const own = command.commands.find(other => other.name() === name);
    // `"follow": false` stands for --no-follow.
    const option = command.options.find(({ long }) => long === `--${name}` || long === `--no-${name}`);
    if (own !== undefined) {
      if (!isSettings(written)) throw new CommandError(`${file.path}: ${key} takes an object of options.`);
      apply(own, written, file, key);
    } else if (option === undefined) {
      const kind = command.commands.length > 0 ? 'command' : 'option';
      throw new CommandError(`${file.path}: ${key} is no ${kind} of ${command.name()}.`);
    } else
      try {
        const value = settingOf(option, written, dirname(file.path));
        // What the command line has of these is added to their value, and takes the place of a default.
        if (takesSeveral(option)) option.default(value);
        command.setOptionValueWithSource(option.attributeName(), value, 'config');
      } catch (error) {
        throw new CommandError(`${file.path}: ${key}: ${(error as Error).message}`);
      }
  }
}

/**
 * Takes what the file has for the commands of the program that are loaded; the others are placeholders without options.
 * @param isLoaded whether the command is there with its options
 */
export function applyConfig(
  program: Command,
  file: ConfigFile,
  isLoaded: (command: Command) => boolean,
): void {
  for (const [name, written] of Object.entries(file.settings)) {
    if (name === 'runs') continue;
    const command = program.name() === name ? program : program.commands.find(own => own.name() === name);
    if (command === undefined) {
      if (program.commands.length > 0)
        throw new CommandError(`${file.path}: ${name} is no command of esper, and not runs.`);
    } else if (!isSettings(written))
      throw new CommandError(`${file.path}: ${name} takes an object of options.`);
    else if (isLoaded(command)) apply(command, written, file, name);
  }
}
