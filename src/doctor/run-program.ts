/** Other programs, asked and waited for a while. */
import { execFile } from 'node:child_process';

export interface ProgramOutput {
  /** null where the program is not there. */
  output: string | null;
  /** Why there is no whole answer; null where there is one. */
  problem: string | null;
}

/** Runs a program without a shell. Never throws. */
export function runProgram(
  program: string,
  args: string[],
  timeoutMs: number,
  env: NodeJS.ProcessEnv,
): Promise<ProgramOutput> {
  return new Promise(resolve => {
    execFile(
      program,
      args,
      { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 20, env },
      (error, stdout, stderr) => {
        const problem = `${stderr}\n${stdout}`.trim().split('\n').at(-1) || error?.message || '';
        if (error === null) resolve({ output: stdout, problem: null });
        else if (error.code === 'ENOENT') resolve({ output: null, problem: `${program} is not installed` });
        else if (error.killed) resolve({ output: stdout, problem: `no answer in ${timeoutMs / 1000} s` });
        else resolve({ output: stdout, problem });
      },
    );
  });
}
