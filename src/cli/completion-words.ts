/** What can be typed where, from commander's own tree: the one source of every shell's completions and of the manual page. */
import type { Command, Option } from 'commander';

/** What an option's value or an argument is. */
export type Kind = 'run' | 'file' | 'folder' | 'text' | { choices: readonly string[] };

export interface CompletionOption {
  /** `--width`, and `-w` where there is one. */
  names: string[];
  summary: string;
  /** null: a flag. */
  value: Kind | null;
}

export interface CompletionCommand {
  name: string;
  summary: string;
  options: CompletionOption[];
  /** What its arguments are; null where it takes none. */
  argument: Kind | null;
  commands: CompletionCommand[];
}

const kindOf = (option: Option): Kind | null => {
  if (option.isBoolean() || option.negate) return null;
  if (option.argChoices !== undefined) return { choices: option.argChoices };
  if (/[<[](dir|folder)/.test(option.flags)) return 'folder';
  if (/[<[](file|path)/.test(option.flags)) return 'file';
  return /[<[]run\b/.test(option.flags) ? 'run' : 'text';
};

const optionOf = (option: Option): CompletionOption => ({
  names: [option.long, option.short].filter(name => name !== undefined && name !== null) as string[],
  summary: option.description,
  value: kindOf(option),
});

const RUNS = /^(run|runs|ref|refs|a|b|before|after)$/;

export function wordsOf(command: Command): CompletionCommand {
  const argument = command.registeredArguments[0];
  const kind = (): Kind | null => {
    if (argument === undefined) return null;
    if (argument.argChoices !== undefined) return { choices: argument.argChoices };
    return RUNS.test(argument.name()) ? 'run' : 'file';
  };
  const help = { names: ['--help', '-h'], summary: 'display help for command', value: null };
  return {
    name: command.name(),
    summary: command.summary() || (command.description().split(/(?<=\.)\s/)[0] ?? ''),
    options: [...command.options.filter(({ hidden }) => !hidden).map(optionOf), help],
    argument: kind(),
    commands: command.commands.map(wordsOf),
  };
}
