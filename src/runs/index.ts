/** Lists of runs: a row a run, what is known of ended ones kept beside them, columns, filters and order. One for every list. */
export {
  ageNamed,
  bytesNamed,
  type Cell,
  type Column,
  columnNamed,
  columnNames,
  endedMs,
  ListError,
  parseFilter,
  type RunFilter,
  usualColumns,
} from './columns.ts';
export {
  type CompareOptions,
  compareGiven,
  type GivenRuns,
  groupedRun,
  groupFigureNamed,
  type ReadInParts,
  type RunsCompared,
  withRunName,
} from './compare-runs.ts';
export { type FolderList, judgedOf, listFolder } from './list-folder.ts';
export { folderBytes, type ListedRun, type ReadEvents, rowAfter } from './listed-run.ts';
export {
  columnsRead,
  type Order,
  orderNamed,
  parseQuery,
  type RunQuery,
  selected,
  selectedBy,
} from './query.ts';
export { configOf } from './run-config.ts';
export { DESCRIPTIONS, type FolderLook, lookAt, RunMemory, seenOf } from './run-memory.ts';
