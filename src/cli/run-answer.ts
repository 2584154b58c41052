/** A run's answer in a few lines, for a command that recorded it to its end. */
import { basename } from 'node:path';
import { amount } from '../base/index.ts';
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import { logBytes, openRun } from '../log/index.ts';
import { brokenValue, short } from '../present/index.ts';
import { stateText } from '../report/index.ts';
import { closingWords } from './closing-words.ts';
import type { RefusedRun } from './rehearse-hint.ts';
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
  /** By a device, which ended it; null where none did, and where the device's size is not known. */
  refusal: RefusedRun | null;
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
    return {
      lines: [
        ...(isTraining ? [`${who}: ${[stateText(report), ...figuresOf(report, snapshot)].join(', ')}.`] : []),
        ...closingWords(report, snapshot, path, { isStatePrinted: isTraining, isLinked: false }),
      ],
      refusal: refusalOf(report),
    };
  } catch {
    return null;
  }
}

function refusalOf({ failure, devices, run, verdict }: RunReport): RefusedRun | null {
  const refused = failure?.outOfMemory;
  if (refused?.totalBytes == null || refused.device === 'cpu') return null;
  const numbers = devices.map(({ device }) => Number(/:(\d{1,3})$/.exec(device)?.[1] ?? 0));
  return {
    totalBytes: refused.totalBytes,
    devices: Math.max(0, ...numbers) + 1,
    updates: run.updates,
    isGradual: verdict.kind === 'leak' || verdict.kind === 'growth',
  };
}

/** The newest return or loss, and the highest peak of a device; what was not reported is left out. */
function figuresOf({ learning, devices }: RunReport, { tamiyo: { ppo } }: SanctumSnapshot): string[] {
  const { episodicReturn, totalLoss } = learning.newest ?? {};
  const broken = brokenValue(ppo, 'loss', 'totalLoss');
  const peak = Math.max(0, ...devices.map(({ largestPeakBytes }) => largestPeakBytes ?? 0));
  return [
    episodicReturn == null ? '' : `return ${short(episodicReturn)}`,
    // The newest finite one is of an earlier step.
    broken === null && totalLoss == null ? '' : `loss ${broken ?? short(totalLoss ?? null)}`,
    peak === 0 ? '' : `peak ${amount(peak)}`,
  ].filter(text => text !== '');
}
