#!/usr/bin/env node
/** The `esper` command. */
import { main } from './entry.ts';
import { esperProgram } from './program.ts';

await main(await esperProgram(process.argv.slice(2)));
