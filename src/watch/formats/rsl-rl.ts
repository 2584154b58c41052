/**
 * RSL-RL, as Isaac Lab and Isaac Gym run it: `Learning iteration 3097/10000`, then right-aligned `Mean reward: -23.12`. Iterations
 * count from 0, as printed. Names changed over the versions; all of them are here.
 */
import type { Names } from '../figures.ts';
import { type Pair, pairIn } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /\bLearning iteration (\d{1,12})\/(\d{1,12})\b/;
/** Version 2 and before: `Computation: 330526 steps/s (collection: 0.734s, learning 0.852s)`; a terminal may have cut it. */
const COMPUTATION =
  /^\s*Computation: (\d{1,12}) steps\/s(?: \(collection: (\d{1,9}\.\d{1,9})s(?:, learning(?: (\d{1,9}\.\d{1,9})s\))?)?)?/;
/** Its end, where a page has wrapped it. */
const LEARNING = /^\s{0,8}(?:learning )?(\d{1,9}\.\d{1,9})s\)\s*$/;
const COMPUTED = 'Computation: ';
const END = /^\s*ETA: /;
/** A block that a page has folded into one line, behind its head: `Mean reward: 183.58 Mean episode length: 901.95`. */
const FOLDED = /(?:^| )([A-Z][A-Za-z]{1,20}(?: [A-Za-z]{1,20}){1,3}): (-?\d{1,20}(?:\.\d{1,9})?)(?=s? |$)/g;

const names: Names = {
  'Total steps': update('rollout.totalSteps'),
  'Total timesteps': update('rollout.totalSteps'),
  'Steps per second': update('timing.stepsPerSecond'),
  'Collection time': update('timing.rolloutMs'),
  'Learning time': update('timing.updateMs'),
  'Mean value loss': update('loss.value'),
  'Mean value_function loss': update('loss.value'),
  'Value function loss': update('loss.value'),
  'Mean surrogate loss': update('loss.policy'),
  'Surrogate loss': update('loss.policy'),
  'Mean entropy loss': update('policy.entropy'),
  Entropy: update('policy.entropy'),
  'Mean reward': update('rollout.episodicReturn'),
  'Mean total reward': update('rollout.episodicReturn'),
  'Mean episode length': update('rollout.episodicLength'),
};

/** Characters of a folded block that are looked at. */
const LONGEST = 8000;

/** `Computation: 99755 steps/s (collection: 2.373s, learning 0.091s) Value function loss: 0.0285 …` → the pairs that have a name here. */
function folded(text: string): Pair[] {
  const at = text.indexOf(COMPUTED);
  const computed = at === -1 ? null : COMPUTATION.exec(text.slice(at));
  const pairs = computed === null ? [] : ofComputation(computed);
  const rest = computed === null ? text : text.slice(at + computed[0].length);
  for (const [, key, value] of rest.matchAll(FOLDED))
    if (Object.hasOwn(names, key!)) pairs.push({ key: key!, value: value! });
  // One or two may be of a sentence.
  return pairs.length < 3 ? [] : pairs;
}

const ofComputation = ([, rate, collection, learning]: RegExpExecArray): Pair[] => [
  { key: 'Steps per second', value: rate! },
  ...(collection === undefined ? [] : [{ key: 'Collection time', value: `${collection}s` }]),
  ...(learning === undefined ? [] : [{ key: 'Learning time', value: `${learning}s` }]),
];

export const rslRl = reportFormat({
  name: 'rsl-rl',
  about: 'RSL-RL (Isaac Lab, Isaac Gym, legged_gym): blocks of an iteration',
  // A text may begin with any row of a block.
  marks: ['learning iteration ', COMPUTED, ...Object.keys(names).map(key => `${key}: `)],
  names,
  kind: 'update',
  mayBeginWithin: true,
  head({ text }) {
    const head = HEAD.exec(text);
    if (head === null) return null;
    const behind = text.slice(head.index + head[0].length, LONGEST);
    const pairs = behind.trim() === '' ? [] : folded(behind);
    return { number: Number(head[1]), total: Number(head[2]), fromZero: true, pairs };
  },
  row({ text }) {
    const computation = COMPUTATION.exec(text);
    if (computation !== null) return ofComputation(computation);
    const learning = LEARNING.exec(text)?.[1];
    if (learning !== undefined) return [{ key: 'Learning time', value: `${learning}s` }];
    if (END.test(text)) return 'end';
    if (!/^\s*[A-Za-z/]/.test(text)) return null;
    const pair = pairIn(text);
    return pair === null || /:/.test(pair.value) ? null : [pair];
  },
});
