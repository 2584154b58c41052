/** Completions for bash 4 and newer, without the package bash-completion. */
import type { CompletionCommand, Kind } from './completion-words.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const lines = (text: string, indent: string): string => text.replace(/^(?=.)/gm, indent);

const reply = (words: readonly string[]): string =>
  `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur"))`;

/** What fills COMPREPLY. */
function replies(kind: Kind): string {
  if (kind === 'run') return '_esper_runs';
  if (kind === 'file') return 'COMPREPLY=($(compgen -f -- "$cur"))';
  if (kind === 'folder') return 'COMPREPLY=($(compgen -d -- "$cur"))';
  if (kind === 'text') return 'COMPREPLY=()';
  return reply(kind.choices);
}

/** The part of a `case` for one command, and for those below it. */
function cases(command: CompletionCommand, path: string): string[] {
  const withValue = command.options.filter(({ value }) => value !== null);
  const values = withValue.map(
    ({ names, value }) => `  ${names.join('|')}) ${replies(value as Kind)}; return ;;`,
  );
  const words = [
    ...command.commands.map(({ name }) => name),
    ...command.options.flatMap(({ names }) => names),
  ];
  return [
    `${quoted(path)})`,
    ...(values.length === 0 ? [] : ['  case "$prev" in', ...values.map(line => lines(line, '  ')), '  esac']),
    // Where others stand below, or nothing is taken, words are all there is.
    ...(command.argument === null || command.commands.length > 0
      ? [`  ${reply(words)} ;;`]
      : [`  if [[ $cur == -* ]]; then ${reply(words)}; else ${replies(command.argument)}; fi ;;`]),
    ...command.commands.flatMap(own => cases(own, `${path} ${own.name}`)),
  ];
}

/** Paths of the commands that have others below them: behind these, the next word names one. */
const parents = (command: CompletionCommand, path: string): string[] =>
  command.commands.length === 0
    ? []
    : [path, ...command.commands.flatMap(own => parents(own, `${path} ${own.name}`))];

export function bashScript(esper: CompletionCommand): string {
  const sanctum = esper.commands.find(({ name }) => name === 'sanctum')!;
  return `# bash completion of esper, esper-telemetry and sanctum. Made by: esper completion bash
# shellcheck shell=bash disable=SC2207 # a word holds no space
_esper_runs() {
  local folder=\${ESPER_RUNS:-runs} path
  COMPREPLY=($(compgen -W latest -- "$cur"))
  # Those in folders of a user or a cluster, too.
  for path in "$folder"/"$cur"{*,*/*,*/*/*}/run.json; do
    [[ -e $path ]] || continue
    path=\${path%/run.json}
    COMPREPLY+=("\${path#"$folder"/}")
  done
}
_esper() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at=esper word i
  [[ \${COMP_WORDS[0]##*/} == sanctum ]] && at=sanctum
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # Behind -- stands a command of another program.
    [[ $word == -- ]] && { COMPREPLY=($(compgen -c -f -- "$cur")); return; }
    [[ $word == -* ]] && continue
    case "$at" in ${parents(esper, 'esper').map(quoted).join('|')}) at="$at $word" ;; esac
  done
  case "$at" in
${lines([...cases(esper, 'esper'), ...cases(sanctum, 'sanctum')].join('\n'), '    ')}
  esac
}
complete -o filenames -F _esper esper esper-telemetry sanctum
`;
}
