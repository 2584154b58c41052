/** How every binary starts: one sentence for an error, a non-zero exit, and a closed pipe is no error. */
import type { Command } from 'commander';
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

export async function main(program: Command): Promise<void> {
  watchOutput();
  withRunnableHelp(program);
  try {
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
