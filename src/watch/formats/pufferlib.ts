/**
 * PufferLib's dashboard, drawn again and again: a box whose left column has how far it is, the right one its losses, and below them what the environment
 * reports. `Epoch` numbers an update; from 1,000 on it is rounded, as `9.8k`.
 */
import type { Names } from '../figures.ts';
import type { Pair } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { NUMBER, reportFormat } from '../report-format.ts';

const HEAD = /^[│|] {1,4}\S{0,4} ?PufferLib \d/;
const PROGRESS =
  /^[│|] {1,4}(Agent Steps|Steps|Global Steps|SPS|Epoch) {2,40}(\d{1,12}(?:\.\d{1,3})?)([kmbt]?)(?= )/i;
/** The right column, or one of two that the environment's figures stand in. */
const FIGURE = / {2}([A-Za-z][\w/]{1,40}) {2,40}(-?\d{1,12}(?:\.\d{1,6})?|nan)(?= {2})/g;
const END = /^[╰└+]/;
const TIMES: Readonly<Record<string, number>> = { '': 0, k: 3, m: 6, b: 9, t: 12 };

const names: Names = {
  Steps: update('rollout.totalSteps'),
  SPS: update('timing.stepsPerSecond'),
};

/** `9.8k` → 9800. */
const whole = (digits: string, letter: string): string =>
  `${Number(`${digits}e${TIMES[letter.toLowerCase()]}`)}`;

export const pufferLib = reportFormat({
  name: 'pufferlib',
  about: 'PufferLib: its dashboard',
  marks: ['pufferlib '],
  names,
  kind: 'update',
  head: ({ text }) => (HEAD.test(text) ? { number: -1, pairs: [] } : null),
  row({ text }) {
    if (END.test(text)) return 'end';
    if (!/^[│|]/.test(text)) return null;
    const pairs: Pair[] = [];
    const progress = PROGRESS.exec(text);
    if (progress !== null) {
      const [, name, digits, letter] = progress as unknown as [string, string, string, string];
      const key = /^epoch$/i.test(name) ? NUMBER : /steps$/i.test(name) ? 'Steps' : name;
      pairs.push({ key, value: whole(digits, letter) });
    }
    for (const [, key, value] of text.matchAll(FIGURE))
      if (!/^(?:SPS|Epoch|Steps|Value)$/.test(key!)) pairs.push({ key: key!, value: value! });
    return pairs;
  },
});
