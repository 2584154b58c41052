/** The Python client without the stand-in device. `.ci/run` runs these on other Pythons and versions of torch too. */
import { clientTests } from './client-tests.ts';

clientTests('the Python client', ({ onStandin }) => !onStandin);
