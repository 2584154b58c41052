/**
 * rl_games: `fps step: 1048568 fps step and policy inference: 699047 fps total: 299589 epoch: 3/1000 frames: 98304`, and below that of an epoch
 * whose mean return was the best so far `saving next best rewards:  [5943.272]`. Losses go to TensorBoard.
 */
import { reportFormat } from '../report-format.ts';
import { wholeLines } from '../whole-lines.ts';

const LINE =
  /^fps step: (\d{1,12}(?:\.\d{1,9})?) {1,2}fps {1,2}step {1,2}and {1,2}policy {1,2}inference: (\d{1,12}(?:\.\d{1,9})?) {1,2}fps {1,2}total: (\d{1,12}(?:\.\d{1,9})?) {1,2}epoch: (\d{1,12})(?:\/(\d{1,12}))?(?: {1,2}frames: (\d{1,15})(?:\/\d{1,15})?)?\s*$/;

/** The mean return of the epoch above it; of several values none is the return. */
const BEST = /^saving next best rewards: {1,3}\[?(-?\d{1,12}(?:\.\d{0,9})?(?:e[-+]?\d{1,3})?)\]?\s*$/;
const SAVED = /^=> saving checkpoint /;

/** The beginning of one that a terminal may have wrapped, and what stands on the lines behind it: its words and numbers. */
const BEGINS = /^fps step: \d/;
const REST =
  /^\s{0,4}(?:[\d./]{1,24}(?: {1,4}|$))?(?:(?:fps|step|and|policy|inference:|total:|epoch:|frames:)(?: {1,4}[\d./]{1,24})?(?: {1,4}|$)){0,12}$/;

const format = reportFormat({
  name: 'rl-games',
  about: 'rl_games: lines of an epoch',
  marks: [
    'fps step: ',
    'saving next best rewards: ',
    '=> saving checkpoint ',
    'MAX EPOCHS NUM!',
    'MAX FRAMES NUM!',
    'Network won!',
  ],
  names: {
    'fps total': { update: 'timing.stepsPerSecond' },
    frames: { update: 'rollout.totalSteps' },
    best: { update: 'rollout.episodicReturn' },
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
  row({ text }) {
    const best = BEST.exec(text);
    return best !== null ? [{ key: 'best', value: best[1]! }] : SAVED.test(text) ? [] : null;
  },
  other({ text }, out) {
    if (!/^(?:MAX EPOCHS NUM!|MAX FRAMES NUM!|Maximum reward achieved\. Network won!)/.test(text))
      return false;
    out.finished();
    return true;
  },
});

export const rlGames = wholeLines(format, text => BEGINS.test(text) && !LINE.test(text), {
  isRest: text => REST.test(text),
});
