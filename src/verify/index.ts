/** Verification: every record's figure, run from its source through a log file and the reducer to the screens. */
export { type Check, holds, type Stage, stages, type Verification } from './checklist.ts';
export { page } from './docs.ts';
export { PAGES_FOLDER, pages } from './pages.ts';
export type { Path, ReadBack } from './path.ts';
export { realPremises } from './premises.ts';
export type { TestResults } from './test-results.ts';
export { checkStage, investigate, type Measured, type Premises, verify } from './verify.ts';
