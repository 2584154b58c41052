/**
 * RLlib under Ray Tune: `Trial … finished iteration 3 at …`, then a table of few figures; before Ray 2.7 `Result for PPO_…:`, then
 * indented `key: value`. RLlib's own result.json has all of them.
 */
import { pairIn } from '../key-values.ts';
import { NUMBER, reportFormat } from '../report-format.ts';
import { rllibNames } from '../rllib-names.ts';

const HEAD = /^Trial \S{1,200} finished iteration (\d{1,12}) at /;
const OLD_HEAD = /^Result for \S{1,200}:\s*$/;
const ROW = /^│ (\S{1,120})\s{1,200}(\S{1,60}) │\s*$/;
const OLD_ROW = /^ {2,8}(\w[\w/]{0,100}): (\S{1,60})\s*$/;

export const rllib = reportFormat({
  name: 'rllib',
  about: 'RLlib under Ray Tune: tables of an iteration',
  marks: ['finished iteration ', 'result for ', 'completed after '],
  names: rllibNames,
  kind: 'update',
  head({ text }) {
    const head = HEAD.exec(text);
    if (head !== null) return { number: Number(head[1]), pairs: [] };
    return OLD_HEAD.test(text) ? { number: null, pairs: [] } : null;
  },
  row({ text }) {
    const row = ROW.exec(text);
    if (row !== null) return [{ key: row[1]!, value: row[2]! }];
    if (text.startsWith('╰')) return 'end';
    const old = OLD_ROW.exec(text);
    if (old === null) return null;
    const pair = pairIn(text.trim(), ': ')!;
    return [pair.key === 'training_iteration' ? { ...pair, key: NUMBER } : pair];
  },
  other({ text }, out) {
    if (!/^Trial \S{1,200} completed after \d{1,12} iterations/.test(text)) return false;
    out.finished();
    return true;
  },
});
