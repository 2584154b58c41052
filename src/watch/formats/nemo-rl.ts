/**
 * NeMo-RL: `========= Step 1/2 =========`, then a line a figure: `  • Avg Reward: 0.1000`, `  • Total step time: 10.00s`. Its results have a head
 * of their own, by which those of a text that has no number are counted.
 */
import { pairIn } from '../key-values.ts';
import { perLog, reportFormat } from '../report-format.ts';

const HEAD = /^={5,60} Step (\d{1,12})\/(\d{1,12}) ={5,60}\s*$/;
const RESULTS = /^\W{0,8}Training Results:\s*$/;
const ROW = /^\s{0,8}• (\S.{0,200})$/;

export const nemoRl = perLog(() => {
  let isNumbered = false;
  return reportFormat({
    name: 'nemo-rl',
    about: 'NeMo-RL: blocks of a step',
    marks: ['===== step ', 'training results:'],
    names: {
      Loss: { update: 'loss.total', step: 'loss' },
      'Avg Reward': { update: 'rollout.episodicReturn' },
      'Mean Generation Length': { update: 'rollout.episodicLength' },
      generation: { update: 'timing.rolloutMs' },
      // Of the asynchronous one: what it waited for it.
      exposed_generation: { update: 'timing.rolloutMs' },
      policy_training: { update: 'timing.updateMs' },
      'Total step time': { step: 'stepMs' },
    },
    kind: figures => figures.has('Avg Reward'),
    // The workers write while the batch is generated, and an evaluation may stand before its results.
    isRowsLate: true,
    isReport: figures => figures.has('Loss') || figures.has('Avg Reward'),
    head({ text }) {
      const head = HEAD.exec(text);
      isNumbered ||= head !== null;
      if (head !== null) return { number: Number(head[1]), total: Number(head[2]), pairs: [] };
      return !isNumbered && RESULTS.test(text) ? { number: null, pairs: [] } : null;
    },
    row({ text }) {
      const row = ROW.exec(text);
      const pair = row === null ? null : pairIn(row[1]!.replace(/ \(\d{1,3}\.\d{1,3}%\)\s*$/, ''), ': ');
      return pair === null ? null : [pair];
    },
  });
});
