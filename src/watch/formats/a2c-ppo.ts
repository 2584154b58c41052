/**
 * pytorch-a2c-ppo-acktr-gail and its heirs: `Updates 48, num timesteps 100352, FPS 846`, then ` Last 10 training episodes: mean/median reward 415.6/414.7, …`; MAPPO's
 * `… updates 5/100 episodes, total num timesteps 9600/1000000, FPS 123.`, then `average episode rewards is 12.5`.
 */
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /^\s{0,8}Updates (\d{1,12}), num timesteps (\d{1,15}),? FPS (\d{1,12})/;
const MAPPO =
  /\bupdates (\d{1,12})\/(\d{1,12}) episodes, total num timesteps (\d{1,15})\/\d{1,15}, FPS (\d{1,12})/;
const REWARD =
  /\bmean\/median reward (-?[\d.]{1,24})\/|^\s{0,8}average (?:episode rewards is|reward:) (-?[\d.]{1,24})/;

export const a2cPpo = reportFormat({
  name: 'a2c-ppo',
  about: 'pytorch-a2c-ppo-acktr-gail, MAPPO: updates and their rewards',
  marks: ['num timesteps ', 'median reward', 'average episode rewards', 'average reward: '],
  names: {
    steps: update('rollout.totalSteps'),
    fps: update('timing.stepsPerSecond'),
    reward: update('rollout.episodicReturn'),
  },
  kind: 'update',
  head({ text }) {
    const old = HEAD.exec(text);
    const mappo = old === null ? MAPPO.exec(text) : null;
    if (old === null && mappo === null) return null;
    const [number, steps, fps] = old?.slice(1) ?? [mappo![1], mappo![3], mappo![4]];
    return {
      number: Number(number),
      ...(mappo !== null && { total: Number(mappo[2]), fromZero: true as const }),
      pairs: [
        { key: 'steps', value: steps! },
        { key: 'fps', value: fps! },
      ],
    };
  },
  row({ text }) {
    const reward = REWARD.exec(text);
    return reward === null ? null : [{ key: 'reward', value: (reward[1] ?? reward[2])!.replace(/\.$/, '') }];
  },
});
