/** Runs as tables: their updates as rows, questions to them in SQL, and Parquet. */
export { type ChartPoint, PointReader, type PutFigure } from './chart-points.ts';
export { type Database, DUCKDB_VERSION, DuckDbMissingError, openDatabase } from './duckdb.ts';
export { RunTables, type RunValues, tablesNamed } from './fill.ts';
export { areFiguresCurrent, figuresFile, packFigures } from './packed-figures.ts';
export { type ParquetFile, writeParquet } from './parquet.ts';
export { type RunPoint, RunPoints } from './run-points.ts';
