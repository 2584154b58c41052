/** The analysis: a run's events → what its memory was, what it cost, how close the end is, and what to try. */

export { beyondNeighbours, isUnused, USE_OTHERS } from './beyond-neighbours.ts';
export { checkRun, type Tolerances, usualTolerances } from './check.ts';
export { Comparand, compareRuns, flatConfig } from './compare.ts';
export { explainEnding } from './ending-finding.ts';
export { noRoomForCache } from './engine-finding.ts';
export { explainError, explainNamed, explainNotice } from './error-finding.ts';
export { type FailureText, findingOfText, raisedAt, withPlace } from './explanation.ts';
export { figuresOfText } from './figures-of-text.ts';
export { withFirstUse } from './first-use.ts';
export { GateReader } from './gate-reader.ts';
export { withGgmlPart } from './ggml-part.ts';
export { compareGroups, GroupMember, groupsOfSweep, highestPeak } from './groups.ts';
export { guestsOn, type Held, heldBeyond } from './held-beyond.ts';
export { called } from './program-words.ts';
export type { RankTable } from './ranks/rank-table.ts';
export { analyseRun, RunAnalyser, type Unreadable } from './run-analyser.ts';
export {
  isRestAsleep,
  readSleepingEngine,
  restsAsleep,
  type SleepingEngine,
  stillInUse,
} from './sleeping-engine.ts';
export { asEvidence, finished, type TextFinding, textFinding } from './text-finding.ts';
export { unlistedOn } from './unlisted-memory.ts';
export { withPlanOfXla } from './xla-plan.ts';
