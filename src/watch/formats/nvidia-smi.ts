/**
 * What `nvidia-smi` prints over time, beside a trainer's log or alone: `--query-gpu=… --format=csv -l N`, `--query-compute-apps=…`, `dmon`,
 * `pmon` and its table again and again: what the driver reports of each device, all processes together, and of processes, in MiB. A
 * round of rows, one a device or a process, is one sample.
 */
import type { DeviceProcess, DeviceSample } from '../../contract/index.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { bytesOf, isCount, type Printed, printedFigure } from '../printed.ts';
import { gpustatRow, smiTableLine } from '../smi-table-lines.ts';

/** Heads of columns that a query may have, without their units. */
const KNOWN =
  /^(?:timestamp|pid|process_name|used_(?:gpu_)?memory|gpu_bus_id|gpu_serial|index|count|name|gpu_name|uuid|gpu_uuid|serial|pstate|driver_version|(?:pci|memory|utilization|temperature|power|clocks|fan|mig|ecc)\.[\w.]{1,40})$/;
/** A column of memory, without which it is no query of it. */
const OF_MEMORY = /^(?:memory\.|used_(?:gpu_)?memory$)/;
/** Milliseconds from row to row of one round, at most; rounds are a second apart, or some tenths of one. */
const OF_A_ROUND = 50;
/** Names of `dmon`'s columns that are read. */
const DMON = { gpu: 'index', fb: 'used', pwr: 'watts', gtemp: 'celsius', sm: 'percent' } as const;

export const nvidiaSmi: LogFormat = {
  name: 'nvidia-smi',
  about: 'nvidia-smi’s CSV, dmon, pmon and table, gpustat, beside any other log',
  marks: ['memory.', '# gpu', 'nvidia-smi', 'used_gpu_memory', 'used_memory', ' mib, ', 'mib |', ' mb |'],
  claim: 'beside',
  open: () => new NvidiaSmiParser(),
};

/** What a query's cell is, whichever column it is of: sizes, shares, watts, clocks, a state, a time, an address. */
const CELL =
  /^(?:-?[\d.]{1,12}(?: (?:MiB|%|W|MHz|C))?|\[?N\/A\]?|\[Not Supported\]|P\d{1,2}|(?:GPU|MIG)-[\da-f-]{8,60}|[\dA-F]{8}:[\dA-F]{2}:[\dA-F]{2}\.\d|\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3}|NVIDIA .{1,60}|Tesla .{1,60})$/;
/** A cell that only `nvidia-smi` writes. */
const OWN_CELL = /^(?:\d{1,9} MiB|GPU-[\da-f-]{36}|\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3}|NVIDIA .{1,60})$/;

/** What is to be done about rows whose columns nothing names: used, free and total look alike. */
const HEADLESS =
  'a row of nvidia-smi’s CSV without its head, so that its columns are not known: record with --format=csv, without noheader';

/** Whether it looks like a row of `--query-gpu` or `--query-compute-apps`; one cell may be a name. */
export function isHeadlessSmiRow(text: string): boolean {
  const cells = text.trim().split(', ');
  return (
    cells.length > 1 &&
    cells.some(cell => OWN_CELL.test(cell)) &&
    cells.filter(cell => !CELL.test(cell)).length < 2
  );
}

class NvidiaSmiParser implements LineParser {
  /** Columns of the newest head, by which rows are known. */
  #csv: { name: string; unit: string }[] | null = null;
  #dmon: string[] | null = null;
  /** The device whose name was read last in the table that is open. */
  #table: { index: number; name: string } | 'head' | null = null;
  #round = new Map<string, DeviceSample>();
  /** Place in its round, and time, of the newest row that names no device. */
  #place = 0;
  #newestAt = Number.NaN;
  /** The first line of the round. */
  #since: LogLine | null = null;
  #line: LogLine | null = null;
  #out: Outlet | null = null;

  get isOpen(): boolean {
    return this.#csv !== null || this.#dmon !== null || this.#table !== null;
  }

