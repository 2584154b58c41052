/** How every binary starts: one sentence for an error, a non-zero exit, and a closed pipe is no error. */
import type { Command } from 'commander';
import { applyConfig, readConfig, runsOf } from './config-file.ts';
import { runnable, runnableHelp } from './invocation.ts';
import { watchOutput } from './output.ts';
import { sayError } from './say.ts';

/** Names of errors that no user can cause: a fault of Esper, reported as one. */
const faults = new Set(['TypeError', 'ReferenceError', 'SyntaxError', 'AssertionError']);

/** Examples of every command's help can be pasted where they are read. */
function withRunnableHelp(command: Command): void {
  command.configureOutput({ writeOut: text => process.stdout.write(runnableHelp(text)) });
  for (const own of command.commands) withRunnableHelp(own);
}

/** Takes the defaults of the configuration file. The folder of runs goes to the environment, which whatever is started here reads. */
function configure(program: Command): void {
  const file = readConfig(process.env, process.cwd());
  if (file === null) return;
  const runs = runsOf(file);
  if (runs !== null && !process.env.ESPER_RUNS) process.env.ESPER_RUNS = runs;
  applyConfig(program, file, ({ options, commands }) => options.length + commands.length > 0);
}

export async function main(program: Command): Promise<void> {
  watchOutput();
  withRunnableHelp(program);
  try {
    configure(program);
    await program.parseAsync();
  } catch (error) {
    const { name, message, stack, exitCode } = error as Error & { exitCode?: number };
    if (process.env.ESPER_DEBUG) console.error(stack);
    else
      sayError(
        `esper: ${runnable(message)}${faults.has(name) ? ' (a fault of Esper; ESPER_DEBUG=1 shows where)' : ''}`,
      );
    process.exitCode = exitCode ?? 1;
  }
}
