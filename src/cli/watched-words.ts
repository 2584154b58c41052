/** What `esper watch` prints when a log has ended: how much was read, how the training ended, and what its memory was. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { count, printable, shortened } from '../base/index.ts';
import { explainText } from '../explain/index.ts';
import { many } from '../present/index.ts';
import type { InputReport, TrainerLogParser } from '../watch/index.ts';
import { commandLine, runWord } from './invocation.ts';
import { runAnswer } from './run-answer.ts';
import type { WatchedRun } from './watched-run.ts';

/** What was read, for machines. */
export const watchedSummary = (
  { counts, format }: TrainerLogParser,
  run: WatchedRun,
  input: InputReport,
): object => {
  const { id, lost, problem } = run;
  return { run: id, format, ...counts, ...input, lost, problem };
};

/** What `esper explain` has of a file in which there was nothing for a run: a table, a list of processes. */
interface Beside {
  file: string;
  says: string;
}

/** Longer than this it is no text that somebody copied. */
const MOST_BESIDE = 2 ** 20;

/** Null where it has nothing either, and where it is no text that is there. */
export function besideRun(file: string): Beside | null {
  try {
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > MOST_BESIDE) return null;
    const answer = explainText(readFileSync(file), basename(file), Date.now());
    return answer === null ? null : { file, says: printable(shortened(answer.says)) };
  } catch {
    return null;
  }
}

/** What was not read, in a few words; empty where that is nothing. */
const besideText = (others: number, broken: number): string => {
  const parts = [
    others === 0 ? '' : `${many(others, 'line')} of other things`,
    broken === 0 ? '' : `${many(broken, 'line')} that could not be read whole`,
  ].filter(part => part !== '');
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
};

/**
 * What was read, and the run's answer.
 * @param isOver whether the log has ended, and with it the training: nobody interrupted the reading
 * @param beside what a file shows of which no run was made
 */
export async function watchedWords(
  { counts, format }: TrainerLogParser,
  run: WatchedRun,
  input: InputReport,
  isOver: boolean,
  beside: Beside | null = null,
): Promise<string> {
  const { lost, problem, folder } = run;
  const parts = [
    counts.events === 0
      ? beside === null
        ? `Nothing was recognised in ${count(counts.lines)} lines, and no run was made: no figures of a trainer, no error, no ending. The whole output helps most, stderr included (2>&1); esper watch --format list has the formats; JSON lines and CSV of your own are read with --map KEY=step.`
        : `No run was made of ${many(counts.lines, 'line')}, which have no figures of a trainer and no end of one. What they show: ${beside.says}`
      : format === null
        ? `${many(counts.lines, 'line')} without figures of a trainer, and what they have on an end or on memory: ${many(counts.events, 'event')}.`
        : `${many(counts.lines, 'line')} as ${format}: ${many(counts.events, 'event')}${besideText(counts.unread, counts.almost + input.torn + input.tooLong)}.`,
  ];
  if (counts.events === 0 && beside !== null)
    parts.push(`  More: ${commandLine('esper', ['explain', beside.file])}`);
  if (counts.events === 0 && input.tooLong > 0)
    parts.push(`${many(input.tooLong, 'line')} of more than 256 KiB could not be read.`);
  if (lost > 0) parts.push(`${count(lost)} events could not be written: ${problem}.`);
  if (folder !== null) {
    const word = runWord(folder.path);
    if (isOver) parts.push(...((await runAnswer(folder.path, { isTraining: format !== null }))?.lines ?? []));
    parts.push(
      `  More: ${commandLine('esper', ['report', word])}`,
      `  To look: ${commandLine('sanctum', [word])}`,
    );
  }
  return parts.join('\n');
}
