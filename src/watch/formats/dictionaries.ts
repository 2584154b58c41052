/**
 * A Python dictionary a line, as loops of reinforcement learning print their figures: `{'iteration': 3, 'train/policy_loss': 2.7, 'frames': 786432}` (pgx), Brax's behind a logger's words.
 * Those of the Hugging Face Trainer and its like are its own format's.
 */
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { isHuggingFaceReport } from '../hugging-face-names.ts';
import { isPpoKey, isReward, numberKeys, TRAINING_LOSS } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { readDict } from '../python-dict.ts';
import { RecordReader } from '../record-reader.ts';

/** Nothing but a logger's words in front of it. */
const DICT = /^(?:.{0,160}(?:[\]:|>-] {0,4}))?(?=\{'[\w/.() -]{1,80}': )/;
/** Phases that train nothing. */
const OTHER = /^(?:eval(?:uation)?|val(?:idation)?|test)\//;
const NO_NAMES = new Map();

export const dictionaries: LogFormat = {
  name: 'dictionaries',
  about: 'loops of reinforcement learning (pgx, Brax): a Python dictionary a line',
  marks: ["{'"],
  claim: 'weak',
  open: () => new DictionariesParser(),
};

class DictionariesParser implements LineParser {
  // Brax names no number: its reports are counted.
  #records = new RecordReader(NO_NAMES, null, null, true);

  read({ text }: LogLine, out: Outlet): boolean {
    const front = text.trimEnd().endsWith('}') ? DICT.exec(text)?.[0].length : undefined;
    const figures = front === undefined ? null : readDict(text.slice(front));
    if (figures === null || isHuggingFaceReport(figures)) return false;
    const keys = [...figures.keys()].filter(key => !OTHER.test(key));
    const own = (key: string) => key.slice(key.lastIndexOf('/') + 1);
    const isNumbered = numberKeys.some(key => figures.has(key));
    const isReturn = (key: string) => isReward(own(key)) || TRAINING_LOSS.test(own(key));
    if (!keys.some(isPpoKey) && !(isNumbered && keys.some(isReturn))) return false;
    this.#records.take(figures, out);
    return true;
  }

  end(): void {
    this.#records.end();
  }
}
