/** All commands of `esper`, one file each. */
import { Command } from 'commander';
import { alertsCommand } from './alerts.ts';
import { compareCommand } from './compare.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { ppoCommand } from './ppo.ts';
import { recordsCommand } from './records.ts';
import { rehearseCommand } from './rehearse.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { sanctumCommand } from './sanctum-command.ts';
import { serveCommand } from './serve.ts';
import { snapshotCommand } from './snapshot.ts';
import { stopCommand } from './stop.ts';
import { VERSION } from './version.ts';
import { waitCommand } from './wait.ts';
import { watchCommand } from './watch.ts';

export const esperProgram = (): Command =>
  new Command('esper')
    .description(
      'How much of the reserved GPU memory is in use, and is memory pressure hurting the training?\n' +
        'Start with: esper demo',
    )
    .version(VERSION)
    .showSuggestionAfterError()
    .addCommand(demoCommand())
    .enablePositionalOptions()
    .addCommand(runCommand())
    .addCommand(rehearseCommand())
    .addCommand(ppoCommand())
    .addCommand(stopCommand())
    .addCommand(sanctumCommand())
    .addCommand(replayCommand())
    .addCommand(runsCommand())
    .addCommand(reportCommand())
    .addCommand(compareCommand())
    .addCommand(snapshotCommand())
    .addCommand(serveCommand())
    .addCommand(watchCommand())
    .addCommand(explainCommand())
    .addCommand(alertsCommand())
    .addCommand(waitCommand())
    .addCommand(recordsCommand())
    .addCommand(doctorCommand());
