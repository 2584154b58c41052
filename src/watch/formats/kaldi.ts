/**
 * Kaldi's nnet3 and chain: `Average objective function for 'output' for minibatches 100-199 is -0.416 over 128000 frames.`, one line an output; the device that it chose. A log is of one job of one
 * iteration of the training: what it is as a whole stands in its last lines.
 */
import type { Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { bytesOf, printedFigure } from '../printed.ts';
import { reportFormat } from '../report-format.ts';

const VALUE = String.raw`(-?[\d.e+-]{1,24}|-?nan|-?inf)(?: \+ \S{1,24} = (-?[\d.e+-]{1,24}))?`;
const PHASE = new RegExp(
  `\\bAverage objective function for '([^']{1,80})' for minibatches \\d{1,12}-(\\d{1,12}) is ${VALUE} over `,
);
const OVERALL = new RegExp(`\\bOverall average objective function for '([^']{1,80})' is ${VALUE} over `);
const DEVICE = /The active GPU is \[(\d{1,3})\]: .{1,100}?\sfree:(\d{1,9})M, used:\d{1,9}M, total:(\d{1,9})M/;

export const kaldi = reportFormat({
  name: 'kaldi',
  about: 'Kaldi: objective functions of minibatches',
  marks: ['average objective function', 'the active gpu is'],
  names: {},
  kind: 'step',
  head({ text }) {
    const phase = PHASE.exec(text);
    if (phase === null) return null;
    const [, name, last, value, sum] = phase;
    return { number: Number(last) + 1, pairs: [{ key: `objective/${name}`, value: sum ?? value! }] };
  },
  other({ text }: LogLine, out: Outlet) {
    const overall = OVERALL.exec(text);
    const figure = overall === null ? null : printedFigure(overall[3] ?? overall[2]!);
    if (figure !== null) {
      out.figures({ batch: null, figures: { [`objective/${overall![1]} overall`]: figure.value } });
      return true;
    }
    const device = DEVICE.exec(text);
    if (device === null) return false;
    const [free, total] = [device[2]!, device[3]!].map(text => bytesOf(printedFigure(`${text}M`)!, 'MiB')!);
    out.memory({
      phase: 'start',
      memory: [
        {
          device: `cuda:${Number(device[1])}`,
          deviceTotalBytes: total!.bytes,
          deviceFreeBytes: free!.bytes,
          resolutionBytes: 2 ** 20,
        },
      ],
    });
    return true;
  },
});
