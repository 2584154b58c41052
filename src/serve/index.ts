/** Overwatch's server: runs, snapshots, series and live streams over HTTP, and the built web app. It only reads. */
export { answersOf } from './answers-of.ts';
export type * from './api.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
