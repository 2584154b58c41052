/**
 * An evaluation that a line of its own begins, and whose lines look like the training's: PaddlePaddle's `Eval begin...`, then `step 5/5 - loss: 0.4`. A line is the
 * evaluation's where its count has another total than the training's; of
 * PaddlePaddle's, also where it does not go on from it.
 */
import { byShape } from './by-shape.ts';
import type { StepCount } from './step-count.ts';

const BEGINS = byShape(
  /^\W{0,12}(?:eval(?:uation)? begins?|(?:begin|start)(?:ning|ing)? (?:of )?(?:the )?(?:eval(?:uation)?|validation)|evaluating|validating|running (?:eval(?:uation)?|validation))(?: [a-z ]{1,40})?[.:\s]{0,6}$/i,
);
/** Of a text that begins with it: others evaluate before they train. */
const IS_PADDLE = /^\s{0,8}Eval begin\.\.\./;
const ENDS = /^\W{0,12}eval(?:uation)? (?:samples: \d|(?:ends?|ended|done|finished|completed?)\b)/i;

export const evaluationMarks = [
  'eval',
  'valid',
  'vali ',
  'val ',
  'val]',
  'val:',
  'val_',
  'val=',
  'test ',
  'test]',
  'test:',
  'test_',
  'test=',
  'dev ',
  '| val',
  ', val',
  '| test',
  ', test',
  'iou:',
  'iou=',
  'psnr:',
  'psnr=',
  'bleu',
  'f1:',
  'f1=',
  '* acc@',
  '* prec@',
];

export class EvaluationPhase {
  #is: 'none' | 'begun' | 'paddle' = 'none';
  /** Newest count of the training. */
  #training: StepCount | null = null;

  /** A line that begins one, or ends it. */
  read(text: string): void {
    if (text.length > 100) return;
    if (BEGINS.test(text)) this.#is = IS_PADDLE.test(text) ? 'paddle' : 'begun';
    else if (this.#is !== 'none' && ENDS.test(text)) this.#is = 'none';
  }

  /** An epoch begins: what is counted below is of the training. */
  end(): void {
    this.#is = 'none';
  }

  has(count: StepCount): boolean {
    if (this.#is !== 'none' && this.#isOther(count)) return true;
    this.#is = 'none';
    this.#training = count;
    return false;
  }

  #isOther(count: StepCount): boolean {
    const total = totalOf(count);
    if (total === null) return false;
    if (this.#training === null) return this.#is === 'paddle';
    const ofTraining = totalOf(this.#training);
    const isLater = (count.epoch ?? 0) > (this.#training.epoch ?? 0);
    if (ofTraining === null || isLater) return false;
    // With as many batches as the training, others' next epoch has begun.
    return total !== ofTraining || (this.#is === 'paddle' && count.number <= this.#training.number);
  }
}

const totalOf = ({ nested, each, total }: StepCount): number | null => nested?.each ?? each ?? total;
