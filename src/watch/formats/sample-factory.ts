/**
 * Sample Factory: `Fps is (10 sec: 40960.0, 60 sec: …). Total num frames: 409600. …`, then `Avg episode reward: [(0, '4.312')]`, which is of the first
 * policy. Reports are numbered by the frames seen.
 */
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD =
  /\bFps is \(10 sec: (\d{1,12}(?:\.\d{1,6})?|nan), [^()]{1,120}\)\. Total num frames: (\d{1,15})\./;
const REWARD = /\bAvg episode reward: \[\(0, '(-?\d{1,12}(?:\.\d{1,9})?)'\)/;

export const sampleFactory = reportFormat({
  name: 'sample-factory',
  about: 'Sample Factory: frames, rate and reward',
  marks: ['fps is (', 'avg episode reward: '],
  names: {
    fps: update('timing.stepsPerSecond'),
    frames: update('rollout.totalSteps'),
    reward: update('rollout.episodicReturn'),
  },
  kind: 'update',
  head({ text }) {
    const head = HEAD.exec(text);
    // Before the first sample nothing has been learnt.
    if (head === null || Number(head[2]) === 0) return null;
    return {
      number: Number(head[2]),
      pairs: [
        { key: 'frames', value: head[2]! },
        ...(head[1] === 'nan' ? [] : [{ key: 'fps', value: head[1]! }]),
      ],
    };
  },
  row({ text }) {
    const reward = REWARD.exec(text);
    return reward === null ? null : [{ key: 'reward', value: reward[1]! }];
  },
});
