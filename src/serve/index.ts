/** Overwatch's server: runs, snapshots, series and live streams over HTTP, and the built web app. It only reads. */

export type * from './api.ts';
export { runResponses } from './run-responses.ts';
export { seriesOfRun } from './series-of-run.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
