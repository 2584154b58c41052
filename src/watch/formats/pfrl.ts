/**
 * PFRL, and ChainerRL before it: `outdir:out step:120 episode:2 R:-0.4` of an episode, then `statistics:[('average_loss', 0.02), …, ('n_updates', 11)]`, means of the newest
 * updates. `Saved the agent to out/600_finish` is its last word.
 */
import type { Pair } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { perLog, reportFormat } from '../report-format.ts';

const HEAD =
  /\boutdir:\S{0,200} step:(\d{1,12}) episode:(\d{1,12}) (R: ?|last_R: ?)(-?[\d.e+-]{1,30}|nan)(?: average_R: ?(-?[\d.e+-]{1,30}|nan))?\s*$/;
const STATISTICS = /\bstatistics:\[(\(.{1,2000}\))\]\s*$/;
/** NumPy's newer versions print its type around a number. */
const PAIR = /\('(\w{1,60})', (?:np\.\w{1,12}\()?(-?[\d.e+-]{1,30}|nan|-?inf)\)/g;
const FINISH = /\bSaved the agent to \S{0,300}_finish\s*$/;

export const pfrl = perLog(() => {
  let isOfUpdates = false;
  return reportFormat({
    name: 'pfrl',
    about: 'PFRL, ChainerRL: an episode, with means of the newest updates',
    marks: ['outdir:', 'statistics:[', 'saved the agent to '],
    names: {
      average_loss: { step: 'loss' },
      average_policy_loss: update('loss.policy'),
      average_value_loss: update('loss.value'),
      average_entropy: update('policy.entropy'),
      average_value: update('value.meanValue'),
      explained_variance: update('value.explainedVariance'),
      R: update('rollout.episodicReturn'),
      episodes: update('rollout.totalEpisodes'),
    },
    kind: () => isOfUpdates,
    isFollowed: true,
    head({ text }) {
      if (FINISH.test(text)) return { number: -1, isLast: true, pairs: [] };
      const head = HEAD.exec(text);
      if (head === null) return null;
      const [, step, episode, of, last, mean] = head as unknown as string[];
      const pairs = [
        { key: 'R', value: mean ?? last! },
        // Of several environments their number; one's are counted from 0, and the number of the newest is none of all.
        ...(of!.startsWith('R') ? [] : [{ key: 'episodes', value: episode! }]),
      ];
      return { number: Number(step), pairs: pairs.filter(({ value }) => value !== 'nan') };
    },
    row({ text }) {
      const statistics = STATISTICS.exec(text)?.[1];
      if (statistics === undefined) return null;
      isOfUpdates ||= statistics.includes("('average_policy_loss'");
      const pairs: Pair[] = Array.from(statistics.matchAll(PAIR), ([, key, value]) => ({
        key: key!,
        value: value!,
      }));
      // Means of nothing are nan until it has learnt.
      const isBefore = pairs.some(({ key, value }) => key === 'n_updates' && value === '0');
      return isBefore ? pairs.filter(({ value }) => value !== 'nan') : pairs;
    },
  });
});
