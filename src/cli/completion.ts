/** `esper completion SHELL`: a script of completions, generated from commander's tree. Runs are listed by the shell itself, without Node. */
import { Argument, Command } from 'commander';
import { bashScript } from './completion-bash.ts';
import { fishScript } from './completion-fish.ts';
import { type CompletionCommand, wordsOf } from './completion-words.ts';
import { zshScript } from './completion-zsh.ts';

const scripts: Record<string, (esper: CompletionCommand) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** @param all the program with every command */
export const completionCommand = (all: () => Promise<Command>) =>
  new Command('completion')
    .description(
      'Prints completions of commands, options, their choices and runs for a shell.\n' +
        'bash: source <(esper completion bash) in ~/.bashrc, or a file in /etc/bash_completion.d.\n' +
        'zsh: a file _esper in a folder of $fpath, before compinit.\n' +
        'fish: ~/.config/fish/completions/esper.fish, and sanctum.fish and esper-telemetry.fish with the same content.',
    )
    .addArgument(new Argument('<shell>', 'of which').choices(Object.keys(scripts)))
    .addHelpText('after', '\nExample:\n  esper completion bash')
    .action(async (shell: string) => {
      process.stdout.write(scripts[shell]!(wordsOf(await all())));
    });
