import { expect, test } from 'vitest';
import { shownInError } from './shown.ts';
import { shownOfFailure } from './shown-around.ts';

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

test('a program that is kept as a training alone is one with all that its error shows', () => {
  const failure = {
    message: 'Tried to allocate 64.00 MiB.',
    ending: {
      kind: 'out of memory' as const,
      evidence:
        'main.py, line 3, in <module> (within transformers/models/llama/modeling_llama.py, line 9, in forward)',
    },
  };
  const shown = (kept: object | null) =>
    shownOfFailure({ ...failure, shown: kept as { program: string } | null }, false);
  expect(shown(null).program.is).toBe('unknown');
  expect(shown({ program: 'training' })).toEqual(shownInError(failure, true));
  expect(shown({ program: 'training', given: null }).program).toMatchObject({ is: 'training' });
  expect(shown({ program: 'training', at: 'optimizer' }).program).toEqual({
    is: 'training',
    at: 'optimizer',
  });
  expect(shown({ program: 'evaluation' }).program).toEqual({ is: 'evaluation' });
});
