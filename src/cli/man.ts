/** `esper man`: the manual page, in roff, from what each command's help has. */
import { Argument, Command } from 'commander';
import { VERSION } from './version.ts';

/** Text in roff: no line begins with a control character, hyphens and backslashes stand for themselves. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '...')
    .replaceAll('→', '->')
    .replaceAll('–', '\\(en')
    .replace(/^([.'])/gm, '\\&$1');

const term = (head: string, text: string): string => `.TP\n\\fB${roff(head)}\\fR\n${roff(text.trim())}`;

const ENVIRONMENT: [string, string][] = [
  ['ESPER_RUNS', 'folder of all runs, where --runs is not given; runs by default'],
  ['ESPER_LINES', 'set: clients record which lines hold the memory, as --lines of esper run does'],
  ['ESPER_RUN_ID', 'id of the run that clients write, so that the processes of a job share one'],
  ['ESPER_CONFIG', 'the configuration file; off for none'],
  ['ESPER_WEBHOOK_SECRET', 'signs the requests of esper alerts --webhook'],
  ['ESPER_DEBUG', 'prints the stack of an error'],
  ['NO_COLOR', 'no colours'],
];

const FILES: [string, string][] = [
  ['esper.config.json', 'defaults of options; see esper config --help'],
  ['runs/ID/run.json', 'what a run is'],
  ['runs/ID/events-RANK.jsonl', 'what happened in it, one event a line'],
];

function section(command: Command): string[] {
  const usage = command.createHelp().commandUsage(command);
  const own = [
    `.SS ${roff(usage)}`,
    ...(command.description() === '' ? [] : [roff(command.description())]),
    ...command.registeredArguments
      .filter(({ description }) => description !== '')
      .map(argument => term(argument.name(), command.createHelp().argumentDescription(argument))),
    ...command.options
      .filter(({ hidden }) => !hidden)
      .map(option => term(option.flags, command.createHelp().optionDescription(option))),
  ];
  return [...own, ...command.commands.flatMap(below => section(below))];
}

const page = (name: string, summary: string, body: string[]): string =>
  `${[
    `.TH ${name.toUpperCase()} 1 "" "esper ${VERSION}" "Esper"`,
    '.SH NAME',
    `${name} \\- ${roff(summary)}`,
    ...body,
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.map(([head, text]) => term(head, text)),
    '.SH FILES',
    ...FILES.map(([head, text]) => term(head, text)),
  ].join('\n')}\n`;

export function manualPage(program: Command): string {
  return page('esper', 'telemetry of GPU memory for training runs', [
    '.SH SYNOPSIS',
    '\\fBesper\\fR \\fIcommand\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]',
    '.SH DESCRIPTION',
    roff(program.description()),
    '.PP',
    roff('RUN is an id, the start of one, a name, a path, or latest.'),
    '.SH COMMANDS',
    ...program.commands.flatMap(command => section(command)),
  ]);
}

const sanctumPage = (sanctum: Command): string =>
  page('sanctum', 'the dashboard of a training run in the terminal', [
    '.SH SYNOPSIS',
    '\\fBsanctum\\fR [\\fIoptions\\fR] [\\fIrun\\fR]',
    '.SH DESCRIPTION',
    ...section(sanctum).slice(1),
  ]);

/** @param all the program with every command */
export const manCommand = (all: () => Promise<Command>) =>
  new Command('man')
    .description(
      'Prints the manual page, made of the help of every command. An installation of the package has it: man esper. Without one: esper man | man -l -',
    )
    .addArgument(new Argument('[page]', 'which').choices(['esper', 'sanctum']).default('esper'))
    .addHelpText('after', '\nExample:\n  esper man | man -l -')
    .action(async (which: string) => {
      const program = await all();
      const sanctum = program.commands.find(command => command.name() === 'sanctum')!;
      process.stdout.write(which === 'sanctum' ? sanctumPage(sanctum) : manualPage(program));
    });
