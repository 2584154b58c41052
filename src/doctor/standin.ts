/** Whether the stand-in device can be had here: it needs a C compiler and a CUDA build of PyTorch. Nothing is compiled. */
import { type DoctorFinding, note, ok } from './finding.ts';
import { pythonOf, withPythonPath } from './python.ts';
import { runProgram } from './run-program.ts';

const TIMEOUT_MS = 60_000;

export async function standinFindings(env: NodeJS.ProcessEnv): Promise<DoctorFinding[]> {
  const python = pythonOf(env);
  const { output, problem } = await runProgram(
    python,
    ['-m', 'esper_telemetry.standin', '--check'],
    TIMEOUT_MS,
    withPythonPath(env),
  );
  if (output === null) return []; // no Python: found already
  if (problem === null) return [ok('standin', output.trim())];
  const [reason = problem, next] = problem
    .replace(/^.*esper_telemetry\.standin: /, '')
    .split(/: (?=install|pip install)/);
  return [
    note(
      'standin.none',
      `The stand-in device (a CUDA device without a GPU) cannot be had of ${python}: ${reason.replace(/\.$/, '')}.`,
      next === undefined
        ? 'docs/no-gpu.md names what it needs.'
        : next.replace(/^install/, 'Install').replace(/^pip/, 'Run pip'),
    ),
  ];
}
