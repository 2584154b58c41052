/**
 * `nvidia-smi --query-gpu=… --format=csv -l N` and `nvidia-smi dmon`, beside a trainer's log or alone: what the driver reports of each
 * device, all processes together, in MiB. A round of rows, one a device, is one sample.
 */
import type { DeviceSample } from '../../contract/index.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { bytesOf, isCount, type Printed, printedFigure } from '../printed.ts';

/** Heads of columns that a query may have, without their units. */
const KNOWN =
  /^(?:timestamp|index|count|name|gpu_name|uuid|gpu_uuid|serial|pstate|driver_version|(?:pci|memory|utilization|temperature|power|clocks|fan|mig|ecc)\.[\w.]{1,40})$/;
/** Names of `dmon`'s columns that are read. */
const DMON = { gpu: 'index', fb: 'used', pwr: 'watts', gtemp: 'celsius', sm: 'percent' } as const;

export const nvidiaSmi: LogFormat = {
  name: 'nvidia-smi',
  about: 'nvidia-smi’s CSV and dmon, beside any other log',
  marks: ['memory.', '# gpu'],
  claim: 'beside',
  open: () => new NvidiaSmiParser(),
};

class NvidiaSmiParser implements LineParser {
  /** Columns of the newest head, by which rows are known. */
  #csv: { name: string; unit: string }[] | null = null;
  #dmon: string[] | null = null;
  #round = new Map<string, DeviceSample>();
  #out: Outlet | null = null;

  get isOpen(): boolean {
    return this.#csv !== null || this.#dmon !== null;
  }

  read({ text }: LogLine, out: Outlet): boolean {
    this.#out = out;
    if (/^# ?gpu\s/.test(text)) {
      this.#dmon = text.replace('#', ' ').trim().split(/\s+/);
      return true;
    }
    if (this.#dmon !== null && /^# ?Idx\s/.test(text)) return true;
    if (this.#csv === null && this.#dmon === null && !text.includes('memory.')) return false;
    if (text.includes(', ')) return this.#csvLine(text.split(', ').map(cell => cell.trim()));
    return this.#dmon !== null && this.#dmonRow(text, this.#dmon);
  }

  end(): void {
    const devices = [...this.#round.values()];
    this.#round.clear();
    if (devices.length > 0) this.#out!.devices({ devices });
  }

  #csvLine(cells: string[]): boolean {
    const columns = cells.map(cell => {
      const [, name = cell, unit = ''] = /^(.{1,60}?) ?\[(.{1,8})\]$/.exec(cell) ?? [];
      return { name, unit };
    });
    if (
      columns.every(({ name }) => KNOWN.test(name)) &&
      columns.some(({ name }) => name.startsWith('memory.'))
    ) {
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
    const [total, free] = [bytes('memory.total'), bytes('memory.free')];
    const used =
      bytes('memory.used') ?? (total !== null && free !== null && free <= total ? total - free : null);
    if (used === null && total === null) return false;
    const index = number('index');
    const uuid = cell('uuid', 'gpu_uuid');
    const pci = cell('pci.bus_id', 'pci.device_id');
    this.#row(`${index ?? uuid ?? pci ?? cell('timestamp') ?? ''}`, {
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

  #dmonRow(text: string, columns: string[]): boolean {
    const cells = text.trim().split(/\s+/);
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

  /** A device that comes again begins the next round. */
  #row(key: string, sample: DeviceSample): void {
    if (this.#round.has(key)) this.end();
    this.#round.set(key, sample);
  }
}

const numberIn = (read: Printed | null): number | null =>
  read === null || typeof read.value === 'string' ? null : read.value;
const figureField = (field: string, value: number | null): object =>
  value === null || value < 0 || (field === 'utilizationPercent' && value > 100) ? {} : { [field]: value };
