/**
 * Nerfstudio: under `Step (% Done)       Train Iter (time)    ETA (time) …` a row a report, `3710 (1.24%)        30.652 ms            2 h, 31 m, 21 s
 * 1.05 K`. It is drawn again and again on a terminal. Rays per second are shortened, losses go to TensorBoard.
 */
import { reportFormat } from '../report-format.ts';

const ROW = /^(\d{1,12}) \((\d{1,3}\.\d\d)%\) {2,20}(\d{1,9}\.\d{1,6}) (ms|s|m)\b/;

export const nerfstudio = reportFormat({
  name: 'nerfstudio',
  about: 'Nerfstudio: rows of steps and their times',
  marks: ['%)  '],
  names: { 'Train Iter': { step: 'stepMs', power: 3 } },
  kind: 'step',
  head({ text }) {
    const row = ROW.exec(text);
    if (row === null) return null;
    const [, step, , time, unit] = row;
    // A step of minutes has its seconds behind a comma.
    const pairs = unit === 'm' ? [] : [{ key: 'Train Iter', value: `${time}${unit}` }];
    return { number: Number(step), pairs };
  },
});
