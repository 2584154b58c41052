/**
 * RSL-RL, as Isaac Lab and Isaac Gym run it: `Learning iteration 3097/10000`, then right-aligned `Mean reward: -23.12`. Iterations
 * count from 0, as printed. Names changed over the versions; all of them are here.
 */
import { pairIn } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /\bLearning iteration (\d{1,12})\/(\d{1,12})\b/;
/** Version 2 and before: `Computation: 330526 steps/s (collection: 0.734s, learning 0.852s)`; a terminal may have cut it. */
const COMPUTATION =
  /^\s*Computation: (\d{1,12}) steps\/s \(collection: (\d{1,9}\.\d{1,9})s(?:, learning (\d{1,9}\.\d{1,9})s\))?/;
const END = /^\s*ETA: /;

export const rslRl = reportFormat({
  name: 'rsl-rl',
  about: 'RSL-RL (Isaac Lab, Isaac Gym, legged_gym): blocks of an iteration',
  marks: ['learning iteration '],
  names: {
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
  },
  kind: 'update',
  mayBeginWithin: true,
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null
      ? null
      : { number: Number(head[1]), total: Number(head[2]), fromZero: true, pairs: [] };
  },
  row({ text }) {
    const computation = COMPUTATION.exec(text);
    if (computation !== null)
      return [
        { key: 'Steps per second', value: computation[1]! },
        { key: 'Collection time', value: `${computation[2]}s` },
        ...(computation[3] === undefined ? [] : [{ key: 'Learning time', value: `${computation[3]}s` }]),
      ];
    if (END.test(text)) return 'end';
    if (!/^\s*[A-Za-z/]/.test(text)) return null;
    const pair = pairIn(text);
    return pair === null || /:/.test(pair.value) ? null : [pair];
  },
});
