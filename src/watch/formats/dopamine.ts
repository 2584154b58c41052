/** Dopamine: `Starting iteration 3`, then a line of each phase. Its evaluation's return is none of the training's. */
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /\brun_experiment\.py:\d{1,6}\] Starting iteration (\d{1,9})\s*$/;
const ROW =
  /\] (Average undiscounted return per (?:training|evaluation) episode|Average training steps per second): (-?[\d.]{1,20})\s*$/;

export const dopamine = reportFormat({
  name: 'dopamine',
  about: 'Dopamine: an iteration',
  marks: ['run_experiment.py'],
  names: {
    'Average undiscounted return per training episode': update('rollout.episodicReturn'),
    'Average training steps per second': { step: 'samplesPerSecond' },
  },
  kind: 'step',
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), pairs: [] };
  },
  row({ text }) {
    const row = ROW.exec(text);
    return row === null ? null : [{ key: row[1]!, value: row[2]! }];
  },
});
