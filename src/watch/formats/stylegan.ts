/**
 * StyleGAN, EDM and their descendants: `tick 12   kimg 48.0   time 12m 30s   sec/tick 60.5   sec/kimg 15.12   maintenance 0.2   cpumem 5.3   gpumem 9.1
 * reserved 10.2   augment 0.020`: a tick, and what its memory was at most since the one before, in GiB.
 */
import type { Pair } from '../key-values.ts';
import { peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /(?:^|\s)tick (\d{1,9}) {1,10}(kimg \d.{1,400})$/;
const PAIR =
  /\b(kimg|loss|lod|minibatch|sec\/tick|sec\/kimg|maintenance|cpumem|gpumem|reserved|augment) {1,4}(\d{1,12}(?:\.\d{1,9})?(?:e[+-]?\d{1,3})?)(?=\s|$)/g;

const LAST_WORDS = 'Exiting...';

export const stylegan = reportFormat({
  name: 'stylegan',
  about: 'StyleGAN, EDM: ticks',
  marks: ['sec/kimg ', LAST_WORDS],
  names: {
    'sec/tick': { step: 'stepMs', power: 3 },
    gpumem: peak('peakAllocatedBytes', 'GiB', 'update'),
    reserved: peak('peakReservedBytes', 'GiB', 'update'),
  },
  kind: 'step',
  head({ text }) {
    const head = HEAD.exec(text);
    if (head === null) return null;
    const pairs = Array.from(
      head[2]!.matchAll(PAIR),
      ([, key, value]): Pair => ({ key: key!, value: value! }),
    );
    return { number: Number(head[1]), pairs };
  },
  other({ text }, out) {
    if (text !== LAST_WORDS) return false;
    out.finished();
    return true;
  },
});
