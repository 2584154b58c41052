/**
 * Memory pressure as the training process itself sees it, so that it may act: a callback when a device comes under pressure, and not
 * again until the pressure was gone. A device that was refused memory is under pressure, whatever its figures are.
 */
import type { DeviceMemory } from '../contract/index.ts';
import { edge, limits, needOf, pressureFractionOf } from '../figures/index.ts';

/** TELE-760's: under pressure from critical on, until it is no warning any more. */
const bounds = limits.memoryPressure;

export interface DevicePressure {
  device: string;
  /** Peak / budget of the newest reading; null where it was not measured. */
  pressureFraction: number | null;
  peakBytes: number | null;
  budgetBytes: number | null;
  /** The allocator was refused memory since the reading before. */
  isRefused: boolean;
  /** It rose above the one level, or was refused memory, and has not fallen below the other since. */
  isPressed: boolean;
}

export interface PressureWatchOptions {
  /** Under pressure above the one, until below the other; fractions of the budget. */
  above?: number;
  below?: number;
}

export class PressureWatch {
  readonly #above: number;
  readonly #below: number;
  readonly #callbacks = new Set<(pressure: DevicePressure) => void>();
  readonly #refusals = new Map<string, number>();
  readonly #pressed = new Set<string>();
  /** Callbacks that threw: what they do is their own affair, and no reason to stop training. */
  failed = 0;

  constructor({ above = edge(bounds.critical), below = edge(bounds.warning) }: PressureWatchOptions = {}) {
    if (!(below <= above))
      throw new RangeError(`Pressure must fall below what it rose above: ${below} is more than ${above}.`);
    this.#above = above;
    this.#below = below;
  }

  /** @returns ends it */
  onPressure(callback: (pressure: DevicePressure) => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  /** Takes an update's reading, and calls back before it returns. Never throws. */
  read(memory: readonly DeviceMemory[]): DevicePressure[] {
    return memory.map(reading => {
      const pressure = this.#pressureOf(reading);
      const wasPressed = this.#pressed.has(reading.device);
      if (pressure.isPressed) this.#pressed.add(reading.device);
      else this.#pressed.delete(reading.device);
      if (pressure.isPressed && !wasPressed) this.#call(pressure);
      return pressure;
    });
  }

  #call(pressure: DevicePressure): void {
    for (const callback of this.#callbacks)
      try {
        callback(pressure);
      } catch {
        this.failed++;
      }
  }

  #pressureOf(reading: DeviceMemory): DevicePressure {
    const { device, allocRetries, ooms } = reading;
    const need = needOf(reading);
    const { peakBytes, budgetBytes } = need;
    const refusals = (allocRetries ?? 0) + (ooms ?? 0);
    // What was counted before the first reading, or before a reset, is of no known time.
    const isRefused = refusals > (this.#refusals.get(device) ?? refusals);
    this.#refusals.set(device, refusals);
    const pressureFraction = pressureFractionOf(need);
    // Not measured is neither: what was holds.
    const wasPressed = this.#pressed.has(device);
    const isHigh =
      pressureFraction === null
        ? wasPressed
        : pressureFraction > this.#above || (wasPressed && pressureFraction >= this.#below);
    return { device, pressureFraction, peakBytes, budgetBytes, isRefused, isPressed: isRefused || isHigh };
  }
}
