/** Whatever someone has of a training that ended → whose memory it was, what ended it, what to try. */
export type { Answer } from './answer.ts';
export { explainText } from './explain-text.ts';
export { answerOfReport } from './report-answer.ts';
export { answerOfDifference, answerOfSnapshot, momentOf, refusedText } from './snapshot.ts';
