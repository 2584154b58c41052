/**
 * The whole chart of a long run before its events are reduced: its points alone, by a reader that is many times as fast, from the
 * packed figures or from parts of the log that are read side by side. The same summary, to the byte, as the index comes to.
 */
import type { GrowingCounters } from '../figures/index.ts';
import { eventsFile, isWriterGone, logBytes, type RunFolder, ranksIn } from '../log/index.ts';
import { columnsOfLog, DependentLinesError, PackedPoints } from '../query/index.ts';
import { BLOCKS, EARLY_BYTES, MANY_RANKS } from './limits.ts';
import { Summary } from './summary.ts';

export interface EarlySeries {
  rank: number;
  /** Nothing is written any more: the series are of the whole run. */
  isWhole: boolean;
  /** Series that there are. */
  available: readonly string[];
  /** At least these figures. Throws where they can be read no more. */
  summaryOf(figures: readonly string[]): Promise<Summary>;
  /** Resolves when all answers that were asked for are made. Never throws. */
  idle(): Promise<unknown>;
  close(): void;
}

/**
 * Of the lowest rank, which a page shows first. Null where the run is short and of few ranks, or that rank's log has a line that means something for
 * those after it. Never throws.
 */
export async function earlySeries({ path }: RunFolder, signal: AbortSignal): Promise<EarlySeries | null> {
  try {
    const [rank, ...others] = ranksIn(path);
    if (rank === undefined) return null;
    // Of many ranks the whole log takes its time however short each of them is.
    if (others.length < MANY_RANKS && logBytes(path) < EARLY_BYTES) return null;
    // Looked at first: what was written before it is read.
    const isWhole = isWriterGone(path);
    const packed = others.length > 0 ? null : await PackedPoints.open(path);
    if (packed !== null) return { rank, isWhole, ...ofPacked(packed) };
    const summary = new Summary();
    const growing = new Map<string, GrowingCounters>();
    for await (const columns of columnsOfLog(eventsFile(path, rank), rank, signal))
      summary.addColumns(columns, growing);
    if (signal.aborted || summary.points === 0) return null;
    const available = [...summary.figures.keys()];
    return {
      rank,
      isWhole,
      available,
      summaryOf: async () => summary,
      idle: async () => {},
      close: () => {},
    };
  } catch (error) {
    if (!(error instanceof DependentLinesError) && process.env.ESPER_DEBUG) console.error(error);
    return null;
  }
}

/** Answers that are kept: the page asks for the same figures at every zoom. */
const ANSWERS = 4;

function ofPacked(packed: PackedPoints): Pick<EarlySeries, 'available' | 'summaryOf' | 'idle' | 'close'> {
  const answers = new Map<string, Promise<Summary>>();
  const read = async (figures: readonly string[]) => Summary.ofBlocks(await packed.blocks(figures, BLOCKS));
  let last: Promise<unknown> = Promise.resolve();
  return {
    available: packed.names,
    summaryOf(figures) {
      const key = [...figures].sort().join();
      const answer = answers.get(key) ?? last.then(() => read(figures));
      answers.delete(key);
      answers.set(key, answer);
      last = answer.catch(() => {});
      const [oldest] = answers.keys();
      if (answers.size > ANSWERS) answers.delete(oldest!);
      return answer;
    },
    idle: () => last,
    close: () => {
      void last.then(() => packed.close());
    },
  };
}
