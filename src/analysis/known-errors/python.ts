/** Errors of the program’s own code, by Python’s words for them, in the sense that they have in a training. Only an error’s own text counts; tried last. */
import { worded } from './known-error.ts';

export const python = [
  ...worded(
    {
      says: 'Not about memory: a dictionary, a batch, a table or a configuration has no entry of that name.',
      next: [
        'Print the names that there are right before that line. A DataLoader’s batch has what the data set returns; the Trainer of transformers drops columns that the model does not take (remove_unused_columns=False keeps them).',
      ],
    },
    'keyerror: ',
  ),
  ...worded(
    {
      says: 'Not about memory: a value is None where an object was expected: a function returned nothing, a file or an entry was not found, or something was not set up.',
      next: ['Follow that value back to where it was made: the traceback’s last line names it.'],
    },
    "'nonetype' object",
  ),
  ...worded(
    {
      says: 'Not about memory: an object does not have what the program asks of it: mostly another version of its library, another class than was meant, or a wrapper.',
      next: [
        'Print type(x) of it. DistributedDataParallel, DataParallel and torch.compile keep the model within (.module, ._orig_mod); otherwise compare the versions (pip list) with those that the program was written for.',
      ],
      confidence: 'likely',
    },
    'object has no attribute',
  ),
  ...worded(
    {
      says: 'Not about memory: functions call each other without end, or an object is nested deeper than Python follows it.',
      next: ['Look at the frames that repeat in the traceback: the last one before them began it.'],
    },
    'maximum recursion depth exceeded',
  ),
  ...worded(
    {
      says: 'Not about memory: a name is used that has no value there: it is misspelt, not imported, or set in a branch that was not taken.',
      next: ['Look at the line that the traceback names.'],
    },
    'nameerror: ',
    'unboundlocalerror: ',
  ),
  ...worded(
    {
      says: 'Not about memory: a division by zero: often a count that is 0, such as the batches of an empty DataLoader, or a batch that is larger than the data with drop_last=True.',
      next: ['Print len(dataset), len(loader) and the count that is divided by.'],
      confidence: 'likely',
    },
    'zerodivisionerror',
    'division by zero',
  ),
  ...worded(
    {
      says: 'Not about memory: a text was to become a number, and is none.',
      next: ['Print the row that it comes from: the head of a table, an empty field, a comma for a point.'],
    },
    'could not convert string to float',
    'invalid literal for int()',
  ),
  ...worded(
    {
      says: 'Not about memory: a file is not in the encoding that it was read with, or is no text at all.',
      next: [
        'Open it with encoding="utf-8", or the one that it was written in; look whether it is compressed.',
      ],
    },
    'unicodedecodeerror',
    "codec can't decode",
  ),
  ...worded(
    {
      says: 'Not about memory: Python does not understand a file of the program: a mistake in its text, or a language that is newer than this Python.',
      next: ['Look at the line that it names, and at python --version against what the program needs.'],
    },
    'syntaxerror: ',
    'indentationerror: ',
  ),
  ...worded(
    {
      says: 'Not about memory: an assertion of the program did not hold.',
      next: [
        'Look at the condition in the traceback’s last line: it names what was expected; print both sides.',
      ],
    },
    'assertionerror',
  ),
];
