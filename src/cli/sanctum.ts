#!/usr/bin/env node
/** The `sanctum` command: `esper sanctum` under its own name. */
import { main } from './entry.ts';
import { sanctumCommand } from './sanctum-command.ts';

await main(sanctumCommand());
