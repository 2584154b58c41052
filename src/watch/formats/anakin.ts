/**
 * Stoix and Mava: a line of each part of an update, `ACTOR - Steps per second: 2190.1 | Episode return mean: 31.2 | …`, `TRAINER - Actor loss: 0.005 | Entropy: 0.637 | Value loss: 0.008`, an
 * evaluation behind them. No line has the update's number: they are numbered one after another.
 */
import { partedPairs } from '../key-values.ts';
import { update } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const LINE = /^(MISC|ACTOR|TRAINER|EVALUATOR|ABSOLUTE) - (.{1,4000})$/;

export const anakin = reportFormat({
  name: 'anakin',
  about: 'Stoix, Mava: lines of actor and trainer',
  marks: ['actor - ', 'trainer - ', 'misc - ', 'evaluator - ', 'absolute - '],
  names: {
    'Actor loss': update('loss.policy'),
    'Loss actor': update('loss.policy'),
    'Value loss': update('loss.value'),
    'Total loss': update('loss.total'),
    'Loss total': update('loss.total'),
    Entropy: update('policy.entropy'),
    'Episode return mean': update('rollout.episodicReturn'),
    'Episode length mean': update('rollout.episodicLength'),
    'Steps per second': update('timing.stepsPerSecond'),
    Timestep: update('rollout.totalSteps'),
  },
  kind: 'update',
  head({ text }, isOpen) {
    const [, part, figures] = LINE.exec(text) ?? [];
    const isFirst = part === 'MISC' || (!isOpen && (part === 'ACTOR' || part === 'TRAINER'));
    return isFirst ? { number: null, pairs: partedPairs(figures!, ' | ', ': ') } : null;
  },
  row({ text }) {
    const [, part, figures] = LINE.exec(text) ?? [];
    if (part === undefined) return null;
    return part === 'ACTOR' || part === 'TRAINER' ? partedPairs(figures!, ' | ', ': ') : 'end';
  },
});
