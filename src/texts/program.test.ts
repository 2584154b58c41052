import { expect, test } from 'vitest';
import { shownInError } from './shown.ts';

/** The place of an error as the Python client records it: the program's own frame, relative to its folder, and the innermost one. */
const programAt = (evidence: string) =>
  shownInError({ message: 'Tried to allocate 64.00 MiB.', ending: { kind: 'out of memory', evidence } })
    .program.is;

test.each([
  [
    'training',
    'main.py, line 29, in <module> (within torch/autograd/graph.py, line 1113, in _engine_run_backward)',
  ],
  ['training', 'train.py, line 15, in logprobs (within transformers/activations.py, line 66, in forward)'],
  [
    'training',
    'finetune_lora.py, line 4, in <module> (within torch/nn/functional.py, line 3561, in cross_entropy)',
  ],
  [
    'training',
    'main.py, line 8, in evaluate (within torch/autograd/graph.py, line 1113, in _engine_run_backward)',
  ],
  ['inference', 'generate.py, line 3, in <module> (within torch/nn/modules/linear.py, line 134, in forward)'],
  ['unknown', 'main.py, line 3, in <module> (within torch/nn/modules/linear.py, line 134, in forward)'],
  ['unknown', 'constraint.py, line 3, in <module> (within torch/nn/modules/linear.py, line 134, in forward)'],
])('a program is a %s by the place that the client records: %s', (is, place) => {
  expect(programAt(place)).toBe(is);
});
