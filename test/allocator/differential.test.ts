/**
 * The simulated allocator against PyTorch's own: random programs, equal decisions. PyTorch's answers are recorded for some, so
 * that they hold everywhere; where there is a PyTorch for the stand-in device it is asked for others. For many:
 * npx tsx test/allocator/run.ts 72
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { interpreterOf } from '../environments.ts';
import { Comparison, RealAllocator, recordedPath } from './differential.ts';
import { families, program } from './programs.ts';
import { type Answer, SimulatedProcess } from './simulated.ts';

interface Recorded {
  torch: string;
  seeds: number[];
  answers: Answer[][];
}

describe('repeats PyTorch’s recorded decisions', () => {
  test.each(families)('$name', family => {
    const { seeds, answers }: Recorded = JSON.parse(
      gunzipSync(readFileSync(recordedPath(family))).toString('utf8'),
    );
    const simulated = new SimulatedProcess(family);
    const comparison = new Comparison();
    for (const [i, seed] of seeds.entries()) {
      const one = program(family, seed);
      expect(comparison.compare(one, answers[i]!, simulated.play(one)), `seed ${seed}`).toBeNull();
    }
  });
});

const python = interpreterOf('torch-current');
const isThere = existsSync(python);
/** Programs of each family; others than the recorded ones. */
const LIVE = 6;
const FIRST_SEED = 500_001;

describe.skipIf(!isThere)(
  `decides as PyTorch over the stand-in device does${isThere ? '' : ' (skipped: no environment torch-current: scripts/python-environments.sh makes it)'}`,
  () => {
    test.each(families)('$name', { timeout: 600_000 }, async family => {
      const real = new RealAllocator(python, family);
      const simulated = new SimulatedProcess(family);
      const comparison = new Comparison();
      try {
        for (let seed = FIRST_SEED; seed < FIRST_SEED + LIVE; seed++) {
          const one = program(family, seed);
          const answers = await real.answers(one);
          expect(comparison.compare(one, answers, simulated.play(one)), `seed ${seed}`).toBeNull();
        }
      } finally {
        await real.close();
      }
    });
  },
);
