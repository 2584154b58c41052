/** Figures of a trainer's own: the newest of each, its extremes, and the newest part of its history. */
import {
  HISTORY_LENGTH,
  OWN_FIGURES,
  type OwnFigure,
  type OwnHistory,
  type OwnValue,
  type RankState,
} from '../contract/index.ts';

type Own = Pick<RankState, 'own' | 'ownHistory' | 'ownLeftOut'>;

/** A rank's own figures, to be changed in place; copied from the snapshot's when the first one comes. */
export class OwnFiguresDraft {
  readonly #before: Own;
  #figures: Map<string, { figure: OwnFigure; history: OwnHistory }> | null = null;
  #leftOut: number;

  constructor({ own, ownHistory, ownLeftOut }: Own) {
    this.#before = { own, ownHistory, ownLeftOut };
    this.#leftOut = ownLeftOut;
  }

  put(name: string, value: OwnValue, batch: number, timeMs: number): void {
    const known = this.#known();
    let own = known.get(name);
    if (own === undefined) {
      if (known.size >= OWN_FIGURES) {
        this.#leftOut++;
        return;
      }
      const none = { value: null, nonFinite: null, lowest: null, highest: null };
      own = { figure: { name, ...none, batch, timeMs }, history: { name, batch: [], value: [] } };
      known.set(name, own);
    }
    const { figure, history } = own;
    const number = typeof value === 'number' ? value : null;
    figure.value = number;
    figure.nonFinite = number === null ? String(value) : null;
    figure.batch = batch;
    figure.timeMs = timeMs;
    if (number !== null) {
      figure.lowest = Math.min(figure.lowest ?? number, number);
      figure.highest = Math.max(figure.highest ?? number, number);
    }
    history.batch.push(batch);
    history.value.push(number);
    if (history.batch.length < 2 * HISTORY_LENGTH) return;
    history.batch.splice(0, HISTORY_LENGTH);
    history.value.splice(0, HISTORY_LENGTH);
  }

  /** Forgets the history after this batch, which a resumed run makes again. */
  rewind(batch: number): void {
    if (this.#figures === null && this.#before.own.length === 0) return;
    for (const { history } of this.#known().values()) {
      // What is kept by chance of the grouping of events must not come back.
      const [batches, values] = [history.batch.slice(-HISTORY_LENGTH), history.value.slice(-HISTORY_LENGTH)];
      history.batch = batches.filter(at => at <= batch);
      history.value = values.filter((_, i) => batches[i]! <= batch);
    }
  }

  finish(): Own {
    if (this.#figures === null) return { ...this.#before, ownLeftOut: this.#leftOut };
    const all = [...this.#figures.values()];
    return {
      own: all.map(({ figure }) => ({ ...figure })),
      ownHistory: all.map(({ history: { name, batch, value } }) => ({
        name,
        batch: batch.slice(-HISTORY_LENGTH),
        value: value.slice(-HISTORY_LENGTH),
      })),
      ownLeftOut: this.#leftOut,
    };
  }

  #known() {
    this.#figures ??= new Map(
      this.#before.own.map((figure, i) => {
        const { name, batch, value } = this.#before.ownHistory[i]!;
        return [
          figure.name,
          { figure: { ...figure }, history: { name, batch: [...batch], value: [...value] } },
        ];
      }),
    );
    return this.#figures;
  }
}
