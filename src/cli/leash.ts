/**
 * Ends a process with the one that started it, however that one died (kill -9 runs no handler): the starter
 * holds one end of a pipe and never writes, the other process sees the pipe's end.
 */
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';

/** Where the pipe is in the process that is held: the entry after stdin, stdout and stderr. */
const FD = 3;
const VARIABLE = 'ESPER_LEASH';

/** The environment of a process that is held; its `stdio` must have a 'pipe' as its fourth entry. */
export const leashedEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ ...env, [VARIABLE]: String(FD) });

/** The environment of one that is not, whatever holds this process. */
export const freeEnv = ({ [VARIABLE]: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => env;

/** In the starter: keeps the pipe open for as long as this process lives, and does not keep this process for it. */
export function holdLeash(child: ChildProcess): void {
  const pipe = child.stdio[FD] as Socket | null | undefined;
  pipe?.on('error', () => {});
  pipe?.unref();
}

export const STARTER_GONE = 'the process that started it is gone';

/** In the process that is held: calls `act` once, when the starter is gone. Nothing where nobody holds it. */
export function onStarterGone(act: () => void): void {
  if (process.env[VARIABLE] !== String(FD)) return;
  delete process.env[VARIABLE];
  let acted = false;
  const gone = () => {
    if (!acted) act();
    acted = true;
  };
  try {
    new Socket({ fd: FD, readable: true, writable: false })
      .on('error', gone)
      .on('close', gone)
      .resume()
      .unref();
  } catch {
    // No pipe there: somebody set the variable by hand.
  }
}
