/** Where standard output goes may close, fill up or vanish with its terminal: no command crashes for it. */
import { sayError } from './say.ts';

type Act = (error: NodeJS.ErrnoException) => void;
let act: Act | null = null;

/** Nobody reads any more: the reader of the pipe has gone, or the terminal. */
export const isClosed = ({ code }: NodeJS.ErrnoException): boolean => code === 'EPIPE' || code === 'EIO';

/** Once, at the start. A closed pipe is no error, and a command without work of its own ends there. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (act !== null) act(error);
    else if (isClosed(error)) process.exit(process.exitCode ?? 0);
    else {
      sayError(`esper: The output cannot be written: ${error.message}`);
      process.exit(1);
    }
  });
  process.stderr.on('error', () => {});
}

/** For a command whose work goes on without its output: what happens instead of the exit. Returns its end. */
export function onOutputFailed(instead: Act): () => void {
  act = instead;
  return () => {
    act = null;
  };
}
