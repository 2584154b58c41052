/**
 * What the trainer does about memory pressure: it learns each minibatch in twice as many parts, whose gradients add up to the same. Between
 * two updates each action is an event; its effect is measured over the next updates, and undone where it did not help. Where memory is
 * refused within an update, that update is repeated from its start in more parts, and fewer are not tried again.
 */
import { torchSize } from '../../base/index.ts';
import type { DeviceMemory, OutOfMemory } from '../../contract/index.ts';
import { type DevicePressure, type Emitter, PressureWatch } from '../../emit/index.ts';

/** Updates before and after an action that its effect is the medians of. The first with it does not count: it has its cost. */
const WINDOW = 5;
const WARM_UP = 1;
/** After one that did not help: updates until the next, twice as many each time. */
const PAUSE = 20;
const KIND = 'shrink';
const MOST_MICROBATCHES = 16;
/** Pressure that fell by less may as well have swayed. */
const HELPFUL = 0.02;

/** What can be changed between two updates. */
export interface Adjustable {
  /** Parts that each minibatch is learned in. */
  microbatches: number;
  /** Samples of a minibatch: there are no more parts than that. */
  readonly minibatchSize: number;
  /** Gives the cache back: blocks of the former sizes would lie idle in it. */
  emptyCache(): void;
}

/** Parts that a minibatch of so many samples is learned in at most. */
export const mostParts = (minibatchSize: number): number => Math.min(MOST_MICROBATCHES, minibatchSize);

/** Even the smallest parts were refused: one sentence. The cause is the device's own error. */
export class DoesNotFit extends Error {
  override readonly name = 'DoesNotFit';
}

/** The figures of an allocation that a device refused; null of any other error. */
export const deviceRefusal = (error: unknown): OutOfMemory | null =>
  (error as { outOfMemory?: OutOfMemory } | null)?.outOfMemory ?? null;

interface Trial {
  id: number;
  device: string;
  before: Update[];
  after: Update[];
}

interface Update extends DevicePressure {
  updateMs: number;
}

const median = (values: (number | null)[]): number | null => {
  const known = values.filter(v => v !== null).sort((a, b) => a - b);
  const middle = known.length >> 1;
  if (known.length === 0) return null;
  return known.length % 2 ? known[middle]! : (known[middle - 1]! + known[middle]!) / 2;
};
const medianPressure = (updates: Update[]) => median(updates.map(update => update.pressureFraction));
const medianMs = (updates: Update[]) => median(updates.map(update => update.updateMs));
const refusalRate = (updates: Update[]) => updates.filter(update => update.isRefused).length / updates.length;

export class Interventions {
  readonly #adjustable: Adjustable;
  readonly #emitter: Emitter;
  readonly #watch = new PressureWatch();
  #recent: Update[] = [];
  #trial: Trial | null = null;
  #made = 0;
  #pause = PAUSE;
  /** The next reading has the refusals that were answered within its update, and their peak. */
  #isAnswered = false;
  /** Nothing is tried before this batch. */
  #restsUntil = 0;

  constructor(adjustable: Adjustable, emitter: Emitter) {
    this.#adjustable = adjustable;
    this.#emitter = emitter;
  }

