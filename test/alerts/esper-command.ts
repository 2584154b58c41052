/** `esper alerts` and `esper wait` as processes of their own, for tests that need exit codes. */
import { Command } from 'commander';
import { alertsCommand } from '../../src/cli/alerts.ts';
import { main } from '../../src/cli/entry.ts';
import { waitCommand } from '../../src/cli/wait.ts';

await main(new Command('esper').addCommand(alertsCommand()).addCommand(waitCommand()));
