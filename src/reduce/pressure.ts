/**
 * Memory pressure of one reading: how much of what the process could have at most it needed at its peak. What it
 * could have is what it has reserved and what the device has free, up to the process's own limit.
 */
import type { DeviceMemory, MemoryPressure } from '../contract/index.ts';
import {
  headroomAtBestBytesOf,
  headroomBytesOf,
  isPeakOfRun,
  judge,
  limits,
  needOf,
  pressureFractionOf,
} from '../figures/index.ts';

/** Each figure is null where what it is made of is unknown. Above 1 is kept: the peak would not fit any more. */
export function pressureOf(reading: DeviceMemory): MemoryPressure {
  const need = needOf(reading);
  const pressureFraction = pressureFractionOf(need);
  return {
    budgetBytes: need.budgetBytes,
    peakBytes: need.peakBytes,
    pressureFraction,
    headroomBytes: headroomBytesOf(need),
    headroomAtBestBytes: headroomAtBestBytesOf(need),
    isUpperBound: isPeakOfRun(reading),
    status: judge(limits.memoryPressure, pressureFraction),
  };
}
