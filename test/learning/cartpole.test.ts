/** The promise of the defaults: CartPole-v1 is solved within 500,000 steps, whatever the seed. */
import { expect, test } from 'vitest';
import { Emitter } from '../../src/emit/index.ts';
import { train } from '../../src/workloads/ppo/index.ts';

const MAX_STEPS = 500_000;
const STEPS_PER_BATCH = 8 * 128;

test.each([1, 2, 3])(
  'seed %i reaches a mean return of 475 over 100 episodes',
  { timeout: 180_000 },
  async seed => {
    const solved = new AbortController();
    const { totalSteps, episodicReturn } = await train({
      emitter: new Emitter({ run: 'learning', rank: 0, sink: { append() {} } }),
      env: 'CartPole-v1',
      episodes: Math.floor(MAX_STEPS / STEPS_PER_BATCH),
      seed,
      signal: solved.signal,
      onUpdate({ totalEpisodes, episodicReturn }) {
        if (totalEpisodes! >= 100 && episodicReturn! >= 475) solved.abort();
      },
    });
    console.log(`seed ${seed}: mean return ${episodicReturn} after ${totalSteps} steps`);
    expect(episodicReturn).toBeGreaterThanOrEqual(475);
    expect(totalSteps).toBeLessThanOrEqual(MAX_STEPS);
  },
);
