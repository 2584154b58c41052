/** All commands of `esper`, one file each, in the order of its help. */
import { Command } from 'commander';
import { VERSION } from './version.ts';

interface LazyCommand {
  /** Its line in the help of `esper`. */
  summary: string;
  /** Imports the command with all that it needs. */
  load: () => Promise<Command>;
}

const commands: Record<string, LazyCommand> = {
  demo: {
    summary: 'a real PPO training beside a simulated 8 GiB GPU, in Sanctum',
    load: async () => (await import('./demo.ts')).demoCommand(),
  },
  run: {
    summary: 'run any training, and watch it',
    load: async () => (await import('./run.ts')).runCommand(),
  },
  rehearse: {
    summary: 'does a training fit, on which card? Asked without a GPU',
    load: async () => (await import('./rehearse.ts')).rehearseCommand(),
  },
  ppo: {
    summary: 'train a PPO agent, and watch it',
    load: async () => (await import('./ppo.ts')).ppoCommand(),
  },
  stop: {
    summary: 'end the training of a run',
    load: async () => (await import('./stop.ts')).stopCommand(),
  },
  sanctum: {
    summary: 'the dashboard, on a live or finished run',
    load: async () => (await import('./sanctum-command.ts')).sanctumCommand(),
  },
  replay: {
    summary: 'play a recorded run in Sanctum',
    load: async () => (await import('./replay.ts')).replayCommand(),
  },
  runs: {
    summary: 'list the runs: newest first, sorted, filtered, as a table, JSON or CSV',
    load: async () => (await import('./runs.ts')).runsCommand(),
  },
  tag: {
    summary: 'add tags to runs, or take them away',
    load: async () => (await import('./labelled-runs.ts')).tagCommand(),
  },
  note: {
    summary: 'keep a note with a run',
    load: async () => (await import('./labelled-runs.ts')).noteCommand(),
  },
  rename: {
    summary: 'give a run another name',
    load: async () => (await import('./labelled-runs.ts')).renameCommand(),
  },
  archive: {
    summary: 'leave runs out of lists',
    load: async () => (await import('./labelled-runs.ts')).archiveCommand(),
  },
  rm: {
    summary: 'remove runs from the disk',
    load: async () => (await import('./remove-runs.ts')).rmCommand(),
  },
  prune: {
    summary: 'remove old runs by a rule: age, size, tags; shows them first',
    load: async () => (await import('./prune.ts')).pruneCommand(),
  },
  report: {
    summary: 'what a run’s memory did, what it cost, what it was, what to try',
    load: async () => (await import('./report.ts')).reportCommand(),
  },
  compare: {
    summary: 'what changed from run A to run B, or between groups of runs, with intervals',
    load: async () => (await import('./compare.ts')).compareCommand(),
  },
  query: {
    summary: 'a question in SQL to the figures of any number of runs',
    load: async () => (await import('./query.ts')).queryCommand(),
  },
  export: {
    summary: 'a run’s figures as CSV, Parquet, or for TensorBoard',
    load: async () => (await import('./export.ts')).exportCommand(),
  },
  pack: {
    summary: 'figures as Parquet beside the log, and the log compressed',
    load: async () => (await import('./pack.ts')).packCommand(),
  },
  check: {
    summary: 'does a run need more memory or time than a baseline? A gate for continuous integration',
    load: async () => (await import('./check.ts')).checkCommand(),
  },
  snapshot: {
    summary: 'the SanctumSnapshot of a run as JSON',
    load: async () => (await import('./snapshot.ts')).snapshotCommand(),
  },
  serve: {
    summary: 'Overwatch: all runs, live, in a browser',
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
  ship: {
    summary: 'send the run folders of this node to a fleet’s NATS servers',
    load: async () => (await import('./ship.ts')).shipCommand(),
  },
  collect: {
    summary: 'write the run folders of a fleet, from NATS',
    load: async () => (await import('./collect.ts')).collectCommand(),
  },
  mcp: {
    summary: 'the runs for agents, by the Model Context Protocol; it only reads',
    load: async () => (await import('./mcp.ts')).mcpCommand(),
  },
  watch: {
    summary: 'turn the log of an existing trainer into a run, live',
    load: async () => (await import('./watch.ts')).watchCommand(),
  },
  import: {
    summary: 'runs of W&B that were kept offline, and TensorBoard’s event files, as runs',
    load: async () => (await import('./import.ts')).importCommand(),
  },
  explain: {
    summary:
      'what an error, a log, a table or a memory snapshot means: whose memory, what ended it, what to try',
    load: async () => (await import('./explain.ts')).explainCommand(),
  },
  alerts: {
    summary: 'the alarms of a run, sent to a terminal, a file, a webhook, a program',
    load: async () => (await import('./alerts.ts')).alertsCommand(),
  },
  wait: {
    summary: 'wait until a figure of a run meets a condition',
    load: async () => (await import('./wait.ts')).waitCommand(),
  },
  records: {
    summary: 'what every figure means, and the proof that it reaches the screen',
    load: async () => (await import('./records.ts')).recordsCommand(),
  },
  doctor: {
    summary: 'what this machine allows, and what is risky',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  config: {
    summary: 'which configuration is read, and what it sets',
    load: async () => (await import('./config.ts')).configCommand(everyCommand),
  },
  completion: {
    summary: 'completions for bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completionCommand(everyCommand),
  },
  man: {
    summary: 'the manual page of every command',
    load: async () => (await import('./man.ts')).manCommand(everyCommand),
  },
};

/** The program with all of its commands. */
const everyCommand = (): Promise<Command> => esperProgram(commandNames);

export const commandNames: readonly string[] = Object.keys(commands);

/**
 * The program, ready to parse `args`: only commands that these name are loaded, because a dashboard that takes a second to
 * load what it does not use is not opened. The others have their line in the help.
 */
export async function esperProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('esper')
    .description(
      'How much of the reserved GPU memory is in use, and is memory pressure hurting the training?\n' +
        'Start with: esper demo',
    )
    .version(VERSION)
    .showSuggestionAfterError()
    .enablePositionalOptions()
    // The arguments of a command that is not loaded are not known here.
    .configureHelp({ subcommandTerm: command => command.name() });
  for (const [name, { summary, load }] of Object.entries(commands))
    program.addCommand((args.includes(name) ? await load() : new Command(name)).summary(summary));
  return program;
}
