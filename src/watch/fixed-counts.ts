/** The number of a step in forms that leave no doubt: places in brackets, and what single loops print. */
import { byShape } from './by-shape.ts';
import { batchIn, countThrough, type StepCount } from './step-count.ts';

/** `[0/300][10/1251]`, `[1/300], [10/1251]`, `Epoch: [0]  [  10/1251]`, `Epoch [1][ 10/1251]`: epochs that count from 0, as far as one line shows. */
const NESTED = byShape(
  /\[ {0,6}(\d{1,9})(?: ?\/ {0,6}(\d{1,9}))? ?\],? {0,4}\[ {0,8}(\d{1,12}) ?\/ {0,8}(\d{1,12}) ?\]/,
);
/** Beside them, the step through all epochs. */
const GLOBAL = /\bglobal_step: ?(\d{1,12})\b/;
/** `[0/30][6]`: a batch of an epoch that does not show how many it has. */
const OF_EPOCH = byShape(/^[^[\]]{0,80}\[(\d{1,9})\/\d{1,9}\] ?\[(\d{1,12})\] /);
/** PGAN: `[5 :  96000] loss G : …`: a scale, and an iteration of it. */
const OF_SCALE = byShape(/^\[(\d{1,9}) : {1,10}(\d{1,12})\] loss[ _]/);
/** `[session 1][epoch  3][iter  100/2500]` of faster-rcnn.pytorch and its heirs: batches of an epoch that is counted from 1. */
const IN_BRACKETS = byShape(/\[epoch {1,4}(\d{1,9})\]\[iter {1,8}(\d{1,12})\/ {0,8}(\d{1,12})\]/i);
/** DINOv2, whose logger has the iterations of the whole training: `Training  [    40/125000]  eta: …`. */
const OF_TRAINING = byShape(/\bTraining {1,4}\[ {0,12}(\d{1,12})\/(\d{1,12})\] {1,4}eta: /);
/** ArcticTraining, whose `epoch: 0` stands behind a count of the whole training and its share: `iter:  130/3000   4% | loss: 16.5 | …`. */
const SHARE = byShape(/^iter: {1,12}(\d{1,12})\/(\d{1,12}) {1,4}\d{1,3}% \| loss: /);
/** `10/50 in epoch 3`, `10/50 in 3 epoch`: a batch in front of its epoch. */
const IN_EPOCH = byShape(/^\s{0,8}(\d{1,12})\/(\d{1,12}) (?:in|of) (?:epoch (\d{1,9})|(\d{1,9}) epoch)\b/i);
/** nanochat, whose `epoch: 1` stands behind a count of the whole training and its share; its fine-tuning shows no total. */
const NANOCHAT = byShape(
  /\bstep (\d{1,12})(?:\/(\d{1,12}))? \(\d{1,3}\.\d{1,3}%\) \| loss: [^|]{1,40} \| lrm: /,
);
/** WeNet: `TRAIN Batch 3/100 loss 250.1`, `TRAIN | steps/sec 2.5| Batch 3/100 loss …`: an epoch that counts from 0, and its batch. */
const WENET = byShape(/\bTRAIN (?:\| {0,2}steps\/sec [\d.]{1,12}\| ?)?Batch (\d{1,9})\/(\d{1,12}) loss /);
/** `Epoch and iter 28 99 Loss 14.4`: the names of both, then the numbers. */
const BOTH = byShape(
  /\bepoch ?(?:and|,|\/|&) ?(?:iter(?:ation)?|step|batch)s?[:= ]{1,3}(\d{1,9})[ ,/]{1,3}(\d{1,12})(?=[\s,:|])/i,
);
/** torch-rnn and its heirs: `Epoch 1.64 / 500, i = 8321 / 6470500, loss = 0.67`, through all epochs. */
const TORCH_RNN = byShape(/\bEpoch \d{1,9}\.\d{1,4} ?\/ ?\d{1,9}, i = (\d{1,12}) ?\/ ?(\d{1,12}),/);
/** Of learners by imitation, what else is a total: `Num steps: 100000   Return: 896.7`. */
const NUM_STEPS = byShape(/^Num steps: (\d{1,12}) {1,12}Return: /);

/** null for a line that has none of them. */
export function fixedCount(text: string): StepCount | null {
  const nested = NESTED.exec(text);
  if (nested !== null) return nestedCount(nested, text);
  const ofEpoch = OF_EPOCH.exec(text) ?? BOTH.exec(text) ?? WENET.exec(text) ?? OF_SCALE.exec(text);
  if (ofEpoch !== null) return batchIn(Number(ofEpoch[1]), Number(ofEpoch[2]));
  const through =
    SHARE.exec(text) ??
    TORCH_RNN.exec(text) ??
    NUM_STEPS.exec(text) ??
    NANOCHAT.exec(text) ??
    OF_TRAINING.exec(text);
  if (through !== null) return countThrough(through);
  const inBrackets = IN_BRACKETS.exec(text);
  if (inBrackets !== null)
    return { each: Number(inBrackets[3]), ...batchIn(Number(inBrackets[1]), Number(inBrackets[2])) };
  const inEpoch = IN_EPOCH.exec(text);
  if (inEpoch === null) return null;
  return { each: Number(inEpoch[2]), ...batchIn(Number(inEpoch[3] ?? inEpoch[4]), Number(inEpoch[1])) };
}

function nestedCount(found: RegExpExecArray, text: string): StepCount {
  const [epoch, , at, each] = found.slice(1).map(Number) as [number, number, number, number];
  const number = epoch * each + at;
  if (found[2] === undefined)
    return { number, total: null, isWhole: true, nested: { epoch, epochs: null, each } };
  const epochs = Number(found[2]);
  const total = epochs * each;
  const through = GLOBAL.exec(text);
  if (through !== null) return { number: Number(through[1]), total, isWhole: true, nestedIn: epochs };
  return { number, total, isWhole: true, nested: { epoch, epochs, each }, nestedIn: epochs };
}
