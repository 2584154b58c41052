/**
 * Loops that print a block of `name: value` a report, its number first, a rule behind it: `Iteration: 	 3`, `Loss: 	 0.12`, `MeanRew: 	 -257.4 +- 63.1`, `-----`;
 * Spinning Up's tables, `|             Epoch |               0 |`. Only where no format of a trainer reads the log.
 */
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /^\|?\s{0,24}(?:Iteration|Epoch)(?::\s{1,20}| {1,24}\| {1,24})(\d{1,12})\s{0,24}\|?\s*$/;
const ROW =
  /^\|?\s{0,24}([A-Za-z][\w ./()-]{0,40}?)(?::\s{1,20}|\t {0,4}| {1,24}\| {1,24})([-+]?[\d.]{1,24}(?:e[-+]?\d{1,3})?|nan|inf)(?: ?\+- ?[\d.]{1,24})?(?: seconds)?\s{0,24}\|?\s*$/;
const RULE = /^[-=]{5,200}\s*$/;

export const blocks = reportFormat({
  name: 'blocks',
  about: 'loops written by hand: a block of names and values, between rules',
  marks: ['iteration', 'epoch'],
  claim: 'weak',
  names: {
    Loss: { update: 'loss.total', step: 'loss' },
    MeanRew: update('rollout.episodicReturn'),
    MeanLen: update('rollout.episodicLength'),
    MeanEntropy: update('policy.entropy'),
    AverageEpRet: update('rollout.episodicReturn'),
    EpLen: update('rollout.episodicLength'),
    LossPi: update('loss.policy'),
    LossV: update('loss.value'),
    KL: update('policy.approxKl'),
    Entropy: update('policy.entropy'),
    ClipFrac: update('policy.clipFraction'),
    TotalEnvInteracts: update('rollout.totalSteps'),
  },
  kind: figures => ['MeanRew', 'AverageEpRet', 'LossPi', 'MeanEntropy'].some(key => figures.has(key)),
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), pairs: [] };
  },
  row({ text }) {
    if (RULE.test(text)) return 'end';
    const row = ROW.exec(text);
    return row === null ? null : [{ key: row[1]!.trim(), value: row[2]! }];
  },
});
