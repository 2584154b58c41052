/** What programs print when something ends or runs out: each pattern once, for `watch`, `explain`, the report and the Python client. */
export { type BfcStat, bfcStat, EMPTY_POOL } from './bfc-stats.ts';
export { cacheRoomIn, noRoomWords } from './cache-room.ts';
export {
  collectiveIn,
  endingWords,
  figuresOfHostMemory,
  isInFinally,
  isLastWords,
  isTuneDone,
  isUnending,
  joinedOfWatchdog,
  oomKilledIn,
  ranksWaitedForIn,
  readEnding,
  restOfCollective,
  signalName,
  workersKilled,
  type Xid,
  xidsIn,
} from './endings/index.ts';
export { withoutEntities } from './entities.ts';
export {
  type ExpandableSegments,
  expandableAdvice,
  hasNoSegments,
  hasSleepMode,
  isSleepPhase,
  olderAdvice,
  UPDATE_TORCH,
  withoutExpandable,
} from './expandable-segments.ts';
export { type MemoryError, parseOutOfMemory, readMemoryError } from './memory-error.ts';
export { memoryErrorWords, memoryWords } from './memory-words.ts';
export { isInSource, isSpokenOf, mentionsMemoryError } from './mention.ts';
export { asksForMore, capacityIn, pinnedBytesIn } from './needed-amount.ts';
export { OF_EPOCH, SKIPPED, SKIPPED_SCALE } from './own-names.ts';
export { type Engine, type FailedProgram, programOf } from './program.ts';
export { CUT, isCut, isRepeat } from './repeats.ts';
export { type Settings, settingsIn } from './settings.ts';
export { type Library, type Shown, shownIn, shownInError } from './shown.ts';
export { keptShown, shownOfFailure, shownOfKept } from './shown-around.ts';
export {
  overflowWords,
  skippedIn,
  skippedSince,
  skippedSoFar,
} from './skipped-steps.ts';
export { ASLEEP, FREED, sleepIn } from './sleep-lines.ts';
export { refusedAgain, timesRefused, timesRefusedIn } from './times-refused.ts';
export { leastInXla, leastOfXla } from './xla-lines.ts';
