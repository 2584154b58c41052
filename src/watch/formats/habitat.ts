/**
 * Habitat's PPO and DD-PPO, and their descendants: `update: 10	fps: 92.345`, then `update: 10	env-time: 41.2s	pth-time: 12.1s	frames: 12800`, then
 * `Average window size: 50  distance_to_goal: 4.4  reward: 0.6  success: 0.2`.
 */
import { partedPairs, widePairs } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /(?:^|\s)update: (\d{1,12})\t(fps: .{1,400})$/;
const TIMES = /(?:^|\s)update: \d{1,12}\t(env-time: .{1,400})$/;
const WINDOW = /(?:^|\s)Average window size:? \d{1,9}\s{1,4}(\S.{1,2000})$/;

export const habitat = reportFormat({
  name: 'habitat',
  about: 'Habitat: PPO and DD-PPO',
  marks: ['\tfps: ', '\tenv-time: ', 'average window size'],
  names: {
    fps: update('timing.stepsPerSecond'),
    frames: update('rollout.totalSteps'),
    loss: update('loss.total'),
    reward: update('rollout.episodicReturn'),
  },
  kind: 'update',
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), pairs: partedPairs(head[2]!, '\t') };
  },
  row({ text }) {
    const times = TIMES.exec(text)?.[1];
    if (times !== undefined) return partedPairs(times, '\t');
    const window = WINDOW.exec(text)?.[1];
    return window === undefined ? null : widePairs(window.replaceAll(',', ''));
  },
});
