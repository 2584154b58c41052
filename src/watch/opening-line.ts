/** The line that a program begins its output with. Where it comes again behind an error, the program was started again: `nohup` appends, and so do loggers. */

/** One of fewer letters may be anything's. */
const LEAST_LETTERS = 12;
/** Characters that are compared: behind them stand the arguments, which differ from start to start. */
const COMPARED = 80;
/** Lines that come again and again within one training. */
const OF_MANY =
  /Traceback|Error|Exception|[Ww]arning|WARN|%\||\b(?:loss|steps?|epochs?|iter(?:ation)?s?|batch|episodes?|reward|update|tokens|ranks?)\b/i;

export class OpeningLine {
  /** null before the first line; empty where that may be of many lines. */
  #opening: string | null = null;
  /** Whether the line behind it has come. */
  #isPast = false;

  get isKnown(): boolean {
    return this.#opening !== null;
  }

  /** @param isAfterError whether an error stands in front of the line that nothing has shown to be survived */
  comesAgain(text: string, isAfterError: boolean): boolean {
    if (this.#opening === null) {
      if (text.trim() !== '') this.#opening = shapeOf(text);
      return false;
    }
    // One that is of an error itself is each process's.
    if (!this.#isPast && isAfterError) this.#opening = '';
    this.#isPast = true;
    return isAfterError && this.#opening !== '' && shapeOf(text) === this.#opening;
  }
}

/** The beginning of the line without its times and numbers; empty where it may be of many lines. */
function shapeOf(text: string): string {
  const compared = text
    .trim()
    .slice(0, COMPARED * 2)
    .replace(/\d{1,40}/g, '0')
    .slice(0, COMPARED);
  const isOfOne = !OF_MANY.test(compared) && compared.replace(/[^A-Za-z]/g, '').length >= LEAST_LETTERS;
  return isOfOne ? compared : '';
}