  /** To be called after each update. @param memory its readings, of at most one device @param updateMs time of optimising */
  afterUpdate(batch: number, memory: readonly DeviceMemory[], updateMs: number): void {
    const [pressure] = this.#watch.read(memory);
    if (pressure === undefined) return;
    if (this.#isAnswered) {
      this.#isAnswered = false;
      return;
    }
    const update = { ...pressure, updateMs };
    if (this.#trial !== null) {
      this.#trial.after.push(update);
      if (this.#trial.after.length >= WARM_UP + WINDOW) this.#conclude(this.#trial, batch);
      return;
    }
    this.#recent = [...this.#recent, update].slice(-WINDOW);
    if (update.isPressed && batch >= this.#restsUntil) this.#shrink(update, batch);
  }

  /**
   * Learns; where the device refuses its memory, again in twice as many parts, down to a sixteenth of a minibatch.
   * @param undo takes back what a refused attempt changed
   * @throws DoesNotFit where the smallest parts are refused; any other error of `learn` is its own
   */
  within<T>(batch: number, learn: () => T, undo: () => void): T {
    for (let refused: OutOfMemory | null = null; ; ) {
      try {
        const learned = learn();
        if (refused !== null)
          this.#endRetry(refused, batch, `the update fitted in ${this.#adjustable.microbatches} parts`, true);
        return learned;
      } catch (error) {
        const again = deviceRefusal(error);
        if (again === null) throw error;
        if (refused !== null) this.#endRetry(refused, batch, 'memory was refused again', false);
        refused = again;
        this.#halve(refused, batch, error);
        undo();
      }
    }
  }

  #halve({ device, triedBytes, freeBytes }: OutOfMemory, batch: number, cause: unknown): void {
    const parts = this.#adjustable.microbatches;
    if (parts >= this.#most) {
      const asked = triedBytes == null ? 'memory' : torchSize(triedBytes);
      const left = freeBytes == null ? '' : ` with ${torchSize(freeBytes)} free`;
      throw new DoesNotFit(
        `${device} refused ${asked}${left}, with the work already in ${parts} parts: it needs a larger device, or less at a time. Fewer --steps or --envs, or more --set minibatches=N, need less.`,
        { cause },
      );
    }
    if (this.#trial !== null)
      this.#end(this.#trial, batch, {
        reason: 'memory was refused within an update',
        helped: false,
        reverted: false,
      });
    this.#recent = [];
    this.#isAnswered = true;
    const microbatches = Math.min(2 * parts, this.#most);
    this.#set(microbatches);
    const reason = 'memory was refused within the update, which is repeated from its start';
    const action = { id: ++this.#made, kind: KIND, device, batch, reason };
    this.#emitter.emit('INTERVENTION_APPLIED', { ...action, pressureFraction: null, microbatches });
  }

  /** What came of the newest repetition within an update. */
  #endRetry({ device }: OutOfMemory, batch: number, reason: string, helped: boolean): void {
    const notMeasured = {
      pressureBefore: null,
      pressureAfter: null,
      updateMsBefore: null,
      updateMsAfter: null,
    };
    this.#emitter.emit('INTERVENTION_ENDED', {
      ...{ id: this.#made, kind: KIND, device, batch, reason },
      ...{ helped, reverted: helped ? null : false, updates: 1, ...notMeasured },
    });
  }

  get #most(): number {
    return mostParts(this.#adjustable.minibatchSize);
  }

  #shrink({ device, pressureFraction, isRefused }: Update, batch: number): void {
    const microbatches = 2 * this.#adjustable.microbatches;
    if (microbatches > this.#most) return;
    const id = ++this.#made;
    this.#set(microbatches);
    this.#trial = { id, device, before: this.#recent, after: [] };
    const reason = isRefused ? 'the allocator was refused memory' : 'the peak nears what there is to have';
    this.#emitter.emit('INTERVENTION_APPLIED', {
      id,
      kind: KIND,
      device,
      batch,
      reason,
      pressureFraction,
      microbatches,
    });
  }

  #conclude(trial: Trial, batch: number): void {
    const { before, after } = trial;
    const measured = after.slice(WARM_UP);
    const [pressureBefore, pressureAfter] = [medianPressure(before), medianPressure(measured)];
    const fell =
      pressureBefore !== null && pressureAfter !== null && pressureBefore - pressureAfter > HELPFUL;
    const eased = refusalRate(measured) < refusalRate(before);
    const helped = fell || eased;
    if (!helped) {
      this.#set(this.#adjustable.microbatches / 2);
      this.#restsUntil = batch + this.#pause;
      this.#pause *= 2;
    }
    this.#recent = helped ? measured : [];
    const reason = fell
      ? 'pressure fell'
      : eased
        ? 'memory was refused less often'
        : 'neither pressure nor refusals fell';
    this.#end(trial, batch, { reason, helped, reverted: !helped });
  }

  /** Reports what came of a trial up to here. */
  #end(
    { id, device, before, after }: Trial,
    batch: number,
    outcome: { reason: string; helped: boolean; reverted: boolean },
  ): void {
    this.#trial = null;
    const measured = after.slice(WARM_UP);
    this.#emitter.emit('INTERVENTION_ENDED', {
      ...{ id, kind: KIND, device, batch, ...outcome, updates: measured.length },
      pressureBefore: medianPressure(before),
      pressureAfter: medianPressure(measured),
      updateMsBefore: medianMs(before),
      updateMsAfter: medianMs(measured),
    });
  }

  #set(microbatches: number): void {
    this.#adjustable.microbatches = microbatches;
    this.#adjustable.emptyCache();
  }
}
