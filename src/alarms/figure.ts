/**
 * The figures that a condition may name: those of the telemetry records, looked at wherever they are measured, on every
 * device of every rank rather than on the lead's first; the run's state in words; and a short name for what is asked most.
 */
import type { SanctumSnapshot } from '../contract/index.ts';
import { fieldAt, figures, placeOf, valueIn } from '../figures/index.ts';

export interface AlarmFigure {
  /** The record's figure, or a word for a state. */
  name: string;
  label: string;
  /** What has one value of it each. */
  each: 'device' | 'rank' | 'run';
  /** Fields on the way to it from the device, the rank or the snapshot. */
  path: readonly string[];
  /** Fields on the way to what it is divided by; null: it stands as it is. */
  of: readonly string[] | null;
  type: 'number' | 'flag';
  units: string;
  /** Only for a word: the states that it means. */
  states: readonly string[] | null;
}

/** One value of a figure, and where it is. */
export interface FigureReading {
  /** Null for a figure of the whole run. */
  rank: number | null;
  device: string | null;
  /** Null: not measured. */
  value: number | boolean | null;
}

export const shortNames: Readonly<Record<string, string>> = {
  pressure: 'pressureFraction',
  headroom: 'headroomBytes',
  mem: 'memoryUsagePercent',
  device: 'usedPercent',
  ram: 'ramUsedPercent',
  alarm: 'hasMemoryAlarm',
};

const word = (name: string, states: readonly string[]): AlarmFigure => ({
  name,
  label: name,
  each: 'rank',
  path: ['state'],
  of: null,
  type: 'flag',
  units: 'none',
  states,
});

/** By the number of their records. */
const declared = Object.entries(figures).sort(([, a], [, b]) => (a.id < b.id ? -1 : 1));

const measured: AlarmFigure[] = declared.flatMap(([name, { document, label, path, unit }]) => {
  // A report is of a whole run: alarms look at the moment.
  const place = document === 'report' ? null : placeOf(path);
  if (place === null || unit.type === 'text' || unit.type === 'list') return [];
  const type = unit.type === 'boolean' ? 'flag' : 'number';
  const { each, keys } = place;
  return [{ name, label, each, path: keys, of: null, type, units: unit.units, states: null }];
});

/** The one figure that no record has: bytes mean little without their total. */
const headroomFraction: AlarmFigure = {
  name: 'headroomFraction',
  label: 'headroom',
  each: 'device',
  path: ['pressure', 'headroomBytes'],
  of: ['pressure', 'budgetBytes'],
  type: 'number',
  units: 'fraction',
  states: null,
};

export const alarmFigures: ReadonlyMap<string, AlarmFigure> = new Map(
  [
    ...measured,
    headroomFraction,
    word('ended', ['completed', 'interrupted', 'failed', 'gone', 'unknown']),
    word('completed', ['completed']),
    word('interrupted', ['interrupted']),
    word('failed', ['failed']),
  ].map(figure => [figure.name, figure]),
);

/** By its name or its short name; undefined where there is none. */
export const figureNamed = (name: string): AlarmFigure | undefined =>
  alarmFigures.get(shortNames[name] ?? name);

/** The figure of one device, one rank or a whole snapshot, according to `figure.each`. Null: not measured. */
export function measuredValue(figure: AlarmFigure, owner: object): number | boolean | null {
  if (figure.states !== null) return figure.states.includes(fieldAt(owner, figure.path) as string);
  const value = valueIn(figure.name, figure.path, owner);
  if (figure.of === null || typeof value !== 'number') return value;
  const whole = fieldAt(owner, figure.of);
  return typeof whole === 'number' && whole > 0 ? value / whole : null;
}

/** Every value of the figure in the snapshot, by rank and device. */
export function readingsOf(figure: AlarmFigure, snapshot: SanctumSnapshot): FigureReading[] {
  const { devices, ranks } = snapshot;
  if (figure.each === 'device')
    return devices.map(owner => ({
      rank: owner.rank,
      device: owner.device,
      value: measuredValue(figure, owner),
    }));
  if (figure.each === 'rank')
    return ranks.map(owner => ({ rank: owner.rank, device: null, value: measuredValue(figure, owner) }));
  return [{ rank: null, device: null, value: measuredValue(figure, snapshot) }];
}
