/** Completions for zsh, by its own `_arguments`. */
import type { CompletionCommand, CompletionOption, Kind } from './completion-words.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** A text within a specification of `_arguments`. */
const within = (text: string): string => text.replaceAll('\n', ' ').replace(/[[\]:\\]/g, '\\$&');

function action(kind: Kind): string {
  if (kind === 'run') return '_esper_runs';
  if (kind === 'file') return '_files';
  if (kind === 'folder') return '_files -/';
  return kind === 'text' ? ' ' : `(${kind.choices.join(' ')})`;
}

const optionSpecs = ({ names, summary, value }: CompletionOption): string[] =>
  names.map(name =>
    quoted(
      `${name}[${within(summary)}]${value === null ? '' : `:${name.slice(2) || 'value'}:${action(value)}`}`,
    ),
  );

/** Not `_esper`, which is this file as a whole: it is run for each completion. */
const functionName = (path: readonly string[]): string => `__${path.join('__').replaceAll('-', '_')}`;

function functions(command: CompletionCommand, path: readonly string[]): string[] {
  const specs = command.options.flatMap(optionSpecs);
  if (command.commands.length === 0) {
    const argument =
      command.argument === null ? [] : [quoted(`*:${command.name}:${action(command.argument)}`)];
    return [`${functionName(path)}() {`, `  _arguments ${[...specs, ...argument].join(' ')}`, '}'];
  }
  return [
    `${functionName(path)}() {`,
    '  local -a commands',
    `  commands=(${command.commands.map(({ name, summary }) => quoted(`${name}:${summary.replaceAll(':', '\\:')}`)).join(' ')})`,
    '  if (( CURRENT == 2 )); then',
    `    if [[ $words[CURRENT] == -* ]]; then _arguments ${specs.join(' ')}; else _describe command commands; fi`,
    '    return',
    '  fi',
    '  local name=$words[2]',
    '  shift words; (( CURRENT-- ))',
    '  case $name in',
    ...command.commands.map(({ name }) => `    ${name}) ${functionName([...path, name])} ;;`),
    '  esac',
    '}',
    ...command.commands.flatMap(own => functions(own, [...path, own.name])),
  ];
}

export const zshScript = (esper: CompletionCommand): string =>
  `#compdef esper esper-telemetry sanctum
# zsh completion of esper, esper-telemetry and sanctum. Made by: esper completion zsh
_esper_runs() {
  local folder=\${ESPER_RUNS:-runs}
  local -a runs
  # Those in folders of a user or a cluster, too.
  runs=($folder/{*,*/*,*/*/*}/run.json(N:h))
  compadd -- latest \${runs#$folder/}
}
${functions(esper, ['esper']).join('\n')}
if [[ $service == sanctum ]]; then __esper__sanctum; else __esper; fi
`;