  read(line: LogLine, out: Outlet): boolean {
    const { text } = line;
    this.#line = line;
    this.#out = out;
    const stat = text.startsWith('[') ? gpustatRow(text) : null;
    if (stat !== null) {
      const { index, name, usedMib, totalMib } = stat;
      this.#row(`${index}`, { index, name, usedBytes: usedMib * MIB, totalBytes: totalMib * MIB });
      return true;
    }
    if (text.startsWith('|') || this.#table !== null || /MiB {1,40}\|\s*$/.test(text)) {
      const isOfTable = this.#tableLine(text);
      if (isOfTable || this.#table !== null) return isOfTable;
    }
    if (/^# ?gpu\s/.test(text)) {
      this.#dmon = text.replace('#', ' ').trim().split(/\s+/);
      return true;
    }
    if (this.#dmon !== null && /^# ?Idx\s/.test(text)) return true;
    if (this.#csv === null && isHeadlessSmiRow(text)) {
      out.almost(HEADLESS);
      return false;
    }
    if (this.#csv === null && this.#dmon === null && !/memory[.,]|memory \[|memory$/.test(text)) return false;
    if (text.includes(', ')) return this.#csvLine(text.split(', ').map(cell => cell.trim()));
    return this.#dmon !== null && this.#dmonRow(text, this.#dmon);
  }

  end(): void {
    const devices = [...this.#round.values()];
    this.#round.clear();
    if (devices.length > 0) this.#out!.devices({ devices }, this.#since!);
    this.#since = null;
  }

  /** A line of the table; what is none of it ends it. */
  #tableLine(text: string): boolean {
    const line = smiTableLine(text);
    if (line?.kind === 'head') {
      this.end();
      this.#table = 'head';
      return true;
    }
    // A row of a process, or of a part of a GPU, is like nothing else; the table's head may not have been copied.
    if (this.#table === null && (line?.kind === 'process' || line?.kind === 'slice')) this.#table = 'head';
    const table = this.#table;
    if (table === null) return false;
    if (line?.kind === 'device') this.#table = line;
    else if (line?.kind === 'memory' && table !== 'head') {
      const { index, name } = table;
      this.#row(`${index}`, {
        index,
        name,
        usedBytes: line.usedMib * MIB,
        totalBytes: line.totalMib * MIB,
      });
      this.#table = 'head';
    } else if (line?.kind === 'slice') {
      const name = `MIG ${line.index} of GPU ${line.gpu}`;
      this.#row(name, {
        uuid: name,
        name: `${name}, instance ${line.instance}`,
        usedBytes: line.usedMib * MIB,
        totalBytes: line.totalMib * MIB,
      });
    } else if (line?.kind === 'process')
      this.#process(`${line.index}`, { index: line.index }, processOf(line.pid, line.name, line.usedMib));
    else if (/^[|+]|^\s*$/.test(text)) return text.trim() !== '';
    else {
      this.#table = null;
      return false;
    }
    return true;
  }

