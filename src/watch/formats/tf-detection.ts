/**
 * TensorFlow's Object Detection API: `INFO:tensorflow:Step 100 per-step time 0.511s`, then a dictionary over several lines, `{'Loss/total_loss': 0.66,`, ` 'learning_rate': 0.0319}`; older ones
 * have the loss behind the time.
 */
import { reportFormat } from '../report-format.ts';

const HEAD = /\bStep (\d{1,12}) per-step time ([\d.]{1,16})s(?: loss=([-\d.e]{1,24}|nan))?\s*$/;
const ROW = /^(?:.{0,120}\{| )'([\w/]{1,80})': ([-+\d.e]{1,40}|nan|inf)[,}]\s*$/;

export const tfDetection = reportFormat({
  name: 'tf-detection',
  about: 'TensorFlow’s Object Detection API: losses of a step',
  marks: [' per-step time '],
  names: {
    'Loss/total_loss': { step: 'loss' },
    'per-step time': { step: 'stepMs', power: 3 },
  },
  kind: 'step',
  head({ text }) {
    const [, number, time, loss] = HEAD.exec(text) ?? [];
    if (number === undefined) return null;
    const pairs = [{ key: 'per-step time', value: time! }];
    if (loss !== undefined) pairs.push({ key: 'loss', value: loss });
    return { number: Number(number), pairs };
  },
  row({ text }) {
    const row = ROW.exec(text);
    return row === null ? null : [{ key: row[1]!, value: row[2]! }];
  },
});
