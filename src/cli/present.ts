/** How a report or a comparison is handed over: as text on the terminal, as Markdown, JSON or HTML, to a file or not. */
import { type Command, Option } from 'commander';
import { terminalJson } from '../base/index.ts';
import type { Document } from '../report/index.ts';
import { hasColor } from '../sanctum/index.ts';
import { CommandError } from './command-error.ts';
import { say } from './say.ts';
import { writeOutput } from './write-output.ts';

const formats = ['terminal', 'markdown', 'json', 'html'] as const;
type Format = (typeof formats)[number];

export interface PresentOptions {
  format?: Format;
  out?: string;
  json?: boolean;
}

/** Width of text that is for no terminal. */
const COLUMNS = 100;

const byEnding: Record<string, Format> = {
  html: 'html',
  htm: 'html',
  md: 'markdown',
  json: 'json',
  txt: 'terminal',
};

function formatNamed(name: string): Format {
  const format = formats.find(known => known === name);
  if (format === undefined) throw new CommandError(`--format takes ${formats.join(', ')}, not "${name}".`);
  return format;
}

/** Adds the options that `present` understands. */
export const withPresentation = (command: Command, what: string): Command =>
  command
    .option(
      '--format <format>',
      `${formats.join(', ')} (default: terminal, or by the ending of --out)`,
      formatNamed,
    )
    .option('--out <file>', 'write there; "-" for standard output')
    .addOption(new Option('--json', `print ${what} as JSON: the same as --format json`));

function formatOf({ format, out, json }: PresentOptions): Format {
  if (json && format !== undefined && format !== 'json')
    throw new CommandError(
      `--json is --format json: leave one of them out, or take --format ${format} alone.`,
    );
  if (json) return 'json';
  if (format !== undefined) return format;
  const ending = /\.(\w+)$/.exec(out ?? '')?.[1]?.toLowerCase();
  if (ending === undefined) return 'terminal';
  if (Object.hasOwn(byEnding, ending)) return byEnding[ending]!;
  const print = ending === 'pdf' ? '; an HTML report prints well as PDF from any browser' : '';
  throw new CommandError(
    `--out takes a name that ends in ${Object.keys(byEnding)
      .map(known => `.${known}`)
      .join(', ')}, not .${ending}${print}. --format chooses whatever the name.`,
  );
}

/** Refuses options that contradict each other, before anything is read. */
export const checkPresentation = (options: PresentOptions): void => void formatOf(options);

/**
 * Writes to the file of --out, or prints. HTML goes to a file either way: `name`.html in the working folder, whose name
 * is printed.
 * @param value what --json prints, on one line
 */
export async function present(
  value: object,
  document: () => Document,
  options: PresentOptions,
  name: string,
): Promise<void> {
  const format = formatOf(options);
  // The id of a run in a folder of the folder is a path.
  const out = options.out ?? (format === 'html' ? `${name.replaceAll('/', '-')}.html` : '-');
  const isTerminal = out === '-' && process.stdout.isTTY === true;
  const { toHtml, toMarkdown, toTerminal } = await import('../report/index.ts');
  const texts: Record<Format, () => string> = {
    terminal: () =>
      toTerminal(document(), {
        width: isTerminal ? process.stdout.columns : COLUMNS,
        color: out === '-' && hasColor(process.env, isTerminal),
      }),
    markdown: () => toMarkdown(document()),
    json: () => `${terminalJson(value)}\n`,
    html: () => toHtml(document()),
  };
  const text = texts[format]();
  if (out === '-') {
    process.stdout.write(text);
    return;
  }
  writeOutput(out, text);
  say(out);
}
