/** `esper demo`: one command to see it all: a real PPO training, or a labelled scenario, beside a simulated GPU. */
import { Command } from 'commander';
import { createRun } from '../log/index.ts';
import { canDraw } from '../sanctum/index.ts';
import { fleetScenarios, scenarios } from '../workloads/simulate/index.ts';
import { accompany } from './attach.ts';
import { CommandError } from './command-error.ts';
import { integer, runsOption } from './options.ts';
import { runTraining } from './ppo.ts';
import { startScenario } from './trainer-process.ts';

interface Options {
  runs: string;
  episodes: number;
  seed: number;
  scenario?: string;
}

/** Steps so small that no update of a healthy run is beyond a warning of the learner's. */
export const demoSettings = { learningRate: 1e-3, targetKl: 0.015 };

/** Those of one process, then those of many. */
const all = [...scenarios, ...fleetScenarios];

function playScenario(name: string, { runs, seed }: Options): Promise<number> {
  if (!all.some(scenario => scenario.name === name))
    throw new CommandError(`There is no scenario "${name}": choose ${all.map(s => s.name).join(', ')}.`);
  const run = createRun({
    runs,
    name,
    algorithm: 'PPO',
    task: `scenario ${name}`,
    config: { scenario: name, seed },
  });
  const player = startScenario({ folder: run.path, run: run.id, scenario: name, seed });
  return accompany(run, player, canDraw(process.env, process.stdout, process.stdin));
}

export const demoCommand = () =>
  new Command('demo')
    .description(
      'Trains CartPole-v1 with PPO on the CPU beside a simulated 8 GiB GPU, whose memory moves with the training, and opens ' +
        'Sanctum on it. With --scenario it plays one of the known ways in which memory goes wrong instead. The run is kept: ' +
        'esper replay shows it again.',
    )
    .option('--episodes <n>', 'batches to make', integer('--episodes'), 500)
    .option('--seed <n>', 'equal seeds give equal runs', integer('--seed', 0), 1)
    .option('--scenario <name>', 'play a scenario; see the list below')
    .addOption(runsOption())
    .addHelpText(
      'after',
      () =>
        `\nScenarios:\n${all.map(s => `  ${s.name.padEnd(24)} ${s.about}`).join('\n')}\n\nExamples:\n  esper demo\n  esper demo --scenario ${scenarios[1]!.name}\n  esper demo --scenario fleet`,
    )
    .action(async (options: Options) => {
      const { runs, episodes, seed, scenario } = options;
      process.exitCode =
        scenario === undefined
          ? await runTraining({
              runs,
              episodes,
              seed,
              name: 'demo',
              device: 'sim:8GiB',
              checkpointEvery: 50,
              set: demoSettings,
            })
          : await playScenario(scenario, options);
    });
