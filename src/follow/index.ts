/** A run while it is written: the one follower of its log, and the state that it is in. */
export { RunFollower } from './run-follower.ts';
export { skimRun } from './skim-run.ts';
