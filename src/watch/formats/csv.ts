/**
 * Tables with a head, their cells parted by commas or tabs: CSV, as Stable-Baselines3 (progress.csv), Lightning (metrics.csv), Keras (CSVLogger) and RLlib write it. The head is the
 * first line that has two names or more, one of them known or a counter; empty cells are figures that the row does not have.
 */
import { type Figures, type Names, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, MappedField, Outlet } from '../format.ts';
import { isPpoKey, knownKeys, numberKeys, TRAINING_LOSS, update } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { isCount, type Printed, printed } from '../printed.ts';
import { RecordReader } from '../record-reader.ts';

/** YOLOv5 has a range in one of its names: `metrics/mAP_0.5:0.95`. */
const NAME = /^(?:[\p{L}_](?:[\p{L}\w /().%-]|(?<=\d):(?=\d)){0,160}|<lambda>)$/u;
/** A column of words that has the phase of its row. */
const PHASE = /^(?:type|phase|mode|split|stage|set|subset|kind)$/i;
const EVALUATED = /^(?:val(?:id(?:ation)?)?|test|eval(?:uation)?|dev)$/i;
const isNumbered = (cell: string): boolean => COUNTERS.has(cell.toLowerCase());
/** A head whose names one space parts: a counter, and what a training reports; rows of numbers are below it. */
const SPACED_HEAD =
  /^(?=.{0,200}(?:loss|reward|return|score|mean|acc))(?!.{0,200} (?:with|the|failed|is|was|for|of|and|in|at|to|has) )(?:epochs?|steps?|iter|iterations?|episodes?|it|batch)(?: [A-Za-z_][\w/.%-]{0,40}){1,15}$/i;
/** A page's table without bars at its sides. */
const BARRED_HEAD =
  /^(?:epochs?|steps?|iter|iterations?|episodes?)(?: \| [A-Za-z_][\w /.%-]{0,40}){1,15}\s{0,8}$/i;
/** fastai's first names, whose spaces a page has made one as well. */
const TWO_WORDS = /^(epoch) train loss valid loss(?= |$)/;
/** What fastai's bar draws between the rows of its table. */
const DRAWN = /^\W{0,400}$|^\W{0,4}Epoch \d{1,9}\/\d{1,9} :/;
/** The head of Gym's and Stable-Baselines3's Monitor: the return, length and time of each episode, which no column numbers. */
const MONITOR = /^r,l,t(?:,[A-Za-z_][\w/.-]{0,60}){0,20}$/;
const ofMonitor: Names = { r: update('rollout.episodicReturn'), l: update('rollout.episodicLength') };
const COUNTERS = new Set([...numberKeys, 'epoch', 'ep', 'episode', 'training_iteration']);

export const csv: LogFormat = {
  name: 'csv',
  about:
    'CSV with a head, or tabs for commas: Stable-Baselines3, Lightning, Keras, RLlib, loops written by hand',
  marks: [
    'r,l,t',
    'step,',
    ',step',
    'epoch,',
    'episode,',
    ',episode',
    ',epoch',
    'iteration',
    ',loss',
    'loss,',
    'train/',
    'timesteps',
    'epoch ,',
    'step ,',
    ', epoch',
    ', step',
    'step\t',
    'epoch\t',
    'iter\t',
    '\tloss',
    'loss\t',
    'epoch  ',
    'step  ',
    '| epoch',
    '| step',
    'epoch ',
    'step ',
    'steps',
    'iter ',
    'episode ',
    'episodes',
    'batch ',
    'ep   ',
  ],
  claim: 'weak',
  readsLongLines: true,
  open: ({ map }) => new CsvParser(map),
};

/** What a loop puts behind the row of its best epoch so far. */
const BEST =
  /(?<=[\d|%])[\s|]{0,4}(?:[★☆⭐✓✔*]|<?[-←]{1,3} ?(?:new )?best|\(?(?:new )?best\)?|\[best\])(?=\s{0,4}\|?\s{0,8}$)/i;
const withoutMark = (text: string): string => (/[\d%][\s|]{0,8}$/.test(text) ? text : text.replace(BEST, ''));

class CsvParser implements LineParser {
  #records: RecordReader;
  #map: ReadonlyMap<string, MappedField>;
  #columns: string[] | null = null;
  #between: Between = ',';
  /** The newest head. */
  #head = '';
  /** Episodes of a Monitor's file; null of any other. */
  #episodes: number | null = null;

  constructor(map: ReadonlyMap<string, MappedField>) {
    this.#map = map;
    this.#records = new RecordReader(map);
  }

  /** Rows have no marks. */
  get isOpen(): boolean {
    return this.#columns !== null;
  }

