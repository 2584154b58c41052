/**
 * Coqui's trainer (TTS) and Mozilla's before it: `--> STEP: 49/377 -- GLOBAL_STEP: 370050`, then ` | > loss: 2.40120  (2.51074)`, with the epoch's mean
 * behind it; of later versions with the time in front: `--> TIME: 2026-01-01 10:00:00 -- STEP: …`. Models of several losses number them, `loss_0`, `loss_1`: none of them is the training's, and all stay under `extra`.
 */
import { pairIn } from '../key-values.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /--> (?:TIME: [\d: -]{19} -- )?(?:TRAIN )?STEP: \d{1,9}\/\d{1,9} -- GLOBAL_STEP: (\d{1,12})\b/;
const ROW = /^\s{0,20}\| > (\S{1,80}: {1,4}\S{1,40})/;
/** It prints 0.0 where gradients are not clipped, and where their norm is no number. */
const UNMEASURED = /^grad_norm(?:_\d{1,2})?: {1,4}0(?:\.0{0,9})?$/;
/** What comes after a step's figures, an evaluation's among it. */
const END = /^\s{0,20}(?:--> |> (?:EVALUATION|EPOCH|TRAINING))/;

export const coqui = reportFormat({
  name: 'coqui',
  about: 'Coqui TTS and its trainer: blocks of a step',
  marks: ['-- global_step: '],
  names: {
    avg_loss: { step: 'loss' },
    current_lr: { step: 'learningRate' },
    current_lr_0: { step: 'learningRate' },
    step_time: { step: 'stepMs', power: 3 },
  },
  kind: 'step',
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), pairs: [] };
  },
  row({ text }) {
    const row = ROW.exec(text)?.[1];
    if (row === undefined) return END.test(text) ? 'end' : null;
    const pair = pairIn(row);
    if (pair === null) return null;
    return UNMEASURED.test(row) ? [] : [pair];
  },
});
