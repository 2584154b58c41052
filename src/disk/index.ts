/** Files and folders as a disk that may be full, gone or hostile lets us have them: made, written whole, opened safely. */
export { draftOf, holdDraft, removeStale } from './drafts.ts';
export { absolute, makeFolder } from './make-folder.ts';
export { NOT_REGULAR, openRegular, readAt, readRegular, refuseOthers } from './read-regular.ts';
export { realPath } from './real-path.ts';
export { writeFully, writeWhole, writeWholeInSteps } from './write-whole.ts';
