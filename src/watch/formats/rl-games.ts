/** rl_games: `fps step: 1048568 fps step and policy inference: 699047 fps total: 299589 epoch: 3/1000 frames: 98304`. Losses go to TensorBoard. */
import { reportFormat } from '../report-format.ts';

const LINE =
  /^fps step: (\d{1,12}(?:\.\d{1,9})?) fps step and policy inference: (\d{1,12}(?:\.\d{1,9})?) {1,2}fps total: (\d{1,12}(?:\.\d{1,9})?) epoch: (\d{1,12})(?:\/(\d{1,12}))?(?: frames: (\d{1,15})(?:\/\d{1,15})?)?\s*$/;

export const rlGames = reportFormat({
  name: 'rl-games',
  about: 'rl_games: lines of an epoch',
  marks: ['fps step: ', 'MAX EPOCHS NUM!', 'MAX FRAMES NUM!', 'Network won!'],
  names: {
    'fps total': { update: 'timing.stepsPerSecond' },
    frames: { update: 'rollout.totalSteps' },
  },
  kind: 'update',
  head({ text }) {
    const line = LINE.exec(text);
    if (line === null) return null;
    const pairs = [
      ['fps step', line[1]],
      ['fps step and policy inference', line[2]],
      ['fps total', line[3]],
      ['frames', line[6]],
    ].flatMap(([key, value]) => (value === undefined ? [] : [{ key: key!, value }]));
    return { number: Number(line[4]), ...(line[5] !== undefined && { total: Number(line[5]) }), pairs };
  },
  other({ text }, out) {
    if (!/^(?:MAX EPOCHS NUM!|MAX FRAMES NUM!|Maximum reward achieved\. Network won!)/.test(text))
      return false;
    out.finished();
    return true;
  },
});
