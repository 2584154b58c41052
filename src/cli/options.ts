/** Options and arguments that several commands share. */
import { Argument, Option } from 'commander';
import { CommandError } from './command-error.ts';

/** `--runs DIR`: the folder of all runs, default `$ESPER_RUNS` or `./runs`. */
export const runsOption = () =>
  new Option('--runs <dir>', 'folder of all runs').env('ESPER_RUNS').default('runs');

/** RUN: an id, the start of one, a name, a path, or `latest`. */
export const runArgument = () =>
  new Argument('[run]', 'id, start of an id, name, path, or "latest"').default('latest');

export const jsonOption = (what: string) => new Option('--json', `print ${what} as JSON`);

/** An option that may be given several times: a list of what was given, undefined without one. In the configuration file it is a text or a list of them. */
export class RepeatableOption<T = string> extends Option {
  /** Reads one of them. */
  readonly parseOne: (text: string) => T;

  constructor(flags: string, description: string, parseOne: (text: string) => T = text => text as T) {
    super(flags, `${description}; may be given several times`);
    this.parseOne = parseOne;
    // What a configuration file has is a default: the first on the command line takes its place.
    this.argParser<T[]>((text, before) =>
      before === undefined || (before as unknown) === this.defaultValue
        ? [parseOne(text)]
        : [...before, parseOne(text)],
    );
  }
}

/** Parser of an option that takes a whole number from `least` up. */
export const integer =
  (option: string, least = 1) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least)
      throw new CommandError(`${option} takes a whole number from ${least} up, not "${text}".`);
    return value;
  };

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Parser of an option that takes bytes with their unit. */
export const sizeOption =
  (option: string) =>
  (text: string): number => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]iB|B)$/.exec(text.trim()) ?? [];
    if (number === undefined || Number(number) <= 0)
      throw new CommandError(`${option} takes a size with its unit, as 64MiB or 10GiB, not "${text}".`);
    return Math.round(Number(number) * UNITS[unit!]!);
  };

const TIMES: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 24 * 3_600_000 };

/** Parser of an option that takes a time with its unit; milliseconds. */
export const timeOption =
  (option: string) =>
  (text: string): number => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(text.trim()) ?? [];
    if (number === undefined || Number(number) <= 0)
      throw new CommandError(`${option} takes a time with its unit, as 30m, 12h or 7d, not "${text}".`);
    return Math.round(Number(number) * TIMES[unit!]!);
  };
