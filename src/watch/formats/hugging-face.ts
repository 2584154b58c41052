/**
 * The Hugging Face Trainer and TRL: a Python dictionary a report. It names no step, and the progress bar beside it
 * is of another stream, which may run ahead: the reports are numbered, 1, 2, 3 …
 */
import { stepOf, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { isPpoKey } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { readDict } from '../python-dict.ts';

const DICT = /\{'[\w/.-]+': /;

export const huggingFace: LogFormat = {
  name: 'huggingface',
  about: 'Hugging Face Trainer and TRL: dictionaries',
  marks: ["{'"],
  open: () => new HuggingFaceParser(),
};

class HuggingFaceParser implements LineParser {
  #reports = 0;

  read({ text }: LogLine, out: Outlet): boolean {
    const start = DICT.exec(text);
    if (start === null) return false;
    const figures = readDict(text.slice(start.index));
    if (figures === null) {
      out.almost('a dictionary that cannot be read whole');
      return true;
    }
    if (figures.has('train_runtime')) {
      out.finished();
      return true;
    }
    const keys = [...figures.keys()];
    if (keys.some(isPpoKey)) out.update(updateOf(++this.#reports, figures));
    else if (figures.has('loss')) out.step(stepOf(++this.#reports, figures));
    return true;
  }
}
