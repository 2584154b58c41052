/**
 * YANMTT: `120 7.23`, a batch and its loss without a word, every 10 batches, below the lines by which it shows that it trains; newer versions
 * `300 2.69 83.57 seconds for 100 batches. Memory used post forward / backward passes: 18.2 / 16.49 GB.`
 */
import { stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { printed } from '../printed.ts';

const BEGINS =
  /^(?:Running DDP checkpoint example on rank \d|We will do fp(?:16|32) training|Training from official pretrained model|Using label smoothing of |Shuffling corpus!|Running eval on dev set)/;
const ROW = /^(\d{1,12}) (nan|inf|\d{1,9}\.\d{1,20}(?:e[-+]\d{1,3})?)$/;

const TIMED =
  /^(\d{1,12}) (nan|inf|\d{1,9}(?:\.\d{1,20})?(?:e[-+]\d{1,3})?) \d{1,9}(?:\.\d{1,6})? seconds for \d{1,6} batches\.(?: Memory used post forward \/ backward passes: (\d{1,6}(?:\.\d{1,6})?) \/ (\d{1,6}(?:\.\d{1,6})?) GB\.?)?\s*$/;

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
    ' seconds for ',
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
    const timed = text.includes(' seconds for ') ? TIMED.exec(text) : null;
    if (timed !== null) return this.#timed(timed, out);
    const [, batch, loss] = (this.isOpen && text.length < 60 && ROW.exec(text.trimEnd())) || [];
    const figure = loss === undefined ? null : printed(loss);
    if (figure === null || Number(batch) % 10 !== 0) return false;
    out.step(stepOf(Number(batch), new Map([['loss', figure]])));
    return true;
  }

  #timed([, batch, loss, forward, backward]: RegExpExecArray, out: Outlet): boolean {
    const figures = new Map(
      Object.entries({ loss, 'GB after forward': forward, 'GB after backward': backward }).flatMap(
        ([key, text]) => {
          const figure = text === undefined ? null : printed(text);
          return figure === null ? [] : [[key, figure] as const];
        },
      ),
    );
    out.step(stepOf(Number(batch), figures));
    return true;
  }
}
