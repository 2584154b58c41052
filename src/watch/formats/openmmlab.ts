/**
 * OpenMMLab, text: `Epoch(train)   [1][ 100/2566]  lr: 3.9e-04  …  memory: 12397  loss: 2.1` of mmengine, `Epoch [1][50/7330]\tlr: …, `
 * of mmcv before it, `Iter [50/160000]` where it counts iterations. Reports are numbered through all epochs, of which a line above, or the
 * configuration that is printed there, has how many there are. `memory` is the peak in MiB; mmengine's is since the report before.
 */
import type { FormatOptions, LineParser, LogFormat, Outlet } from '../format.ts';
import { loosePairs } from '../key-values.ts';
import { peak } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { printedFigure } from '../printed.ts';
import { reportFormat } from '../report-format.ts';
import { wholeLines } from '../whole-lines.ts';

/** With the number of epochs, as Det3D and CenterPoint print it, where the times behind it show that it is of these. */
const EPOCH =
  /\bEpoch ?\(?(train|val|test)?\)? {1,6}\[ {0,6}(\d{1,9})(?:\/(\d{1,9})(?=\].{1,200}\bdata_time: ))?\]\[ {0,9}(\d{1,12})\/(\d{1,12})\]/;
const ITER = /\bIter ?\(?(train|val|test)?\)? {1,6}\[ {0,9}(\d{1,12})\/ {0,9}(\d{1,12})\]/;

/** `Epoch(val) [1][100/100]  coco/bbox_mAP: 0.31`, and before mmengine `Epoch(val) [1][5000]\tbbox_mAP: 0.31`. */
const VALIDATION =
  /\b(?:Epoch|Iter) ?\((?:val|test)\) {1,6}\[ {0,6}\d{1,9}(?:\/ {0,6}\d{1,9})?\](?:\[ {0,9}\d{1,12}(?:\/ {0,6}\d{1,12})?\])?/;
const NO_METRICS = new Set(['eta', 'time', 'data_time', 'memory', 'lr', 'base_lr']);

/** What a validation gave; empty of a line that has its progress alone. */
function validated(text: string): Record<string, number | string> {
  const head = VALIDATION.exec(text);
  if (head === null) return {};
  const metrics = loosePairs(text.slice(head.index + head[0].length)).flatMap(({ key, value }) => {
    const figure = NO_METRICS.has(key) ? null : printedFigure(value);
    return figure === null ? [] : [[key, figure.value] as const];
  });
  return Object.fromEntries(metrics);
}

