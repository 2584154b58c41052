/**
 * Ultralytics (YOLO): `151/200  10.4G  0.4635  0.2344 …  640: 100%|…| 99/99 [01:52<…`, under a head that names the columns. The row is
 * drawn again all through an epoch: its last state is the epoch's. `GPU_mem` is what is reserved, in GiB of three digits, in old
 * versions in powers of ten.
 */
import type { DeviceMemory } from '../../contract/index.ts';
import { type Figures, memoryIn, type Names, stepOf } from '../figures.ts';
import { IN_EPOCHS, type LineParser, type LogFormat, type Outlet } from '../format.ts';
import { held } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { printedFigure } from '../printed.ts';
import { figuresIn } from '../report-format.ts';
import { YoloValidation } from '../yolo-validation.ts';

/** Its columns; versions before the first that showed the device's memory have none of it, and YOLOv3's first a batch. */
const HEAD =
  /^\s*Epoch\s{1,12}(?:GPU_mem|gpu_mem|Batch|box(?:_loss)?|GIoU(?:\/xy)?|xy)\s(?=.{0,120}(?:cls|conf|obj|loss))/;
/** A row of every column, and no bar: typed, pasted, or of YOLOv3's first version, `0/269   12/14657     0.123 …`. */
const TYPED =
  /^\s{0,12}(\d{1,9})\/(\d{1,9})((?:\s{1,40}(?:[-\d.e+]{1,14}|nan|inf)[GM]?|\s{1,40}\d{1,9}\/\d{1,9}){2,16})\s*$/;
const ROW =
  /^\s{0,12}(\d{1,9})\/(\d{1,9})\s{1,12}(\d{1,6}(?:\.\d{1,6})?[GM])\s(.{1,400}?):(?:\s{0,4}(\d{1,3})%|\s{0,4}\d{0,3}$)/;
/** The same without its bar, as results.txt of old versions has it: an epoch that is over, its validation behind. */
const BARE =
  /^\s{0,12}(\d{1,9})\/(\d{1,9})\s{1,12}(\d{1,6}(?:\.\d{1,6})?G)((?:\s{1,12}[\d.e+-]{1,14}){10,20})\s*$/;
const BARE_COLUMNS = ['gpu_mem', 'box', 'obj', 'cls', 'total', 'labels', 'img_size'];
/** A row with its bar, of columns that have no memory. */
const DRAWN =
  /^\s{0,12}(\d{1,9})\/(\d{1,9})((?:\s{1,12}(?:[-\d.e+]{1,14}|nan|inf)){2,16}):(?:\s{0,4}(\d{1,3})%|\s{0,4}\d{0,3}$)/;
