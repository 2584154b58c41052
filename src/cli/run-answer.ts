/** A run's answer in a few lines, for a command that recorded it to its end. */
import { basename } from 'node:path';
import { amount } from '../base/index.ts';
import type { RunReport } from '../contract/index.ts';
import { logBytes, openRun } from '../log/index.ts';
import { short } from '../present/index.ts';
import { stateText } from '../report/index.ts';
import { closingWords } from './closing-words.ts';
import { answerOfRun } from './run-report.ts';

/** Of a longer log the answer takes seconds: the commands that compute it are named instead. */
const MOST_BYTES = 16 * 2 ** 20;

interface Options {
  /** It has figures of a training, and so an ending of one. */
  isTraining?: boolean;
  /** One of several: the run is named. */
  isOneOfMany?: boolean;
}

export interface RunAnswer {
  /** How the training ended, and its closing words, without commands to look closer. */
  lines: string[];
  /** Of the device that refused the request which ended it; null where none did, and where it is not known. */
  refusedOfBytes: number | null;
}

/** Null where it would take long, and where the run cannot be read. */
export async function runAnswer(
  path: string,
  { isTraining = true, isOneOfMany = false }: Options = {},
): Promise<RunAnswer | null> {
  try {
    const run = logBytes(path) <= MOST_BYTES ? openRun(path) : null;
    if (run === null) return null;
    const { report, snapshot } = await answerOfRun(run);
    const who = isOneOfMany ? basename(path) : 'The training';
    const refused = report.failure?.outOfMemory;
    return {
      lines: [
        ...(isTraining ? [`${who}: ${[stateText(report), ...figuresOf(report)].join(', ')}.`] : []),
        ...closingWords(report, snapshot, path, { isStatePrinted: isTraining, isLinked: false }),
      ],
      refusedOfBytes: refused == null || refused.device === 'cpu' ? null : (refused.totalBytes ?? null),
    };
  } catch {
    return null;
  }
}

/** The newest return or loss, and the highest peak of a device; what was not reported is left out. */
function figuresOf({ learning, devices }: RunReport): string[] {
  const { episodicReturn, totalLoss } = learning.newest ?? {};
  const peak = Math.max(0, ...devices.map(({ largestPeakBytes }) => largestPeakBytes ?? 0));
  return [
    episodicReturn == null ? '' : `return ${short(episodicReturn)}`,
    totalLoss == null ? '' : `loss ${short(totalLoss)}`,
    peak === 0 ? '' : `peak ${amount(peak)}`,
  ].filter(text => text !== '');
}
