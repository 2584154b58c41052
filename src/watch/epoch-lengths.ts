/** Lines of their own that say how long the epochs of a loop are, or how many steps there were at the end of one. */
import { byShape } from './by-shape.ts';
import type { StepNumbers } from './step-numbers.ts';

/** Paddle's first trainer names a pass, and how many batches it had, where it ends. */
const END_OF_PASS = /\bPass=(\d{1,9}) Batch=(\d{1,12}) samples=\d{1,15} AvgCost=/;
/** pix2pix and CycleGAN count images within an epoch, and name at the beginning how many it has. */
const IMAGES = byShape(/^The number of training images = (\d{1,9})\s*$/);
/** Their count through all epochs, where one ends. */
const END_OF_EPOCH = byShape(/^saving the model at the end of epoch \d{1,9}, iters (\d{1,12})\s*$/);

/** Whether the line is one of them. */
export function readEpochLength(text: string, numbers: StepNumbers): boolean {
  const pass = text.includes('Pass=') ? END_OF_PASS.exec(text) : null;
  if (pass !== null) {
    numbers.ends(Number(pass[1]), Number(pass[2]));
    return true;
  }
  const images = IMAGES.exec(text)?.[1];
  if (images !== undefined) {
    numbers.each = Number(images);
    return true;
  }
  const ended = END_OF_EPOCH.exec(text)?.[1];
  if (ended === undefined) return false;
  numbers.endsAt(Number(ended));
  return true;
}
