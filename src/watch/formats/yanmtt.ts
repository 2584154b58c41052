/** YANMTT: `120 7.23`, a batch and its loss without a word, every 10 batches, below the lines by which it shows that it trains. */
import { stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { printed } from '../printed.ts';

const BEGINS =
  /^(?:Running DDP checkpoint example on rank \d|We will do fp(?:16|32) training|Training from official pretrained model|Using label smoothing of |Shuffling corpus!|Running eval on dev set)/;
const ROW = /^(\d{1,12}) (nan|inf|\d{1,9}\.\d{1,20}(?:e[-+]\d{1,3})?)$/;

export const yanmtt: LogFormat = {
  name: 'yanmtt',
  about: 'YANMTT: a batch and its loss, without words',
  marks: [
    'checkpoint example on rank',
    'we will do fp',
    'official pretrained model',
    'using label smoothing of',
    'shuffling corpus',
    'running eval on dev set',
  ],
  claim: 'weak',
  open: () => new YanmttParser(),
};

class YanmttParser implements LineParser {
  /** Its rows have no marks. */
  isOpen = false;

  read({ text }: LogLine, out: Outlet): boolean {
    if (BEGINS.test(text)) {
      this.isOpen = true;
      return false;
    }
    const [, batch, loss] = (this.isOpen && text.length < 60 && ROW.exec(text.trimEnd())) || [];
    const figure = loss === undefined ? null : printed(loss);
    if (figure === null || Number(batch) % 10 !== 0) return false;
    out.step(stepOf(Number(batch), new Map([['loss', figure]])));
    return true;
  }
}