  read(line: LogLine, out: Outlet): boolean {
    const { text } = line;
    if (this.#columns === null) {
      const head = text.replace(TWO_WORDS, '$1 train_loss valid_loss');
      const between = betweenIn(head);
      if (between === null) return false;
      const cells = cellsOf(head.trimEnd(), between);
      // pandas has no name for the numbers of its rows.
      const names = cells[0] === '' && between === ',' ? ['index', ...cells.slice(1)] : cells;
      const isMonitor = MONITOR.test(names.join());
      if (!isMonitor && !this.#isHead(names)) return false;
      this.#episodes = isMonitor ? 0 : null;
      this.#columns = names.map(name => (/^ep$/i.test(name) ? 'Epoch' : name));
      this.#between = between;
      if (between === ',' || between === '\t') this.#records = new RecordReader(this.#map, null, null, true);
      // What a loop prints by itself has its own numbers.
      if (between === ' ') this.#records = new RecordReader(this.#map, null, 1);
      if (names.join() === this.#head) out.begins(false);
      this.#head = names.join();
      return true;
    }
    const isSpaced = this.#between === '  ' || this.#between === ' ';
    if (isSpaced ? DRAWN.test(text) : !text.includes(this.#between)) return false;
    const cells = cellsOf((this.#between === ',' ? text : withoutMark(text)).trimEnd(), this.#between);
    if (cells.length > 1 && cells.join() === this.#head) {
      out.begins(false);
      return true;
    }
    if (cells.every(cell => /^:?-{2,}:?$/.test(cell))) return true;
    const isWords = this.#between === ' ' && cells.some(cell => figureOf(cell) === null);
    if (cells.length !== this.#columns.length || isWords) {
      // Other words end a table that a log has among its lines.
      if (this.#between === ',') out.almost('a row of other length than its head');
      else this.#columns = null;
      return this.#between === ',' || (this.#between === ' ' && this.read(line, out));
    }
    const figures: Figures = new Map();
    this.#columns.forEach((column, i) => {
      const figure = figureOf(cells[i]!);
      if (figure !== null) figures.set(column, figure);
    });
    const phase = cells[this.#columns.findIndex(column => PHASE.test(column))];
    if (phase !== undefined && EVALUATED.test(phase)) {
      evaluated(phase, figures, out);
      return true;
    }
    if (this.#episodes === null) this.#records.take(figures, out);
    else if (figures.has('r')) out.step(stepOf(++this.#episodes, figures, null, ofMonitor));
    return true;
  }

  end(): void {
    this.#records.end();
  }

  #isHead(cells: string[]): boolean {
    return (
      cells.length > 1 &&
      cells.every(cell => NAME.test(cell)) &&
      new Set(cells).size === cells.length &&
      cells.some(
        cell =>
          this.#map.has(cell) ||
          isNumbered(cell) ||
          cell === 'steps' ||
          TRAINING_LOSS.test(cell) ||
          isPpoKey(cell) ||
          knownKeys[cell]?.step !== undefined,
      )
    );
  }
}

/** A cell of several numbers. */
const NUMBERS = /^[-+\d.e%]{1,40}(?: [-+\d.e%]{1,40}){1,15}$/;
const figureOf = (cell: string): Printed | null =>
  printed(cell) ?? (cell.endsWith('%') ? printed(cell.slice(0, -1)) : null);

/** A row of an evaluation: its figures are of the step that it names, under its phase. */
function evaluated(phase: string, figures: Figures, out: Outlet): void {
  const counter = [...figures.keys()].find(isNumbered);
  const batch = counter === undefined ? undefined : figures.get(counter)!.value;
  const own = [...figures]
    .filter(([key]) => !isNumbered(key))
    .map(([key, { value }]) => [`${phase} ${key}`, value]);
  if (own.length > 0) out.figures({ batch: isCount(batch) ? batch : null, figures: Object.fromEntries(own) });
}

type Between = ',' | '\t' | '|' | '  ' | ' ';

/** What parts the cells of a head; null where nothing does. */
const betweenIn = (text: string): Between | null =>
  text.startsWith('|') || BARRED_HEAD.test(text)
    ? '|'
    : (([',', '\t', '  '] as const).find(between => text.includes(between)) ??
      (SPACED_HEAD.test(text.trim()) ? ' ' : null));

/** Cells of a row; quotes keep commas. */
function cellsOf(text: string, between: Between): string[] {
  if (between === '|')
    return text
      .replace(/^\||\|$/g, '')
      .split('|')
      .map(cell => cell.trim());
  if (between === '  ') {
    const cells = text.trim().split(/ {2,}/);
    // Wide columns of numbers may have one space between.
    return cells.some(cell => NUMBERS.test(cell)) ? text.trim().split(/\s{1,40}/) : cells;
  }
  // Below names that one space parts, columns may be wider.
  if (between === ' ') return text.trim().split(/\s{1,40}/);
  if (!text.includes('"')) return text.split(between).map(cell => cell.trim());
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === '"') {
      if (isQuoted && text[i + 1] === '"') {
        cell += '"';
        i++;
      } else isQuoted = !isQuoted;
    } else if (letter === between && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += letter;
  }
  cells.push(cell);
  return cells;
}
