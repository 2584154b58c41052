/** `esper ppo`: a PPO training in a process of its own, with Sanctum or plain lines beside it. */
import { Command } from 'commander';
import { createRun, type RunFolder, resolveRun } from '../log/index.ts';
import { canDraw } from '../sanctum/index.ts';
import { taskNames } from '../workloads/ppo/index.ts';
import { accompany } from './attach.ts';
import { CommandError } from './command-error.ts';
import { leaveAlone } from './detach.ts';
import { integer, RepeatableOption, runsOption } from './options.ts';
import { requireTorch, startTorchTrainer, startTrainer } from './trainer-process.ts';
import {
  check,
  defaults,
  optionsOf,
  parseSetting,
  type Setting,
  type TrainingOptions,
} from './training-options.ts';

interface Options extends Partial<TrainingOptions> {
  runs: string;
  name?: string;
  resume?: string;
  checkpointEvery: number;
  sanctum?: boolean;
  detach?: boolean;
}

/** The options that the user gave; what was left out stays out. */
const given = ({
  env,
  episodes,
  envs,
  steps,
  seed,
  device,
  set,
  onPressure,
}: Options): Partial<TrainingOptions> =>
  Object.fromEntries(
    Object.entries({ env, episodes, envs, steps, seed, device, set, onPressure }).filter(
      ([, value]) => value !== undefined,
    ),
  );

function runToResume(runs: string, ref: string, options: Options): [RunFolder, TrainingOptions] {
  const { episodes, onPressure, ...fixed } = given(options);
  const changed = Object.keys(fixed)[0];
  if (changed !== undefined)
    throw new CommandError(`--${changed} cannot change with --resume: the run goes on as it was started.`);
  const run = resolveRun(runs, ref);
  return [
    run,
    {
      ...optionsOf(run),
      ...(episodes !== undefined && { episodes }),
      ...(onPressure !== undefined && { onPressure }),
    },
  ];
}

/** Trains and shows it; returns the exit code. */
export async function runTraining(options: Options): Promise<number> {
  const onTerminal = canDraw(process.env, process.stdout, process.stdin);
  if (options.sanctum && !onTerminal)
    throw new CommandError('--sanctum needs a terminal: leave it out and read the plain lines.');
  if (options.sanctum && options.detach)
    throw new CommandError('--sanctum stays with the training and --detach leaves it: choose one.');
  let training: TrainingOptions = { ...defaults, ...given(options) };
  let run: RunFolder | null = null;
  if (options.resume !== undefined) [run, training] = runToResume(options.runs, options.resume, options);
  check(training);
  const onTorch = /^(cuda|standin)/.test(training.device);
  if (onTorch) requireTorch(training.device);
  run ??= createRun({
    runs: options.runs,
    name: options.name ?? training.env.replace(/-v\d+$/, '').toLowerCase(),
    algorithm: 'PPO',
    task: training.env,
    config: { ...training },
    command: ['esper', ...process.argv.slice(2)],
  });
  const { checkpointEvery } = options;
  const start = onTorch ? startTorchTrainer : startTrainer;
  const { detach = false } = options;
  const resume = options.resume !== undefined;
  const trainer = start(
    { folder: run.path, run: run.id, name: run.name, checkpointEvery, resume, ...training },
    detach,
  );
  return detach ? leaveAlone(run, trainer) : accompany(run, trainer, options.sanctum ?? onTerminal);
}

export const ppoCommand = () =>
  new Command('ppo')
    .description(
      'Trains a PPO agent in a process of its own. On a terminal Sanctum opens: q leaves the view and training goes on, ' +
        'Ctrl-C ends training after the present update, twice at once. Otherwise: one plain line a batch. Where this command ' +
        'is killed, or nobody reads its output any more, the training ends with it, cleanly; --detach leaves it alone.\n' +
        'Exit status: that of the training: 0 finished, 130 ended on request, 1 failed.',
    )
    .option(
      '--episodes <n>',
      `batches to make: a rollout in every environment and one update each (default: ${defaults.episodes})`,
      integer('--episodes'),
    )
    .option('--env <name>', `${taskNames.join(', ')} (default: ${defaults.env})`)
    .option('--envs <n>', `environments stepped together (default: ${defaults.envs})`, integer('--envs'))
    .option(
      '--steps <n>',
      `steps of a rollout in each environment (default: ${defaults.steps})`,
      integer('--steps'),
    )
    .option('--seed <n>', `equal seeds give equal runs (default: ${defaults.seed})`, integer('--seed', 0))
    .option(
      '--device <device>',
      'cpu; sim, sim:8GiB or sim:8GiB,expandable (segments), a simulated GPU; cuda or cuda:N, in PyTorch; standin or standin:8GiB, in PyTorch without a GPU (default: cpu)',
    )
    .addOption(
      new RepeatableOption('--set <name=value>', 'a hyperparameter, such as targetKl=0.02', parseSetting),
    )
    .option(
      '--on-pressure <action>',
      'shrink: learn minibatches in parts while memory is scarce (default: nothing)',
    )
    .option('--name <name>', 'name of the run (default: of the environment)')
    .option('--resume <run>', 'go on with a run from its last checkpoint')
    .option('--checkpoint-every <n>', 'batches between checkpoints', integer('--checkpoint-every'), 50)
    .option('--detach', 'start the training and leave it: it lives on until it is done, or until esper stop')
    .option('--sanctum', 'open Sanctum (the default on a terminal)')
    .option('--no-sanctum', 'plain lines instead')
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper ppo --episodes 10\n  esper ppo --env Pendulum-v1 --episodes 300 --device sim:24GiB\n  esper ppo --resume latest',
    )
    .action(async ({ set, ...options }: Omit<Options, 'set'> & { set?: Setting[] }) => {
      process.exitCode = await runTraining({ ...options, set: set && Object.fromEntries(set) });
    });
