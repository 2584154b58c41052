/**
 * vLLM's line as an engine goes to sleep beside a trainer, `Sleep mode freed 43.82 GiB memory, 4.11 GiB memory is still in use.`: the
 * whole device's use, whose total it does not have. It is a figure of its own, of each worker that prints it.
 */
import { ASLEEP, FREED, sleepIn } from '../../texts/index.ts';
import type { LineParser, LogFormat } from '../format.ts';
import { workerOf } from '../log-line.ts';

export const engineSleep: LogFormat = {
  name: 'engine-sleep',
  about: 'what vLLM leaves in use while it sleeps, beside any other log',
  marks: ['sleep mode freed '],
  claim: 'beside',
  open: (): LineParser => ({
    read(line, out) {
      const slept = sleepIn(line.text);
      if (slept === null) return false;
      const worker = workerOf(line);
      const named = (name: string) => (worker === null ? name : `${name} ${worker}`);
      // Each sleep frees something else; one that frees nothing is none.
      const freed = slept.freedGib === 0 ? { [named(FREED)]: 0 } : {};
      out.figures({ figures: { [named(ASLEEP)]: slept.restGib, ...freed } });
      // The words are of an error that follows, too.
      return false;
    },
  }),
};
