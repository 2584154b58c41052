/** `esper demo`: one command to see it all: a real PPO training beside a simulated GPU, in Sanctum. */
import { Command } from 'commander';
import { integer, runsOption } from './options.ts';
import { train } from './ppo.ts';

export const demoCommand = () =>
  new Command('demo')
    .summary('a real PPO training beside a simulated 8 GiB GPU, in Sanctum')
    .description(
      'Trains CartPole-v1 with PPO on the CPU beside a simulated 8 GiB GPU, whose memory moves with the training, and opens ' +
        'Sanctum on it. The run is kept: esper replay shows it again.',
    )
    .option('--episodes <n>', 'batches to make', integer('--episodes'), 500)
    .option('--seed <n>', 'equal seeds give equal runs', integer('--seed', 0), 1)
    .addOption(runsOption())
    .addHelpText('after', '\nExample:\n  esper demo')
    .action(async ({ runs, episodes, seed }: { runs: string; episodes: number; seed: number }) => {
      process.exitCode = await train({
        runs,
        episodes,
        seed,
        name: 'demo',
        device: 'sim:8GiB',
        checkpointEvery: 50,
      });
    });
