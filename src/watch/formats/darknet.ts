/** Darknet: `100: 3.451200, 3.561200 avg loss, 0.001000 rate, 2.120000 seconds, 6400 images, 1.230000 hours left`. */
import { reportFormat } from '../report-format.ts';

const LINE =
  /^\s{0,4}(\d{1,12})(?:, [\d.]{1,12})?: (-?[\d.]{1,24}|-?nan|inf), (-?[\d.]{1,24}|-?nan|inf) avg(?: loss)?, ([\d.]{1,24}) rate, ([\d.]{1,24}) seconds, \d{1,15} images/;

export const darknet = reportFormat({
  name: 'darknet',
  about: 'Darknet (YOLO): loss of an iteration',
  marks: [' rate, '],
  names: { seconds: { step: 'stepMs', power: 3 } },
  kind: 'step',
  head({ text }) {
    const line = LINE.exec(text);
    if (line === null) return null;
    const [, number, loss, mean, lr, seconds] = line;
    const pairs = Object.entries({ loss, 'avg loss': mean, lr, seconds }).map(([key, value]) => ({
      key,
      value: value!.replace('-nan', 'nan'),
    }));
    return { number: Number(number), pairs };
  },
});
