import { byShape } from './by-shape.ts';

/** A line that names the epoch of the lines below it: `EPOCH 2:`, `=== Epoch 2/10 ===`, `[INFO] epoch 2`. */
const HEADING = byShape(
  /^[^A-Za-z]{0,120}(?:[\w.]{1,80} - )?(?:[A-Z]{4,8}\W{1,4})?(?:[\w.]{1,80} - )?(?:End of |Going into |Start(?:ing)? (?:training )?)?epoch[:# ]{0,3}\[?(\d{1,9})(?: {0,2}(?:\/|of|\|) {0,2}(\d{1,9}))?\]?(?: \([^()]{1,60}\)|,? LR(?:: |=)[\d.e-]{1,24}|\s{1,4}Time Taken: [\d.]{1,24} sec)?[^A-Za-z0-9]{0,200}$/i,
);

export interface EpochHeading {
  epoch: number;
  /** Epochs of the training; null where the line does not have it. */
  epochs: number | null;
}

/** null for any other line. */
export function epochHeading(text: string): EpochHeading | null {
  const heading = text.length > 300 ? null : HEADING.exec(text);
  if (heading === null) return null;
  return { epoch: Number(heading[1]), epochs: heading[2] === undefined ? null : Number(heading[2]) };
}
