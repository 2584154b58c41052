/** Texts that only mention an error: a program's source, a commit, a sentence. None of them is answered as one that happened. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer } from './pasted.ts';

const explain = (text: string) => explainText(text, 'pasted', 2e12);

const sources: Record<string, string> = {
  'a function of Python’s':
    'def step(model, batch):\n    try:\n        return model(batch)\n    except RuntimeError as error:\n        # CUDA out of memory comes with long batches\n        if "CUDA out of memory" in str(error):\n            torch.cuda.empty_cache()\n            return None\n        raise\n',
  'a handler by the class of the error':
    'try:\n    loss = step(batch)\nexcept torch.cuda.OutOfMemoryError:\n    skipped += 1\n',
  'a commit':
    'commit 51c2f0e\nAuthor: Eve <eve@box.example>\n\n    fix: avoid CUDA out of memory in evaluation\n',
  'a list of commits': '51c2f0e Handle CUDA out of memory in generate\n0a3b9de Bump version\n',
  'a sentence':
    'Releases before 2.3 ended in CUDA out of memory errors with long inputs; this one is fixed.\n',
  'advice in a README':
    '## Hints\n\nTo avoid CUDA out of memory, lower the batch size or take a smaller model.\n',
  'a source in C++': 'void* p = pool.get(n);\nif (!p) throw std::bad_alloc();\nreturn p;\n',
};

test.each(Object.entries(sources))('%s', (_, text) => {
  const { whose, state, says, confidence } = explain(text)!;
  expect({ whose, state, confidence }).toEqual({ whose: null, state: null, confidence: 'possible' });
  expect(says).toMatch('none that happened');
});

test('the same words where an error stands are one', () => {
  const frames =
    'Traceback (most recent call last):\n  File "/w/run.py", line 4, in <module>\n    raise RuntimeError("CUDA out of memory")\nRuntimeError: CUDA out of memory\n';
  for (const text of [
    frames,
    'RuntimeError: CUDA out of memory\n',
    'ERROR trainer: CUDA out of memory\n',
    'I get CUDA out of memory as soon as it starts.\n',
    `${sources['a function of Python’s']}\n${frames}`,
  ])
    expect(explain(text)).toMatchObject({ whose: 'GPU', says: expect.stringContaining('Out of GPU memory') });
});

test('a log that mentions it goes on', () => {
  const steps = [1, 2, 3, 4].map(step => `step ${step} loss 0.${9 - step}`);
  const answer = explain(
    `${steps.slice(0, 2).join('\n')}\nThis avoids CUDA out of memory on small GPUs.\n${steps.slice(2).join('\n')}\n`,
  )!;
  expect(answer.state).toBe('unknown');
});

test('words of an error further on in another one’s text are possibly its own', () => {
  const raised = (error: string) =>
    `Traceback (most recent call last):\n  File "/w/run.py", line 4, in <module>\n    main()\n${error}\n`;
  for (const error of [
    'ValueError: The answer was empty; the section about the rate limit of your plan has more.',
    'RuntimeError: No plan was made. Some of these steps work where the machine requires a GPU of its own.',
    'ArithmeticError: The solver gave up. Look whether the matrix is singular.',
  ])
    expect(explain(raised(error))).toMatchObject({
      confidence: 'possible',
      says: expect.stringMatching(/^Possibly/),
    });
  for (const [error, says] of [
    ['openai.RateLimitError: Rate limit reached for requests', 'refused more requests'],
    ['RuntimeError: This kernel requires a GPU', 'no CUDA that it could use'],
    ['numpy.linalg.LinAlgError: Matrix is singular', 'not positive-definite, or singular'],
  ] as const)
    expect(explain(raised(error))).toMatchObject({
      confidence: 'certain',
      says: expect.stringContaining(says),
    });
});

test('a fault of a kernel in source or in a sentence', () => {
  expect(explain('    # an illegal memory access means an index out of range\n    check(x)\n')).toBeNull();
  expect(explain('if "device-side assert triggered" in log:\n    retry()\n')).toBeNull();
  expectAnswer({
    text: 'An illegal memory access is mostly an index out of range.\n',
    says: [/^Possibly/],
  });
  expectAnswer({
    text: 'RuntimeError: CUDA error: an illegal memory access was encountered\n',
    says: ['an address that is not its own'],
    never: ['Possibly'],
  });
});
