/** Numbers that begin again in each epoch, beside the epoch → numbers through all of them. */
import { EPOCHS } from './dialects.ts';
import type { Figures } from './figures.ts';
import { isCount } from './printed.ts';

export class ThroughEpochs {
  /** The record before: its epoch, its own number, and the one that it got. */
  #before: { epoch: number; own: number; number: number } | null = null;
  /** Number that the first epoch began with. */
  #first = 0;
  /** What the epochs before add; 0 as long as numbers go on from epoch to epoch. */
  #base = 0;

  /** An evaluation behind the newest record, which is numbered by the last iteration of its epoch. */
  ends(figures: Figures): void {
    const [own, epoch] = ['iter', 'epoch'].map(key => figures.get(key)?.value);
    const before = this.#before;
    if (!isCount(own) || before === null || epoch !== before.epoch || own <= before.own) return;
    this.#before = { ...before, number: before.number + own - before.own, own };
  }

  number(own: number, figures: Figures): number {
    const epoch = EPOCHS.map(key => figures.get(key)?.value).find(isCount);
    if (epoch === undefined) return own;
    const before = this.#before;
    if (before === null) this.#first = own;
    else if (epoch < before.epoch) this.#base = 0;
    else if (epoch > before.epoch && own <= before.own && own <= this.#first)
      this.#base = before.number + Number(own === 0);
    const number = this.#base + own;
    this.#before = { epoch, own, number };
    return number;
  }
}
