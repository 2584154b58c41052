/** `esper explain` as a process of its own. */
import { Command } from 'commander';
import { main } from '../../src/cli/entry.ts';
import { explainCommand } from '../../src/cli/explain.ts';

await main(new Command('esper').addCommand(explainCommand()));
