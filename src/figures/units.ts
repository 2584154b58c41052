/** Units of figures: their type and range, how they are printed, and what stands where nothing was measured. */
export interface Unit {
  type: 'float' | 'integer' | 'boolean' | 'text' | 'list';
  units: string;
  /** Inclusive; null for unbounded. Values outside are kept as they came. */
  range: readonly [number | null, number | null] | null;
  /** How it is printed. */
  precision: string;
  /** How screens write it; default: about three digits. */
  form?: 'scaled' | 'milliseconds';
  /** The value where nothing was measured; default: null. */
  default?: number | string | boolean | readonly never[];
}

const DIGITS = 'about three digits';
const unit = (type: Unit['type'], units: string, range: Unit['range'], precision: string): Unit => ({
  type,
  units,
  range,
  precision,
});

/** A number without a unit. */
export const number = unit('float', 'none', [null, null], DIGITS);
export const nats = unit('float', 'nats', [null, null], DIGITS);
export const fraction = unit('float', 'fraction (0–1)', [0, 1], DIGITS);
export const percentage = unit('float', 'percent (0–100)', [0, 100], 'no decimals');
export const wholeCount = unit('integer', 'count', [0, null], 'whole');
export const total: Unit = { ...unit('integer', 'count', [0, null], '950, 21.4k, 1.2M'), form: 'scaled' };
export const bytes = unit('integer', 'bytes', [0, null], 'GiB');
export const gigabytes = unit('float', 'GB (bytes / 1024³)', [0, null], `GiB, ${DIGITS}`);
export const phaseBytes = unit(
  'integer',
  'bytes',
  [0, null],
  'GiB, hundredths; never more digits than a watched log printed',
);
export const ms: Unit = { ...unit('float', 'ms', [0, null], '0.02 ms, 47 ms, 1.3 s'), form: 'milliseconds' };
export const rate: Unit = { ...unit('float', '1/s', [0, null], '950, 21.4k, 1.2M'), form: 'scaled' };
export const flag = (precision: string): Unit => unit('boolean', 'none', null, precision);
export const text = (units: string, precision: string): Unit => unit('text', units, null, precision);
