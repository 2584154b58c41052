/** Which of several live runs is meant: asked in a terminal, the newest otherwise. */
import { printable } from '../base/index.ts';
import { stateWith } from '../contract/index.ts';
import { skimRun } from '../follow/index.ts';
import { isWriterGone, listRuns } from '../log/index.ts';
import { counter } from '../present/index.ts';
import { ask, canAsk } from './ask.ts';
import { CommandError } from './command-error.ts';

/** Runs that are looked at, the newest. */
const LOOKED_AT = 50;

/** The path of the chosen run; null where there is nothing to choose, or nobody to ask. */
export async function pickLiveRun(runs: string): Promise<string | null> {
  if (!canAsk()) return null;
  const live = listRuns(runs)
    .slice(0, LOOKED_AT)
    .map(run => ({ run, snapshot: skimRun(run.path) }))
    .filter(({ run, snapshot }) => stateWith(snapshot.run.state, isWriterGone(run.path)) === 'running');
  if (live.length < 2) return null;
  console.error('Several runs are live:');
  for (const [i, { run, snapshot }] of live.entries())
    console.error(printable(`  ${i + 1}  ${run.id}  ${counter(snapshot.tamiyo) ?? ''}`.trimEnd()));
  const answer = await ask('Which one? [1] ');
  const chosen = live[answer === '' ? 0 : Number(answer) - 1];
  if (chosen === undefined)
    throw new CommandError(`"${answer}" is none of them: give a number from 1 to ${live.length}.`);
  return chosen.run.path;
}
