/**
 * Sample Factory: `Fps is (10 sec: 40960.0, 60 sec: …). Total num frames: 409600. …`, then `Avg episode reward: [(0, '4.312')]`, which is of the first
 * policy. Reports are numbered by the frames seen. It prints `Collected {0: 614400}, FPS: 41212.6` last, also where it was interrupted or an error ended it: it is
 * done where these are the frames that its configuration asks for.
 */
import { update } from '../known-keys.ts';
import { perLog, reportFormat } from '../report-format.ts';

const HEAD =
  /\bFps is \(10 sec: (\d{1,12}(?:\.\d{1,6})?|nan), [^()]{1,120}\)\. Total num frames: (\d{1,15})\./;
const REWARD = /\bAvg episode reward: \[\(0, '(-?\d{1,12}(?:\.\d{1,9})?)'\)/;
const TOTAL = /^train_for_env_steps=(\d{1,15})\s*$/;
/** What it is where nobody asks for any number. */
const ENDLESS = 1e10;
const COLLECTED = /\] Collected \{((?:\d{1,4}: \d{1,15}(?:, )?){1,64})\}, FPS: /;

export const sampleFactory = perLog(() => {
  let total: number | null = null;
  return reportFormat({
    name: 'sample-factory',
    about: 'Sample Factory: frames, rate and reward',
    marks: ['fps is (', 'avg episode reward: ', 'train_for_env_steps=', '] collected {'],
    names: {
      fps: update('timing.stepsPerSecond'),
      frames: update('rollout.totalSteps'),
      reward: update('rollout.episodicReturn'),
    },
    kind: 'update',
    head({ text }) {
      const collected = COLLECTED.exec(text)?.[1];
      if (collected !== undefined && total !== null && framesOf(collected) >= total)
        return { number: total, isLast: true, pairs: [] };
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
    other({ text }, out) {
      const asked = Number(TOTAL.exec(text)?.[1] ?? ENDLESS);
      if (asked >= ENDLESS) return false;
      total = asked;
      out.facts({ maxBatches: total });
      return true;
    },
  });
});

/** Of all policies: `0: 614400, 1: 614400`. */
const framesOf = (collected: string): number =>
  collected.split(', ').reduce((sum, each) => sum + Number(each.split(': ')[1]), 0);
