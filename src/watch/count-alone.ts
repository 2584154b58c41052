/** Lines that have nothing but the number of the step whose figures stand below. */
import { byShape } from './by-shape.ts';
import { countIn } from './count-in.ts';
import { countThrough, type StepCount } from './step-count.ts';

/** `Epoch 1 Batch 1856`, alone on a line: the losses of it stand below. */
const STEP_HEAD = byShape(
  /^\W{0,12}epoch[:# ]{0,3}\[?\d{1,9}(?: ?\/ ?\d{1,9})?\]?[\s,;|-]{1,4}(?:mini)?(?:batch|step|iter(?:ation)?)[:# ]{0,3}\[?\d{1,12}(?: ?\/ ?\d{1,12})?\]?\W{0,12}$/i,
);
/** `INFO iteration 9/10000`, alone on a line: epochs of its data may stand between it and its figures. */
const ITERATION_HEAD = byShape(
  /^[^A-Za-z]{0,60}(?:[A-Z]{4,8}\W{1,8})?(?:iteration|step) {1,2}(\d{1,12}) ?\/ ?(\d{1,12})\s{0,8}$/i,
);
/** `[2026-01-02 10:20:30.123] Step: 3`, alone on a line: its figures stand below. */
const TIMED_HEAD = byShape(
  /^\[[\d :.,/T-]{8,40}\] (?:Step|Iteration|Update):? {1,2}(\d{1,12})(?: ?\/ ?(\d{1,12}))?\s{0,8}$/i,
);
/** `Epoch: 3, global_step=76800`, alone on a line, as ManiSkill's PPO prints it: what it has learned stands below. */
const UPDATE_HEAD = byShape(
  /^(?:epoch|iteration|update)[:=]? {0,2}(\d{1,12}),? {1,3}global_step[:=] ?\d{1,15}\s{0,8}$/i,
);
/** `current step: 12th step`: its figures stand below. */
const ORDINAL_HEAD = byShape(
  /^\W{0,12}(?:current|now at|training) (?:step|iter(?:ation)?)[:= #]{1,3}(\d{1,12})(?:st|nd|rd|th)?(?: (?:step|iter(?:ation)?))?\s{0,8}$/i,
);
/** Parts of such lines that no report of a loop has. */
export const countAloneMarks = ['current step', 'current iter', 'now at step', 'training step'];

/** null for any other line. */
export function countAlone(text: string): StepCount | null {
  if (STEP_HEAD.test(text)) return countIn(text);
  const head =
    ITERATION_HEAD.exec(text) ??
    (text.startsWith('[') ? TIMED_HEAD.exec(text) : null) ??
    UPDATE_HEAD.exec(text) ??
    ORDINAL_HEAD.exec(text);
  return head === null ? null : countThrough(head);
}