/** mmcv: `workflow: [('train', 1)], max: 40 epochs`; configurations: `runner = dict(type='EpochBasedRunner', max_epochs=12)`, `total_epochs = 12`. */
const EPOCHS =
  /\bworkflow: \[.{1,80}\], max: (\d{1,9}) epochs\b|\b(?:runner|train_cfg) ?= ?dict\((?:[^()]{0,120}, ?)?max_epochs ?= ?(\d{1,9})\b|^total_epochs = (\d{1,9})\s*$/;

/** A report that ends in the midst of a pair, or before its loss: a page has wrapped it, or an editor, which writes `$` there. */
const isCut = (text: string): boolean =>
  (EPOCH.test(text) || ITER.test(text)) && (/[,:]\s*$/.test(text) || !text.includes(' loss: '));

/** How far a training goes, and how far its reports do. */
class Extent {
  /** As a line above the reports has it. */
  epochs: number | null = null;
  /** Number of the last report. */
  last: number | null = null;
  #newest: { of: number; at: number } | null = null;
  /** Iterations between two reports. */
  #every = Number.POSITIVE_INFINITY;

  /** Reports of an epoch end at the last multiple of their distance. */
  report(of: number, at: number, per: number, epochs: number): void {
    const { of: before, at: newest } = this.#newest ?? { of: 0, at: 0 };
    this.#newest = { of, at };
    if (of === before && at > newest) this.#every = Math.min(this.#every, at - newest);
    if (this.#every <= per) this.last = (epochs - 1) * per + Math.floor(per / this.#every) * this.#every;
  }
}

/** vedadet and its heirs, spelled so. */
const OF_VEDA =
  /\. max mem allocated: (\d{1,9}(?:\.\d{1,20})? MB)\. max reservered: (\d{1,9}(?:\.\d{1,20})? MB)/;

/** Before mmengine, nothing sets the peak back. */
const OF_RUN = 'memory of the run';

const oneLine = (extent: Extent): LogFormat =>
  reportFormat({
    name: 'mmengine',
    about: 'OpenMMLab (mmengine, mmdet, mmseg …): text logs',
    marks: ['epoch(', 'epoch [', 'iter(', 'iter [', '], max: ', 'max_epochs', 'total_epochs = '],
    names: {
      time: { step: 'stepMs', power: 3 },
      memory: peak('peakAllocatedBytes', 'MiB', 'update'),
      [OF_RUN]: peak('peakAllocatedBytes', 'MiB'),
      max_mem_allocated: peak('peakAllocatedBytes', 'MiB'),
      max_mem_reserved: peak('peakReservedBytes', 'MiB'),
    },
    kind: 'step',
    head({ text: written }) {
      // What a page sets in bold.
      const text = written
        .replaceAll('**', '')
        .replace(OF_VEDA, ', max_mem_allocated: $1, max_mem_reserved: $2');
      const epoch = EPOCH.exec(text);
      const iter = epoch === null ? ITER.exec(text) : null;
      const found = epoch ?? iter;
      // `Epoch [2/10], Iter [20/100] Loss: 0.5` is a loop's own.
      if (found === null || (iter !== null && /\bepoch\b/i.test(text.slice(0, iter.index)))) return null;
      if (found[1] === 'val' || found[1] === 'test') return 'none';
      const isOfRun = found[1] === undefined;
      const pairs = loosePairs(text.slice(found.index + found[0].length)).map(pair =>
        isOfRun && pair.key === 'memory' ? { ...pair, key: OF_RUN } : pair,
      );
      if (iter !== null) return { number: Number(iter[2]), total: Number(iter[3]), pairs };
      const [of, printed, at, per] = epoch!.slice(2).map(Number) as [number, number, number, number];
      const epochs = printed > 0 ? printed : extent.epochs;
      if (epochs !== null) extent.report(of, at, per, epochs);
      return {
        number: (of - 1) * per + at,
        ...(epochs === null ? { each: per } : { total: epochs * per }),
        pairs,
      };
    },
    other({ text }) {
      const epochs = EPOCHS.exec(text)?.slice(1).find(Boolean);
      if (epochs !== undefined) extent.epochs = Number(epochs);
      return false;
    },
  });

/** Det3D and CenterPoint report the losses of each task on a line of its own, below the report: `task : ['car'], loss: 1.5, hm_loss: 1.2`. */
const TASK = /\btask ?: \['([\w.-]{1,60})'(?:, '[\w.-]{1,60}'){0,20}\], (?=loss: )/;

/** One task's losses are the training's; of several, each is a figure of its own. */
function withTasks(report: string, tasks: readonly { name: string; losses: string }[]): string {
  const [only] = tasks;
  const losses = tasks.map(task => task.losses.replace(/(?<=^|, )(?=[a-z]\w{0,40}: )/g, `${task.name}/`));
  return [report.trimEnd(), ...(tasks.length === 1 ? [only!.losses] : losses)].join('  ');
}

class OpenMmlabParser implements LineParser {
  #extent = new Extent();
  #parser: LineParser;
  /** A report whose losses are to stand below it. */
  #above: { line: LogLine; out: Outlet; tasks: { name: string; losses: string }[] } | null = null;

  constructor(options: FormatOptions) {
    this.#parser = wholeLines(oneLine(this.#extent), isCut).open(options);
  }

  get isOpen(): boolean {
    return this.#above !== null || this.#parser.isOpen === true;
  }

  read(line: LogLine, out: Outlet): boolean {
    const { text } = line;
    const task = this.#above === null ? null : TASK.exec(text);
    if (task !== null) {
      this.#above!.tasks.push({ name: task[1]!, losses: text.slice(task.index + task[0].length).trim() });
      return true;
    }
    this.#endTasks();
    if (text.includes('transfer_time: ') && EPOCH.test(text) && !/\bloss: /.test(text)) {
      this.#above = { line, out, tasks: [] };
      return true;
    }
    const figures = validated(text);
    if (Object.keys(figures).length > 0) {
      this.#parser.flush?.();
      out.figures({ figures });
      return true;
    }
    return this.#readReport(line, out);
  }

  #readReport(line: LogLine, out: Outlet): boolean {
    const isRead = this.#parser.read(line, out);
    if (this.#extent.last !== null) out.last(this.#extent.last);
    return isRead;
  }

  #endTasks(): void {
    const above = this.#above;
    this.#above = null;
    if (above === null) return;
    const { line, out, tasks } = above;
    this.#readReport(tasks.length === 0 ? line : { ...line, text: withTasks(line.text, tasks) }, out);
    if (tasks.length > 0) this.#parser.flush?.();
  }

  flush(): void {
    this.#endTasks();
    this.#parser.flush?.();
  }

  end(): void {
    this.#endTasks();
    this.#parser.end?.();
  }
}

export const openMmlab: LogFormat = {
  ...oneLine(new Extent()),
  open: options => new OpenMmlabParser(options),
};
