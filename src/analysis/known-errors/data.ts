/** Errors of data sets, tokenizers and configurations. Only an error’s own text counts. */
import { worded } from './known-error.ts';

export const data = [
  ...worded(
    {
      says: 'Not about memory: an element of the data set is of a kind that no batch is made of (None, an image of PIL, an object).',
      next: [
        'Look at what __getitem__ returns: an image needs ToTensor(), a missing element has to be left out or replaced; or write a collate_fn.',
      ],
    },
    'batch must contain tensors',
  ),
  ...worded(
    {
      says: 'Not about memory: a batch did not come from the DataLoader’s workers within its timeout: storage that is slow, or a worker that hangs.',
      next: [
        'Raise timeout, use fewer or more workers, or num_workers=0 once, to see where it waits (py-spy dump on a worker).',
      ],
      confidence: 'likely',
    },
    'dataloader timed out',
  ),
  ...worded(
    {
      says: 'Not about memory: a file of configuration is not as its language, or the program, expects it.',
      next: [
        'Look at the line that it names, and the one above: indentation, a colon, a tab, a key that is misspelt.',
      ],
      named: { pattern: /(in "[^"\n]{1,200}", line \d{1,7})/, says: 'The place:' },
    },
    'scannererror',
    'parsererror: while parsing',
    'mapping values are not allowed',
    'is not in struct',
    'tomldecodeerror',
    'missingmandatoryvalue',
  ),
  ...worded(
    {
      says: 'Not about memory: an object that is sent to a worker process cannot be pickled.',
      next: ['Make it in the worker, or use num_workers=0: lambdas, open files and locks cannot be sent.'],
    },
    "can't pickle",
    "can't get local object",
    'cannot pickle',
  ),
  ...worded(
    {
      says: 'Not about memory: the tokenizer has no token to fill shorter texts with.',
      next: ['tokenizer.pad_token = tokenizer.eos_token, or add one and resize the embeddings.'],
    },
    'does not have a padding token',
  ),
  ...worded(
    {
      says: 'Not about memory: the tokenizer has no chat template.',
      next: ['Set tokenizer.chat_template, or take the model that was made for chat.'],
    },
    'chat_template is not set',
    'does not have a chat template',
  ),
  ...worded(
    {
      says: 'Not about memory: the data set is empty.',
      next: ['Look at the path of the data, its file names and filters: print len(dataset).'],
    },
    'num_samples should be a positive integer',
    'num_samples=0',
    'no images found',
    'dataset is empty',
  ),
];
