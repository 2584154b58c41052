/** `esper run` as a process of its own, for tests that need pipes, signals and a terminal. */
import { Command } from 'commander';
import { main } from '../../src/cli/entry.ts';
import { runCommand } from '../../src/cli/run.ts';

await main(new Command('esper').enablePositionalOptions().addCommand(runCommand()));
