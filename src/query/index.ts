/** Runs as tables: their updates as rows, questions to them in SQL, and Parquet. */
export { type ChartPoint, PointReader, type PutFigure, refusalsOf } from './chart-points.ts';
export { type Database, DUCKDB_VERSION, DuckDbMissingError, openDatabase } from './duckdb.ts';
export { RunTables, type RunValues, tablesNamed } from './fill.ts';
export { columnsOfLog } from './log-parts.ts';
export {
  areFiguresCurrent,
  figuresFile,
  type PackedBlocks,
  PackedPoints,
  packFigures,
} from './packed-figures.ts';
export { type ParquetFile, writeParquet } from './parquet.ts';
export { DependentLinesError, type PointColumns } from './point-columns.ts';
export { type RunPoint, RunPoints } from './run-points.ts';
