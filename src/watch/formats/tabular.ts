/**
 * The tables of rllab's logger and its heirs (garage, rlkit): a rule of two columns, rows of a name and a value parted by wide spaces, a rule. Its number is one of the rows, `Iteration` or
 * `Epoch`, wherever it stands.
 */
import { isReward, update } from '../known-keys.ts';
import { NUMBER, reportFormat } from '../report-format.ts';

const LINE = /^(?:.{0,100} \| )?(\S.{0,300})$/;
const RULE = /^-{8,120} {1,4}-{3,60}\s*$/;
/** A page that a table is copied from may leave one space of several. */
const ROW = /^([A-Za-z][\w/() .:-]{0,100}?) {1,100}([-+]?[\d.]{1,24}(?:e[-+]?\d{1,3})?|nan|inf)\s*$/;
const COUNTER = /^(?:\w{1,40}\/)?(?:Iteration|Epoch|Itr|itr|epoch|iteration)$/;

export const tabular = reportFormat({
  name: 'tabular',
  about: 'rllab, garage, rlkit: a table of each iteration',
  marks: ['-----  ---', '----- ---'],
  claim: 'weak',
  names: {
    AverageReturn: update('rollout.episodicReturn'),
    // rlpyt.
    ReturnAverage: update('rollout.episodicReturn'),
    LengthAverage: update('rollout.episodicLength'),
    'Evaluation/AverageReturn': update('rollout.episodicReturn'),
    'exploration/Average Returns': update('rollout.episodicReturn'),
    'evaluation/Average Returns': update('rollout.episodicReturn'),
  },
  kind: figures =>
    [...figures.keys()].some(key => isReward(key.replace(/^.*\//, '')) || key === 'ReturnAverage'),
  head({ text }, isOpen) {
    // Without its number it is another table.
    return !isOpen && RULE.test(LINE.exec(text)?.[1] ?? '') ? { number: -1, pairs: [] } : null;
  },
  row({ text }) {
    const line = LINE.exec(text)?.[1] ?? '';
    if (RULE.test(line)) return 'end';
    const row = ROW.exec(line);
    return row === null ? null : [{ key: COUNTER.test(row[1]!) ? NUMBER : row[1]!, value: row[2]! }];
  },
});
