/**
 * Runs that are long enough to be reported on: one device's memory, update by update, as the agent would read it.
 * A figure of the report is moved by making a run of which it is true.
 */
import { GIB } from '../../src/base/index.ts';
import type { DeviceMemory } from '../../src/contract/index.ts';

export interface GivenUpdate {
  memory: Partial<DeviceMemory>;
  /** Of the optimisation, ms. */
  updateMs: number;
  /** Of the update; that of the fixture where it is absent. */
  loss?: number;
}

const TOTAL_BYTES = 16 * GIB;
const RESERVED_BYTES = 10 * GIB;
export const UPDATE_MS = 90;
export const ROLLOUT_MS = 10;
/** By the clock, from one update to the next. */
export const EVERY_MS = 60_000;

/** An update that needs so much at its peak and holds so much after it; the budget is the whole device. */
export const needing = (peakBytes: number, heldBytes = peakBytes): GivenUpdate => ({
  memory: {
    allocatedBytes: Math.round(heldBytes),
    activeBytes: Math.round(heldBytes),
    peakActiveBytes: Math.round(peakBytes),
    peakAllocatedBytes: Math.round(peakBytes),
    peakScope: 'update',
    inactiveSplitBytes: 0,
    reservedBytes: RESERVED_BYTES,
    deviceFreeBytes: TOTAL_BYTES - RESERVED_BYTES,
    deviceTotalBytes: TOTAL_BYTES,
  },
  updateMs: UPDATE_MS,
});

const many = (updates: number, of: (i: number) => GivenUpdate): GivenUpdate[] =>
  Array.from({ length: updates }, (_, i) => of(i));

/** Refused from the update on that is the first of every `each`, so often; each such update takes longer by `extraMs`. */
function refused(updates: number, each: number, most: number, extraMs: number): GivenUpdate[] {
  let retries = 0;
  return many(updates, i => {
    const isRefused = i >= each && i % each === 0 && retries < most;
    if (isRefused) retries++;
    const { memory } = needing(4 * GIB);
    return { memory: { ...memory, allocRetries: retries }, updateMs: UPDATE_MS + (isRefused ? extraMs : 0) };
  });
}

const UPDATES = 210;
const EACH = 20;
/** Updates of a process that the analysis leaves out when it looks for lost time. */
const WARMUP = 10;

/** A share of the budget that each update of a leak keeps, and the updates that are fitted. */
const LEAK_BYTES = TOTAL_BYTES / 100;
const FITTED = 50;
/** What is missing when it is too little, of an update’s leak: a little, as segments are far smaller than what leaks. */
const GRANULE = -0.05;

/** A leak after which memory is gone in so many updates. */
const leaking = (left: number): GivenUpdate[] =>
  many(FITTED, i => needing(TOTAL_BYTES - (left + GRANULE + FITTED - 1 - i) * LEAK_BYTES));

const updatesOf: Record<string, (value: never) => GivenUpdate[]> = {
  verdictKind: () => leaking(40),
  lostFraction(share: number) {
    const [busy, usualMs] = [Math.floor((UPDATES - 1) / EACH), (UPDATES - WARMUP) * (UPDATE_MS + ROLLOUT_MS)];
    return refused(UPDATES, EACH, busy, (share * usualMs) / (1 - share) / busy);
  },
  forecastUpdates: leaking,
  // At one update a minute.
  forecastMinutes: leaking,
  updatesAtTheWall: (count: number) => refused(UPDATES, EACH / 2, count, 0),
  brokenLossUpdates: (count: number) =>
    many(EACH + count, i => ({ ...needing(4 * GIB), ...(i >= EACH && { loss: Number.NaN }) })),
  spikes: (count: number) =>
    many(UPDATES, i =>
      needing(i >= EACH && i % EACH === 0 && i / EACH <= count ? 9 * GIB : 4 * GIB, 3 * GIB),
    ),
};

/** The run of which the figure of the report has the value; null for a figure that no run is made for. */
export const updatesFor = (figure: string, value: unknown): GivenUpdate[] | null =>
  updatesOf[figure]?.(value as never) ?? null;
