/** What programs print when something ends or runs out: each pattern once, for `watch`, `explain`, the report and the Python client. */
export { endingSign, isLastWords, readEnding, signalName } from './endings.ts';
export {
  type MemoryError,
  type MemoryErrorOptions,
  parseOutOfMemory,
  readMemoryError,
} from './memory-error.ts';
export { type MemoryKind, memoryKinds, memoryWords } from './memory-words.ts';
