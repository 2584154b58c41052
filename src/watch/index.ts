/** Logs that exist already → events: formats, a reader of lines, and the inputs that feed it. */

export { failureOfEnding } from './failure.ts';
export { formats } from './formats/index.ts';
export { isHeadlessSmiRow } from './formats/nvidia-smi.ts';
export { placeIn } from './frames.ts';
export { LineSplitter } from './line-splitter.ts';
export { firstPrintedTime } from './log-line.ts';
export { parseMap } from './parse-map.ts';
export { PassThrough } from './pass-through.ts';
export type { WatchedEvent } from './reader-options.ts';
export type { InputEnd } from './run-life.ts';
export { gpustatRow, type SmiTableLine, smiTableLine } from './smi-table-lines.ts';
export { eventFilesOf, isState, recordsIn, sourceOf } from './source.ts';
export { TrainerLogParser } from './trainer-log-parser.ts';
export { Utf16Reader } from './utf16.ts';
export { importWandb, type WandbFacts, wandbFacts } from './wandb-run.ts';
export {
  type InputReport,
  isGzipFile,
  linesFor,
  watchDocument,
  watchEvents,
  watchFile,
  watchGzip,
  watchPipe,
} from './watch.ts';
