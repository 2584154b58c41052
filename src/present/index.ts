/** How figures and judgements read on every screen: styled text, amounts, the status line, the values of panels. */

export { type Counted, countedIn, countedOf, isStepLoop } from '../figures/index.ts';
export * from './amounts.ts';
export { brokenEpochText } from './broken-epoch.ts';
export { brokenGradientMeaning, brokenGradientNext, brokenGradientText } from './broken-gradient.ts';
export { brokenLossText } from './broken-loss.ts';
export { notFinite } from './broken-stretch.ts';
export { countedNumber, countedRange } from './counted.ts';
export { etaMs, etaText } from './eta.ts';
export * from './figure-text.ts';
export { findingName, headline, headlines, lineWords } from './headline.ts';
export { hugeGradientMeaning, hugeGradientNext, hugeGradientText } from './huge-gradient.ts';
export { alarmOf, reasonOf, withJudgement } from './judged-snapshot.ts';
export { judgementOf, placeName, type RunJudgement, type RunsOut } from './judgement.ts';
export * from './panel-values.ts';
export * from './ranks.ts';
export { type SkippedSteps, skippedOf } from './skipped-steps.ts';
export * from './status-line.ts';
export * from './styled-text.ts';
export { besideFindings, textBeside } from './text-beside.ts';
export { withinLine } from './within-line.ts';
