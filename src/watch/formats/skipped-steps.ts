/** Steps that a loss scaler has skipped, as DeepSpeed, Apex and fairseq print each and Megatron-LM counts them: how many there were, and the scale that is left. */
import {
  overflowWords,
  SKIPPED,
  SKIPPED_SCALE,
  skippedIn,
  skippedSince,
  skippedSoFar,
} from '../../texts/index.ts';
import type { LineParser, LogFormat } from '../format.ts';

export const skippedSteps: LogFormat = {
  name: 'skipped-steps',
  about: 'steps of float16 that were skipped for an overflow, beside any other log',
  marks: overflowWords,
  claim: 'beside',
  open: (): LineParser => {
    let skipped = 0;
    /** Of Megatron-LM’s newest report: another process may print it again. */
    let iteration = -1;
    return {
      read(line, out) {
        const soFar = skippedSoFar(line.text);
        if (soFar !== null && soFar > skipped) {
          skipped = soFar;
          out.figures({ figures: { [SKIPPED]: skipped } });
        }
        const since = skippedSince(line.text);
        if (since !== null && since.iteration > iteration) {
          iteration = since.iteration;
          skipped += since.skipped;
          if (since.skipped > 0) out.figures({ batch: iteration, figures: { [SKIPPED]: skipped } });
        }
        // The rest of such a line is its trainer's own format's.
        if (soFar !== null || since !== null) return false;
        const found = skippedIn(line.text);
        if (found === null) return false;
        const scale = found.scale === null ? {} : { [SKIPPED_SCALE]: found.scale };
        out.figures({ figures: { [SKIPPED]: ++skipped, ...scale } });
        return true;
      },
    };
  },
};
