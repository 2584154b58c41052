/**
 * RLlib under Ray Tune: `Trial … finished iteration 3 at …`, then a table of few figures; before Ray 2.7 `Result for PPO_…:`, then
 * indented `key: value`. RLlib's own result.json has all of them.
 */
import { pairIn } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { NUMBER, reportFormat } from '../report-format.ts';
import { rllibNames, rllibPolicyNames } from '../rllib-names.ts';

/** Less verbose, Tune prints the table of the last iteration alone, behind `completed after 3 iterations at`. */
const HEAD =
  /^Trial (\S{1,200}) (?:finished iteration (\d{1,12})|completed after (\d{1,12}) iterations?) at /;
const OLD_HEAD = /^Result for (\S{1,200}):\s*$/;
/** `print(pretty_print(algo.train()))`: the same without a head, each after an empty line; a text may begin in the midst of one. */
const BARE_HEAD = /^(?:date: \d{4}-\d\d-\d\d_|episode_reward_max: )/;
const ROW = /^│ (\S{1,120})\s{1,200}(\S{1,60}) │\s*$/;
const OLD_ROW = /^( {0,14})(\w[\w/]{0,100}): (\S{1,60})\s*$/;
/** Spaces in front of what the learner has of a policy; all else as deep is of something else. */
const DEEP = 4;
/** The second stands above the first, and is the same but after a checkpoint: of a table that is cut it is all there is. */
/** A value of a list: of `td_error` there is one for each sample. */
const OF_LIST = /^ {0,16}- \S{1,40}\s{0,8}$/;
const NUMBERS: ReadonlySet<string> = new Set(['training_iteration', 'iterations_since_restore']);

export const rllib = reportFormat({
  name: 'rllib',
  about: 'RLlib under Ray Tune: tables of an iteration',
  marks: [
    'finished iteration ',
    'result for ',
    'completed after ',
    'date: ',
    'episode_reward_m',
    'time_this_iter_s: ',
    // Rows above the first head: a text may begin with any of them.
    ...NUMBERS,
    ...Object.keys(rllibNames),
    ...Object.keys(rllibPolicyNames).map(key => `${key}: `),
  ],
  names: { ...rllibPolicyNames, ...rllibNames, time_this_iter_s: update('timing.updateMs', { power: 3 }) },
  kind: 'update',
  mayBeginWithin: true,
  head({ text }, isOpen) {
    const head = HEAD.exec(text);
    if (head !== null)
      return {
        number: Number(head[2] ?? head[3]),
        trial: head[1]!,
        pairs: [],
        ...(head[3] !== undefined && { isLast: true as const }),
      };
    const old = OLD_HEAD.exec(text);
    if (old !== null) return { number: null, trial: old[1]!, pairs: [] };
    if (!BARE_HEAD.test(text) || (isOpen && !text.startsWith('date'))) return null;
    return { number: -1, pairs: [pairIn(text, ': ')!] };
  },
  row({ text }) {
    const row = ROW.exec(text);
    if (row !== null) return [{ key: row[1]!, value: row[2]! }];
    if (text.startsWith('╰')) return 'end';
    if (text.trim() === '') return 'end';
    if (OF_LIST.test(text)) return [];
    const old = OLD_ROW.exec(text);
    if (old === null || (old[1]!.length > DEEP && !Object.hasOwn(rllibPolicyNames, old[2]!))) return null;
    const pair = pairIn(text.trim(), ': ')!;
    return [NUMBERS.has(pair.key) ? { ...pair, key: NUMBER } : pair];
  },
});