/** `CUDA:0 (Tesla T4, 15102MiB)`; before 2022 `_CudaDeviceProperties(name='Tesla T4', total_memory=15079MB)`. */
const DEVICE =
  /(?:\bCUDA:\d{1,3} \(|_CudaDeviceProperties\(name=')([^,']{1,60})'?, (?:total_memory=)?(\d{3,9})Mi?B\)/;
/** `Ultralytics 8.4.1 🚀 Python-3.13.9 torch-2.9.0 MPS (Apple M4)`. */
const OF_APPLE = /^(?:Ultralytics|YOLO).{1,80}\btorch-\S{1,24} MPS \(/;
/** What a logger puts in front, as JDE and FairMOT do: `2026-01-25 05:58:00 [INFO]: `. */
const LOGGED = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{3})? \[[A-Z]{4,8}\]:? /;
/** A row whose bar was cut off may be of an epoch that is under way. */
const UNDRAWN = -1;
const DONE = /^\s*\d{1,9} epochs completed in /;
const memoryOf = (unit: string): Names => ({
  // Old versions alone print the sum of their losses.
  total: { step: 'loss' },
  GPU_mem: held('reservedBytes', unit),
  gpu_mem: held('reservedBytes', unit),
});
const names = memoryOf('GiB');
const batchNames: Names = { total: { step: 'loss' }, time: { step: 'stepMs', power: 3 } };
/** The line that YOLOv3, v5 and v7 begin with, and Ultralytics before 8.3; its hints name old models in later versions as well. */
const namesOfTen = memoryOf('GB of ten');
const OLD = /\bYOLO(?:v[3-7]|R)\b.{0,80}\btorch[ -]\d|\bUltralytics (?:YOLOv)?8\.[0-2]\.\d/;

export const ultralytics: LogFormat = {
  name: 'ultralytics',
  about: 'Ultralytics YOLO: rows of an epoch',
  marks: [
    'gpu_mem',
    'G ',
    'epochs completed in ',
    'cuda:',
    'cudadeviceproperties',
    ' mps (',
    'box',
    'giou',
    'ntargets',
  ],
  open: () => new UltralyticsParser(),
};

interface Row {
  epoch: number;
  total: number;
  percent: number;
  cells: string[];
  /** Those of the head above it, or of its memory alone where there was none yet. */
  columns: readonly string[];
}

const MEMORY_ALONE = ['gpu_mem'];
/** A head comes with each epoch: rows that wait for the first. */
const MOST_HEADLESS = 4;

function figuresOf({ cells, columns }: Row): Figures {
  const figures: Figures = new Map();
  columns.forEach((column, i) => {
    const read = cells[i] === undefined ? null : printedFigure(cells[i]);
    // On the CPU it prints 0G: there is no device.
    if (read !== null && !(/_mem$/.test(column) && read.value === 0)) figures.set(column, read);
  });
  return figures;
}

/** The cells of a row under a head that names them all; null where it has no bar and others than those, or no head. */
function cellsUnder(columns: readonly string[], text: string): RegExpExecArray | null {
  if (columns.length === 0) return null;
  const typed = TYPED.exec(text);
  if (typed !== null) return typed[3]!.trim().split(/\s+/).length === columns.length ? typed : null;
  return /_mem$/.test(columns[0]!) ? null : DRAWN.exec(text);
}

class UltralyticsParser implements LineParser {
  #columns: string[] = [];
  /** Of a version whose amounts are powers of ten. */
  #isOld = false;
  /** Whether its epochs count from 0, and the number behind the stroke is the last one's: YOLOv3 to v7. */
  #isFromZero = false;
  /** Whether it trains on Apple's GPU. */
  #isOfApple = false;
  #row: Row | null = null;
  /** Epochs above the first head, which names their columns too. */
  #headless: Row[] = [];
  /** Of the first device that it lists. */
  #device: Pick<DeviceMemory, 'name' | 'deviceTotalBytes'> | null = null;
  #out: Outlet | null = null;
  #validation = new YoloValidation();
  /** Epoch of the newest row that is whole; null before one and once all are over: what is validated then is the best of them. */
  #validated: number | null = null;

  /** Rows that are typed have no marks. */
  get isOpen(): boolean {
    return this.#columns.length > 0;
  }

  read(line: LogLine, out: Outlet): boolean {
    const text = line.text.replace(LOGGED, '');
    this.#isOld ||= OLD.test(text);
    this.#isOfApple ||= OF_APPLE.test(text);
    const device = DEVICE.exec(text);
    if (device !== null) {
      this.#device ??= { name: device[1]!, deviceTotalBytes: Number(device[2]) * 2 ** 20 };
      return true;
    }
    if (HEAD.test(text)) {
      this.#columns = text.trim().split(/\s+/).slice(1);
      this.#isFromZero ||= this.#columns.some(column => /^(?:gpu_mem|obj(?:_loss)?)$/.test(column));
      this.#isOld ||= this.#isFromZero;
      if (this.#row?.columns === MEMORY_ALONE) this.#endRow();
      this.#settleHeadless();
      return true;
    }
    if (this.#readValidation(text, out)) return true;
    if (DONE.test(text) && this.#columns.length > 0) {
      this.end();
      this.#validated = null;
      out.finished();
      return true;
    }
    const under = cellsUnder(this.#columns, text);
    if (under !== null) {
      this.#take(under, under[3]!, this.#columns, Number(under[4] ?? UNDRAWN), out);
      return true;
    }
    const bare = BARE.exec(text);
    const row = bare ?? ROW.exec(text);
    if (row === null) return false;
    // Without a head, what its columns are is known of the first alone, and that by its unit.
    const isHeaded = this.#columns.length > 0;
    if (bare === null && !isHeaded && !/: {1,4}\d{1,3}%[|\s].{0,200}\d\/\d{1,9} \[/.test(text)) return false;
    // Old versions alone have results.txt.
    this.#isOld ||= bare !== null;
    const columns = bare !== null ? BARE_COLUMNS : isHeaded ? this.#columns : MEMORY_ALONE;
    const percent = bare === null ? Number(row[5] ?? UNDRAWN) : 100;
    this.#take(row, `${row[3]} ${row[4]}`, columns, percent, out);
    return true;
  }

  /** Whether the line is of a validation behind an epoch. */
  #readValidation(text: string, out: Outlet): boolean {
    if (this.#columns.length === 0) return false;
    if (this.#validation.readHead(text)) return true;
    const figures = this.#validation.allIn(text);
    if (figures === null) return false;
    this.flush();
    if (this.#validated !== null) out.figures({ batch: this.#validated, figures });
    return true;
  }

  #take(row: RegExpExecArray, text: string, columns: readonly string[], percent: number, out: Outlet): void {
    const [epoch, total] = [Number(row[1]), Number(row[2])];
    this.#isFromZero ||= epoch === 0;
    this.#isOld ||= this.#isFromZero;
    const cells = text.trim().split(/\s+/);
    if (columns[0] === 'Batch') {
      this.#takeBatch(epoch, total, cells, columns, out);
      return;
    }
    if (this.#row !== null && this.#row.epoch !== epoch) this.#endRow();
    this.#row = { epoch, total, percent, cells, columns };
    this.#out = out;
  }

  /** YOLOv3's first version has a row a batch, and both counts begin with 0 and end with the number behind the stroke. */
  #takeBatch(epoch: number, epochs: number, cells: string[], columns: readonly string[], out: Outlet): void {
    const [batch, most] = (cells[0] ?? '').split('/').map(Number);
    if (batch === undefined || most === undefined) return;
    const figures = figuresIn(columns.slice(1).map((key, i) => ({ key, value: cells[i + 1] ?? '' })));
    const total = (epochs + 1) * (most + 1);
    out.facts({ maxSteps: total });
    out.last(total - 1);
    out.step(stepOf(epoch * (most + 1) + batch, figures, null, batchNames));
  }

  /** The epoch is whole once its bar is; other words behind it are of its validation. */
  flush(): void {
    if (this.#row?.percent === 100) this.#endRow();
  }

  end(): void {
    this.#endRow();
    this.#settleHeadless();
  }

  #endRow(): void {
    const row = this.#row;
    this.#row = null;
    if (row === null) return;
    if (row.columns !== MEMORY_ALONE || this.#headless.length >= MOST_HEADLESS) {
      this.#settleHeadless();
      this.#emit(row);
    } else this.#headless.push(row);
  }

  #settleHeadless(): void {
    for (const row of this.#headless.splice(0)) {
      const isOf = row.cells.length === this.#columns.length && /_mem$/.test(this.#columns[0]!);
      this.#emit(isOf ? { ...row, columns: this.#columns } : row);
    }
  }

  #emit(row: Row): void {
    const { epoch, total, percent } = row;
    const figures = figuresOf(row);
    const read = memoryIn(figures, this.#isOfApple ? 'mps' : 'cuda', this.#isOld ? namesOfTen : names);
    const memory = read === null ? null : { ...this.#device, ...read };
    this.#out!.facts({ maxSteps: total + Number(this.#isFromZero), ...IN_EPOCHS });
    // An epoch that is under way is not the training's last report.
    this.#out!.last(percent === 100 ? total : total + 1);
    this.#out!.step(stepOf(epoch, figures, memory, names));
    this.#validated = percent === 100 ? epoch : null;
  }
}
