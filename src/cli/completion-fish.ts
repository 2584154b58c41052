/** Completions for fish 3 and newer. */
import type { CompletionCommand, CompletionOption, Kind } from './completion-words.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function action(kind: Kind): string {
  if (kind === 'run') return "-xa '(__esper_runs)'";
  if (kind === 'file') return '-rF';
  if (kind === 'folder') return "-xa '(__fish_complete_directories)'";
  return kind === 'text' ? '-x' : `-xa ${quoted(kind.choices.join(' '))}`;
}

const optionLine = (on: string, { names, summary, value }: CompletionOption): string =>
  `complete ${on} ${names.map(name => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')} -d ${quoted(summary)}${value === null ? '' : ` ${action(value)}`}`;

function completions(program: string, command: CompletionCommand, path: readonly string[]): string[] {
  const on = `-c ${program} -n ${quoted(`__esper_at ${path.join(' ')}`.trim())}`;
  return [
    ...command.options.map(option => optionLine(on, option)),
    ...(command.argument === null ? [] : [`complete ${on} ${action(command.argument).replace('-rF', '-F')}`]),
    ...command.commands.map(
      ({ name, summary }) => `complete ${on} -xa ${quoted(name)} -d ${quoted(summary)}`,
    ),
    ...command.commands.flatMap(own => completions(program, own, [...path, own.name])),
  ];
}

export function fishScript(esper: CompletionCommand): string {
  const sanctum = esper.commands.find(({ name }) => name === 'sanctum')!;
  return `# fish completion of esper, esper-telemetry and sanctum. Made by: esper completion fish
function __esper_runs
    set -l folder runs
    test -n "$ESPER_RUNS"; and set folder $ESPER_RUNS
    echo latest
    # Those in folders of a user or a cluster, too.
    for path in $folder/*/run.json $folder/*/*/run.json $folder/*/*/*/run.json
        string replace -- $folder/ '' (dirname $path)
    end
end
# Whether the words before the cursor name exactly these commands, and the next word is theirs.
function __esper_at
    set -l words
    for word in (commandline -opc)[2..]
        string match -q -- '-*' $word; or set -a words $word
    end
    set -l wanted (count $argv)
    for i in (seq $wanted)
        test "$words[$i]" = "$argv[$i]"; or return 1
    end
    # A command with others below it wants the next of them; a leaf takes its arguments.
    contains -- "$argv" ${parentsOf(esper, '').map(quoted).join(' ')}; or return 0
    test (count $words) -eq $wanted
end
complete -c esper -f
complete -c esper-telemetry -w esper
complete -c sanctum -f
${[...completions('esper', esper, []), ...completions('sanctum', { ...sanctum, commands: [] }, [])].join('\n')}
`;
}

/** The words that lead to each command with others below it; the program itself is no word. */
const parentsOf = (command: CompletionCommand, path: string): string[] =>
  command.commands.length === 0
    ? []
    : [path, ...command.commands.flatMap(own => parentsOf(own, `${path} ${own.name}`.trim()))];
