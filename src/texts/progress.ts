/** How far a program had come by its own lines, where no trainer's format is theirs: the newest epoch, step or bar that the text names. */

/** Lines from the end that are looked at, and characters of one. */
const NEWEST = 2000;
const LONGEST = 300;
/** “Step 3: run the script”: numbers of what somebody lists. */
const MOST_OF_A_LIST = 20;

/** `Epoch 3/10`, `epoch:  342`, `[INFO] Epoch: [4][100/500]`, `=> training epoch 5`, `Training Epoch 14:   0%`; a number within a path or behind a sign is none. */
const EPOCH =
  /^[^A-Za-z]{0,80}(?:(?:INFO|train|trainer|main)\W{1,6})?(?:(?:training|train|start(?:ing|ed)?|begin(?:ning)?|running|finished|end of)\s{1,2}(?:training\s)?)?epoch(?:\s?[:#=]\s{0,4}|\s{1,4})\[?(\d{1,7})\]?(?:\s?(?:\/|of)\s?\[?(\d{1,7})\]?)?(?![-.]?\w)/i;
/** `Step 1200:`, `Iteration 7/100`, `global step: 12`. */
const STEP =
  /^[^A-Za-z]{0,80}(?:(?:global|training|train)[ _])?(step|iteration|iter|batch)(?:\s?[:#=]\s{0,4}|\s{1,4})\[?(\d{1,12})\]?(?:\s?(?:\/|of)\s?\[?(\d{1,12})\]?)?(?![-.]?\w)/i;
/** A bar of tqdm’s over anything, by its name: `Preparing test set:  46%|####     | 31/67 [29:02<35:12, 58.67s/it]`. */
const BAR = /^([A-Za-z][^|%]{0,60}?)[:.]{0,4}\s{1,6}\d{1,3}%\|[^|]{0,120}\|\s{0,4}(\d{1,9})\/(\d{1,9}) \[/;

const counted = (what: string, number: string, of: string | undefined): string =>
  `${what} ${Number(number)}${of === undefined || Number(of) < Number(number) ? '' : ` of ${Number(of)}`}`;

function ofLine(line: string): string | null {
  const [, epoch, epochs] = EPOCH.exec(line) ?? [];
  if (epoch !== undefined) return counted('epoch', epoch, epochs);
  const [, what, step, steps] = STEP.exec(line) ?? [];
  if (step !== undefined && (steps !== undefined || Number(step) > MOST_OF_A_LIST))
    return counted(what!.toLowerCase(), step, steps);
  const [, name, done, all] = BAR.exec(line) ?? [];
  return done === undefined ? null : `${Number(done)} of ${Number(all)} (${name!.trim()})`;
}

/** In words: `epoch 3 of 10`, `step 1200`, `31 of 67 (Preparing test set)`; null where no line has it. */
export function progressIn(text: string): string | null {
  let end = text.length;
  for (let i = 0; i < NEWEST && end > 0; i++) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    // What a terminal has drawn over is older.
    const line = text.slice(Math.max(start, text.lastIndexOf('\r', end - 2) + 1), end);
    const reached = line.length > LONGEST ? null : ofLine(line.trimEnd());
    if (reached !== null) return reached;
    end = start - 1;
  }
  return null;
}
