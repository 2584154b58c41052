/** `esper watch` as a process of its own, for tests that need pipes and signals. */
import { main } from '../../src/cli/entry.ts';
import { watchCommand } from '../../src/cli/watch.ts';

await main(watchCommand());
