/** The stand-in CUDA device itself. */
import { clientTests } from './client-tests.ts';

clientTests('the stand-in device', ({ name, onStandin }) => onStandin && name.startsWith('test_standin'));
