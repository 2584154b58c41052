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

/** Parser of an option that takes a whole number from `least` up. */
export const integer =
  (option: string, least = 1) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least)
      throw new CommandError(`${option} takes a whole number from ${least} up, not "${text}".`);
    return value;
  };
