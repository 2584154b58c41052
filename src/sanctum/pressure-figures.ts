/** Memory pressure and headroom, as the banner and the memory panel both write them. */
import type { MemoryPressure } from '../contract/index.ts';
import { gib } from './figures.ts';
import { healthStyle, type Row, span } from './style.ts';

/** `pressure 0.71`; empty where it is not known. `≤` where the peak is that of the whole run. */
export function pressureFigure({ pressureFraction, isUpperBound, status }: MemoryPressure): Row {
  if (pressureFraction === null) return [];
  const style = status === 'healthy' ? 'plain' : healthStyle[status];
  return [span('pressure ', 'dim'), span(`${isUpperBound ? '≤' : ''}${pressureFraction.toFixed(2)}`, style)];
}

/** `headroom 1.90–2.30 GiB`: stranded pieces lost, and used; one figure where stranded pieces are not told. */
export function headroomFigure({
  headroomBytes: least,
  headroomAtBestBytes: most,
  isUpperBound,
}: MemoryPressure): Row {
  if (most === null) return [];
  const bound = isUpperBound ? (least === null ? '~' : '≥') : least === null ? '≤' : '';
  const range = least === null || gib(least) === gib(most) ? gib(most) : `${gib(least)}–${gib(most)}`;
  return [span('headroom ', 'dim'), span(`${bound}${range} GiB`)];
}
