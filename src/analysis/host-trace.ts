/** What a rank's log shows of the host's memory: evidence where the training ended for lack of it, or may have. */
import type { EventOf, OwnReport } from '../contract/index.ts';
import { torchAmount } from './text-finding.ts';

type Reading = EventOf<'HOST_SAMPLED'>['data'];

/** Figures of a trainer's own that are of its process: `RSS (G)`. */
const OF_PROCESS = /^RSS \((.{1,4})\)$/;
/** What grows by less has no part in the end. */
const GROWTH = 1.25;

export class HostTrace {
  #first: Reading | null = null;
  #newest: Reading | null = null;

  take(reading: Reading): void {
    this.#first ??= reading;
    this.#newest = reading;
  }

  /** Sentences of the newest readings. @param own figures of the trainer's own */
  evidence(own: readonly OwnReport[]): string[] {
    const [first, newest] = [this.#first, this.#newest];
    const used = newest?.ramUsedBytes;
    const total = newest?.ramTotalBytes;
    const process = newest?.processRssBytes;
    return [
      ...(used == null
        ? []
        : [
            `The host had ${torchAmount(used)}${total == null ? '' : ` of ${torchAmount(total)}`} in use when it was read last${since(first?.ramUsedBytes, used)}.`,
          ]),
      ...(process == null
        ? []
        : [`The process held ${torchAmount(process)} of it${since(first?.processRssBytes, process)}.`]),
      ...own.flatMap(({ name, newest: last, lowest }) => {
        const unit = OF_PROCESS.exec(name)?.[1];
        if (unit === undefined || last === null) return [];
        const grown = lowest !== null && last > lowest * GROWTH ? `, ${lowest} ${unit} at least before` : '';
        return [`The process held ${last} ${unit} of the host’s memory when it was printed last${grown}.`];
      }),
    ];
  }
}

const since = (first: number | null | undefined, newest: number): string =>
  first != null && newest > first * GROWTH ? `, ${torchAmount(first)} at first` : '';
