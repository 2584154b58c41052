/** `esper report`, `esper compare` and `esper check` as processes of their own, for tests that need exit codes and signals. */
import { Command } from 'commander';
import { checkCommand } from '../../src/cli/check.ts';
import { compareCommand } from '../../src/cli/compare.ts';
import { main } from '../../src/cli/entry.ts';
import { reportCommand } from '../../src/cli/report.ts';

await main(
  new Command('esper').addCommand(reportCommand()).addCommand(compareCommand()).addCommand(checkCommand()),
);
