/** `esper rehearse -- COMMAND`: does it fit? The Python client answers (`esper_telemetry/rehearse`); this starts it. */
import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { pythonOf, withPythonPath } from '../doctor/index.ts';
import { CommandError } from './command-error.ts';

const HANDED_ON_MS = 1000;

/**
 * The Python that asks: the one of the command where it names one, so that its PyTorch is found; else Esper's.
 */
export function pythonFor(args: readonly string[]): string {
  const command = args[args.indexOf('--') + 1];
  const named =
    args.includes('--') && command !== undefined && /(?:^|[\\/])python[\d.]*(?:\.exe)?$/.test(command);
  return named ? command : pythonOf(process.env);
}

export const rehearseCommand = () =>
  new Command('rehearse')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .argument('[arguments...]')
    .action(async () => {
      // As they were typed: the `--` before the command counts.
      const args = process.argv.slice(process.argv.indexOf('rehearse') + 1);
      process.exitCode = await rehearse(args);
    });

/** The command by which a rehearsal has the verdict on its run; the run's folder comes last. */
const reporter = () => [process.execPath, ...process.execArgv, process.argv[1], 'report', '--json'];

function rehearse(args: string[]): Promise<number> {
  const python = pythonFor(args);
  const child = spawn(python, ['-m', 'esper_telemetry', 'rehearse', ...args], {
    stdio: 'inherit',
    env: { ...withPythonPath(process.env), ESPER_REPORTER: JSON.stringify(reporter()) },
  });
  // It ends what it started. A terminal's Ctrl-C reaches it by itself; one that reached this process alone is handed on.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => setTimeout(() => child.kill('SIGTERM'), HANDED_ON_MS).unref());
  return new Promise((resolve, reject) => {
    child.once('error', () =>
      reject(
        new CommandError(`A rehearsal needs ${python}, which is not there (ESPER_PYTHON names another).`),
      ),
    );
    child.once('exit', code => resolve(code ?? 1));
  });
}

/**
 * Rehearses a command without a card in mind, and quietly. Returns the folder of its run. Throws a CommandError where there is
 * none, with the rehearsal's own last words.
 */
export async function rehearsedRun(
  command: readonly string[],
  { runs, name }: { runs: string; name?: string | undefined },
): Promise<string> {
  const options = ['--json', '--runs', runs, ...(name === undefined ? [] : ['--name', name])];
  const args = [...options, '--', ...command];
  const child = spawn(pythonFor(args), ['-m', 'esper_telemetry', 'rehearse', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: withPythonPath(process.env),
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await new Promise((resolve, reject) => {
    child.once('error', () =>
      reject(
        new CommandError(
          `A rehearsal needs ${pythonFor(args)}, which is not there (ESPER_PYTHON names another).`,
        ),
      ),
    );
    child.once('close', resolve);
  });
  let answer: { run?: unknown; problem?: unknown } = {};
  try {
    answer = JSON.parse(output);
  } catch {
    // It gave its reason on the error output.
  }
  if (typeof answer.run !== 'string')
    throw new CommandError(
      `The rehearsal recorded no run${typeof answer.problem === 'string' ? `: ${answer.problem}` : ''}: nothing was checked.`,
    );
  return answer.run;
}
