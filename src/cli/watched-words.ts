/** What `esper watch` prints when a log has ended: how much was read, how the training ended, and what its memory was. */
import { count } from '../base/index.ts';
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
 */
export async function watchedWords(
  { counts, format }: TrainerLogParser,
  run: WatchedRun,
  input: InputReport,
  isOver: boolean,
): Promise<string> {
  const { lost, problem, folder } = run;
  const parts = [
    counts.events === 0
      ? `Nothing was recognised in ${count(counts.lines)} lines, and no run was made: no figures of a trainer, no error, no ending. The whole output helps most, stderr included (2>&1); esper watch --format list has the formats; JSON lines and CSV of your own are read with --map KEY=step.`
      : format === null
        ? `${many(counts.lines, 'line')} without figures of a trainer, and what they have on an end or on memory: ${many(counts.events, 'event')}.`
        : `${many(counts.lines, 'line')} as ${format}: ${many(counts.events, 'event')}${besideText(counts.unread, counts.almost + input.torn + input.tooLong)}.`,
  ];
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
