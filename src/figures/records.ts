/** All figures, by name; their records, by number; their bounds. */
import { allocatorCounters } from './allocator.ts';
import { deviceFigures } from './device.ts';
import type { Family, Figure } from './figure.ts';
import { gradient } from './gradient.ts';
import { hostFigures } from './host.ts';
import { ledger } from './ledger.ts';
import { phases } from './phases.ts';
import { policy } from './policy.ts';
import { pool } from './pool.ts';
import { pressure } from './pressure.ts';
import { rankFigures } from './ranks.ts';
import { recordOf, type TelemetryRecord } from './record.ts';
import { reportFigures } from './report.ts';
import { telemetry } from './telemetry.ts';
import { training } from './training.ts';
import { valueFunction } from './value.ts';

/** By the name of their file. */
const families = {
  training,
  policy,
  value: valueFunction,
  gradient,
  telemetry,
  host: hostFigures,
  device: deviceFigures,
  allocator: allocatorCounters,
  pressure,
  pool,
  ledger,
  phases,
  report: reportFigures,
  ranks: rankFigures,
} as const satisfies Record<string, Family>;

/** Every figure, by its own name. */
export const figures: Readonly<Record<string, Figure>> = Object.assign({}, ...Object.values(families));

let records: readonly TelemetryRecord[] | undefined;

/** Every record, by number; made where the first is asked for, because a screen that comes up asks for none. */
export function allRecords(): readonly TelemetryRecord[] {
  records ??= Object.entries(families)
    .flatMap(([family, own]) =>
      Object.entries(own).map(([name, figure]) =>
        recordOf(name, `src/figures/${family}.ts`, figure, figures),
      ),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return records;
}

/** The record of the figure at a path of the snapshot, or of a figure's or a record's name; undefined where there is none. */
export const recordFor = (key: string): TelemetryRecord | undefined =>
  allRecords().find(record => record.path === key || record.figure === key || record.id === key);