  /** A process of a device; one that comes again begins the next round. */
  #process(key: string, device: DeviceSample, process: DeviceProcess): void {
    let known = this.#round.get(key);
    if (known?.processes?.some(({ pid }) => pid === process.pid)) {
      this.end();
      known = undefined;
    }
    this.#since ??= this.#line;
    this.#round.set(key, { ...(known ?? device), processes: [...(known?.processes ?? []), process] });
  }

  #csvLine(cells: string[]): boolean {
    const columns = cells.map(cell => {
      const [, name = cell, unit = ''] = /^(.{1,60}?) ?\[(.{1,8})\]$/.exec(cell) ?? [];
      return { name, unit };
    });
    if (columns.every(({ name }) => KNOWN.test(name)) && columns.some(({ name }) => OF_MEMORY.test(name))) {
      this.#csv = columns;
      return true;
    }
    const known = this.#csv;
    if (known === null || cells.length !== known.length) return false;
    const cell = (...names: string[]): string | null => {
      const at = known.findIndex(({ name }) => names.includes(name));
      return at === -1 ? null : cells[at]!;
    };
    const number = (name: string): number | null =>
      numberIn(printedFigure(cell(name)?.replace(/ [WC]$/, '') ?? ''));
    const bytes = (name: string): number | null => {
      const at = known.findIndex(column => column.name === name);
      const read = at === -1 ? null : printedFigure(cells[at]!);
      return read === null ? null : (bytesOf(read, known[at]!.unit)?.bytes ?? null);
    };
    const pid = number('pid');
    if (isCount(pid)) {
      const held = bytes('used_gpu_memory') ?? bytes('used_memory');
      const [of, bus] = [cell('gpu_uuid'), cell('gpu_bus_id')];
      this.#process(
        of ?? bus ?? '',
        { ...(of !== null && { uuid: of }), ...(bus !== null && { pciBusId: bus }) },
        { pid, name: cell('process_name', 'name'), usedBytes: held },
      );
      return true;
    }
    const [total, free] = [bytes('memory.total'), bytes('memory.free')];
    const used =
      bytes('memory.used') ?? (total !== null && free !== null && free <= total ? total - free : null);
    if (used === null && total === null) return false;
    const index = number('index');
    const uuid = cell('uuid', 'gpu_uuid');
    const pci = cell('pci.bus_id', 'pci.device_id');
    this.#row(`${index ?? uuid ?? pci ?? this.#placeAt(cell('timestamp'))}`, {
      ...(isCount(index) && { index }),
      ...(uuid !== null && { uuid }),
      ...(pci !== null && { pciBusId: pci }),
      ...(cell('name', 'gpu_name') !== null && { name: cell('name', 'gpu_name') }),
      ...(used !== null && { usedBytes: used }),
      ...(total !== null && { totalBytes: total }),
      ...figureField('utilizationPercent', number('utilization.gpu')),
      ...figureField('temperatureCelsius', number('temperature.gpu')),
      ...figureField('powerWatts', number('power.draw')),
    });
    return true;
  }

  /** Which of its round a row is whose columns name no device: a round's rows are written at once. */
  #placeAt(time: string | null): number {
    const at = time === null ? Number.NaN : Date.parse(time.replaceAll('/', '-').replace(' ', 'T'));
    this.#place = at - this.#newestAt < OF_A_ROUND ? this.#place + 1 : 0;
    this.#newestAt = at;
    return this.#place;
  }

  #dmonRow(text: string, columns: string[]): boolean {
    const cells = text.trim().split(/\s+/);
    if (columns.includes('pid')) return this.#pmonRow(cells, columns);
    if (cells.length !== columns.length || !/^\d/.test(cells[0]!)) return false;
    const of: Partial<Record<(typeof DMON)[keyof typeof DMON], number>> = {};
    columns.forEach((column, i) => {
      const name = Object.hasOwn(DMON, column) ? DMON[column as keyof typeof DMON] : null;
      if (name !== null && /^\d{1,9}$/.test(cells[i]!)) of[name] = Number(cells[i]);
    });
    if (of.index === undefined) return false;
    this.#row(`${of.index}`, {
      index: of.index,
      ...(of.used !== undefined && { usedBytes: of.used * 1024 ** 2 }),
      ...figureField('utilizationPercent', of.percent ?? null),
      ...figureField('temperatureCelsius', of.celsius ?? null),
      ...figureField('powerWatts', of.watts ?? null),
    });
    return true;
  }

  /** `0  4711  C  20000  0  python`; a device without a process has dashes. */
  #pmonRow(cells: string[], columns: string[]): boolean {
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    if (cells.length < columns.length || !/^\d{1,3}$/.test(cells[0]!)) return false;
    const index = Number(cells[0]);
    if (/^\d{1,10}$/.test(cell('pid')) && /^\d{1,9}$/.test(cell('fb')))
      this.#process(
        `${index}`,
        { index },
        processOf(Number(cell('pid')), cell('command'), Number(cell('fb'))),
      );
    return true;
  }

  /** A device that comes again begins the next round. */
  #row(key: string, sample: DeviceSample): void {
    if (this.#round.has(key)) this.end();
    this.#since ??= this.#line;
    this.#round.set(key, sample);
  }
}

const MIB = 1024 ** 2;
const processOf = (pid: number, name: string, usedMib: number): DeviceProcess => ({
  pid,
  name,
  usedBytes: usedMib * MIB,
});
const numberIn = (read: Printed | null): number | null =>
  read === null || typeof read.value === 'string' ? null : read.value;
const figureField = (field: string, value: number | null): object =>
  value === null || value < 0 || (field === 'utilizationPercent' && value > 100) ? {} : { [field]: value };
