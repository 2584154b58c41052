/** The log: run folders, one appending writer a rank, a reader and a tailer that survive whatever a crash leaves. */
export { COLLECTOR_FOLDER, clusterNoted, noteCluster } from './collected-from.ts';
export { noRuns, resolveRun, resolveRuns } from './find-run.ts';
export { placeOfSeq } from './find-seq.ts';
export { LABELS_FILE, noLabels, writeLabels } from './labels.ts';
export { LineShape, type Lines, linesIn } from './line-shape.ts';
export {
  byNewest,
  hasRuns,
  linksOut,
  listRuns,
  namesIn,
  RunNotFoundError,
  runNamed,
} from './list-runs.ts';
export { nextSeqOf } from './log-end.ts';
export { isPackedLog, lookAtLog, openLog, storedBytes } from './log-file.ts';
export { LogWriter, type WriterOptions, type WriterStats } from './log-writer.ts';
export { fitsPattern, isFitting, isPattern, isStart, namesOf } from './match-runs.ts';
export { packLog, removePlain, unpackLog } from './pack-log.ts';
export type { LoggedEvent } from './rank-lines.ts';
export { longLog, readAhead } from './read-ahead.ts';
export { emptyReport, passedOver, type ReadProblem, type ReadReport } from './read-report.ts';
export { type Bookmark, RunReader, readRun } from './read-run.ts';
export {
  createRun,
  eventsFile,
  logBytes,
  type NewRun,
  openRun,
  type RunFolder,
  ranksIn,
} from './run-folder.ts';
export { safeName } from './run-id.ts';
export { isWriterGone } from './run-state.ts';
export { skimEvents } from './skim-events.ts';
export { type TailOptions, tailRun } from './tail-run.ts';
export { RunInUseError, type Writer, type WriterState, writerOf, writerState } from './writer-lock.ts';
