/**
 * DreamerV3 and DreamerV2 on the console: a rule with the step in it, `──── Step 381545 ────` or `----[Agent Step 558_096]----`, then
 * `train/model_loss 9.5 / episode/score 10 / fps 12.3` over several lines; DreamerV2 puts the step in front, `[5847536] kl_loss 0.67 / …`.
 * Steps are the environment's. A return of DreamerV2, `[5847513] return 6.12 / length 151 / …`, is a report of its own.
 */
import { dreamerNames } from '../dreamer-names.ts';
import type { Pair } from '../key-values.ts';
import { reportFormat } from '../report-format.ts';

const RULE = /^\s{0,4}[─-]{4,200}\s?\[?(?:Agent )?Step ([\d_,]{1,20})\]?\s?[─-]{4,200}\s*$/;
const FRONT = /^\[(\d{1,15})\] ([a-z]\w{0,60} -?\d\S{0,20} \/ .*)$/;
const ROW = /^\s{0,4}[A-Za-z]\S{0,160} \S{1,30}(?: \/|\s*$)/;

function slashed(text: string): Pair[] {
  return text.split(' / ').flatMap(part => {
    const [key, value, ...rest] = part.trim().replace(/ \/$/, '').split(' ');
    return key === undefined || value === undefined || rest.length > 0 ? [] : [{ key, value }];
  });
}

export const dreamer = reportFormat({
  name: 'dreamer',
  about: 'DreamerV3, DreamerV2: figures between slashes',
  marks: [' / ', 'step ', '] return ', '] kl_loss '],
  claim: 'weak',
  names: dreamerNames,
  kind: 'step',
  head({ text }) {
    const rule = RULE.exec(text);
    if (rule !== null) return { number: Number(rule[1]!.replaceAll(/[_,]/g, '')), pairs: [] };
    const front = FRONT.exec(text);
    return front === null ? null : { number: Number(front[1]), pairs: slashed(front[2]!) };
  },
  row: ({ text }) => (text.includes(' / ') && ROW.test(text) ? slashed(text) : null),
});
