/** The Python client on the stand-in CUDA device: rehearsals, attribution, programs for a GPU. */
import { clientTests } from './client-tests.ts';

clientTests(
  'the Python client on the stand-in device',
  ({ name, onStandin }) => onStandin && !name.startsWith('test_standin'),
);
