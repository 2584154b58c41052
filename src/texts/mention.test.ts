/** Lines that have the words of an error of memory: those of one that happened, and those that only mention it. */
import { expect, test } from 'vitest';
import { mentionsMemoryError } from './index.ts';

test.each([
  'RuntimeError: CUDA out of memory',
  'CUDA out of memory.',
  'ERROR: CUDA out of memory',
  '2031-01-01 12:00:00 ERROR trainer CUDA out of memory',
  'Training failed: CUDA out of memory',
  '| WARNING: CUDA out of memory, skipping batch',
  'CUDA error: out of memory',
  'got exception CUDA out of memory',
  'I get CUDA out of memory when I run it',
  'Trial 4 failed with CUDA out of memory',
  'it ran into CUDA out of memory',
  'died because of CUDA out of memory',
  "RuntimeError('CUDA out of memory')",
  '[rank3] CUDA out of memory',
  'rank 3 CUDA out of memory',
  '{"level": "error", "msg": "CUDA out of memory"}',
  'level=ERROR msg="CUDA out of memory"',
  'cuInit: CUDA_ERROR_OUT_OF_MEMORY: out of memory',
  "terminate called after throwing an instance of 'std::bad_alloc'",
  '  what():  std::bad_alloc',
  'bash: fork: Cannot allocate memory',
  'tar: write error: No space left on device',
  'the job crashed with a CUDA out of memory',
  'CUDA out of memory error occurred',
  'DeepSpeed CUDA out of memory',
  'train.py CUDA out of memory',
  '* RuntimeError: CUDA out of memory',
  'mmap cannot allocate memory',
  'the writer found no space left on device',
  'return code 1: CUDA out of memory',
  'stopped because CUDA out of memory',
  'This prevents nothing: CUDA out of memory. Tried to allocate 2.00 GiB',
])('an error: %s', line => {
  expect(mentionsMemoryError(line)).toBe(false);
});

test.each([
  '        # CUDA out of memory happens with large images',
  '        if "CUDA out of memory" in str(e):',
  '    fix: avoid CUDA out of memory when evaluating long sequences',
  'fix(eval): CUDA out of memory in long batches',
  '3f1c2d9 Fix CUDA out of memory in eval',
  'We saw CUDA out of memory errors with older versions of the library, which were fixed in 2.3.',
  'This prevents CUDA out of memory on small GPUs.',
  '    except torch.cuda.OutOfMemoryError as e:',
  'raise RuntimeError("CUDA out of memory")',
  'CUDA out of memory is a common problem.',
  'To handle CUDA out of memory, lower the batch size.',
  "  logger.error('CUDA out of memory')",
  'throw std::bad_alloc();',
  'catch (const std::bad_alloc& e) {',
  'If you see CUDA out of memory, use a smaller batch',
  'it handles no space left on device gracefully',
  '* Avoid CUDA out of memory in generate (#3312)',
  'oom = "CUDA out of memory"',
  'return "CUDA out of memory" in message',
])('a mention: %s', line => {
  expect(mentionsMemoryError(line)).toBe(true);
});
