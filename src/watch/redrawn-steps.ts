/**
 * The steps that a bar was drawn again at: a report is written through the bar, which is drawn once more behind it. Where Python holds the
 * reports back, the bar is drawn again all the same, and shows the step of each before it comes.
 */
export class RedrawnSteps {
  /** Steps of reports that have not come, the first of them first. */
  #steps: number[] = [];
  /** Reports since the newest bar. */
  #between = 0;

  /** Whether the newest report had its step by them. */
  #isTaken = false;

  /** Whether reports are held back, as far as the bar shows: one that was drawn again may have been so by chance. */
  get areHeld(): boolean {
    return this.#steps.length > (this.#isTaken ? 0 : 1);
  }

  /** A report was written, whose step `take` gives. */
  reported(): void {
    this.#between++;
  }

  /** An evaluation's was, behind whatever is taken. */
  evaluated(): void {
    this.#between++;
    if (this.areHeld) this.#steps.shift();
  }

  /** The bar was drawn. @param isAgain whether with the same count as before */
  drawn(done: number, isAgain: boolean): void {
    // A report between two bars of one step is that step's own, where none is held.
    const isOwn = this.#between === 1 && this.#steps.length === 0;
    if (isAgain && !isOwn && done > 0 && this.#steps.length < MOST) this.#steps.push(done);
    this.#between = 0;
  }

  /** Steps of so many reports that came together; null where the bar does not show them. */
  take(reports: number): number[] | null {
    this.#isTaken = this.areHeld && this.#steps.length >= reports;
    if (this.#isTaken) return this.#steps.splice(0, reports);
    this.#steps = [];
    return null;
  }

  clear(): void {
    this.#steps = [];
    this.#isTaken = false;
    this.#between = 0;
  }
}

/** Reports that are held back. */
const MOST = 10_000;
