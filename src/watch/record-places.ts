/** Records that print their place among so many, `"epoch": "2/200", "iter": "10/500"`, as SlowFast's do → their number through all epochs. */
import type { Figures } from './figures.ts';
import { isCount } from './printed.ts';

export interface RecordPlace {
  number: number;
  total: number;
}

export class RecordPlaces {
  /** Whether iterations are recorded, and not epochs alone. */
  #hasIterations = false;

  /** Takes the place out of the record; null where it has none, `other` where it is of no step: an evaluation, or the sum of an epoch whose iterations are recorded. */
  take(figures: Figures): RecordPlace | 'other' | null {
    const [epoch, epochs, iter, iters] = ['epoch', 'max_epoch', 'iter', 'max_iter'].map(
      key => figures.get(key)?.value,
    );
    if (!isCount(epoch) || !isCount(epochs)) return null;
    const isFiner = isCount(iter) && isCount(iters);
    if (![...figures.keys()].some(key => key === 'loss' || key === 'train_loss')) return 'other';
    if (this.#hasIterations && !isFiner) return 'other';
    this.#hasIterations = isFiner;
    for (const key of ['max_epoch', 'iter', 'max_iter']) figures.delete(key);
    if (!isFiner) {
      figures.delete('epoch');
      return { number: epoch, total: epochs };
    }
    return { number: Math.max(0, epoch - 1) * iters + iter, total: epochs * iters };
  }
}
