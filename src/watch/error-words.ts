/** Words that open an error's text: a line without one of them is no part of it, where none is open. */
import { EMPTY_POOL, memoryErrorWords, noRoomWords } from '../texts/index.ts';

export const TRACEBACK = 'Traceback (most recent call last)';
/** Ray’s head of the frames of a task that failed. */
export const UNHANDLED = "Unhandled error (suppress with 'RAY_IGNORE_UNHANDLED_ERRORS=1'): ray::";

/** One of these stands in every line that opens an error's text. Lower case. */
export const errorWords: readonly string[] = [
  TRACEBACK.toLowerCase(),
  'unhandled error (suppress with',
  'file "',
  // Frames of IPython, whose head is not in the text.
  'file /',
  'file ~',
  'file [',
  'cell in',
  'cell [in',
  'most recent call first',
  'exception ignored in',
  ' in replica ',
  'exception has occurred',
  ' : internal error : ',
  ': no module named ',
  'what():  ',
  'uncaught exception of type',
  '--- logging error ---',
  'cache flushes since last step',
  'retrying with',
  'trying again',
  'oomed: switched',
  'falling back to',
  'error: ',
  '[errno ',
  'exception during training',
  'overall training speed: ',
  ', stopping training',
  ', terminating training',
  'exception: ',
  'interrupt',
  'outofresources',
  'pin_memory',
  'physx error: ',
  'gym cuda error: ',
  ', thread: [',
  'cudahost',
  'limit:  ',
  'inuse:  ',
  'sleep mode freed',
  'by rematerialization',
  EMPTY_POOL,
  ...noRoomWords,
  ...memoryErrorWords,
];
