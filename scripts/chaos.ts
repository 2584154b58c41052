/**
 * `npm run chaos`: random schedules over the whole process tree, its files and its logs: trainers, commands, readers and disks are
 * killed, stopped, deleted, filled and mangled, and after each the promises are checked. Prints its seed; `--seed N` plays
 * one again. Needs Linux; a disk of its own, to be filled and made read-only, where this user may mount one.
 *
 *   npm run chaos -- --kills 300 --tree 300 --lines 200000 --folders 500 --commands 20 --seed 7
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mangleFolders, mangleLines } from './chaos/mangle.ts';
import { Play } from './chaos/play.ts';
import { playTree } from './chaos/tree.ts';
import { killWriters } from './chaos/writers.ts';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Kills of a writer that acknowledges each event. */
    kills: { type: 'string', default: '60' },
    /** Kills over the whole process tree. */
    tree: { type: 'string', default: '60' },
    lines: { type: 'string', default: '50000' },
    folders: { type: 'string', default: '200' },
    /** Mangled folders that are read by the real commands. */
    commands: { type: 'string', default: '10' },
  },
});
if (values.help) {
  console.log(
    'npm run chaos -- [--seed N] [--kills N] [--tree N] [--lines N] [--folders N] [--commands N]\n' +
      'Kills of a writer, and over the whole tree; mangled lines; mangled folders, and how many of them real commands read.',
  );
  process.exit();
}
const play = new Play(Number(values.seed));
console.log(`seed ${play.seed}`);

const run = await killWriters(play, Math.max(2, Number(values.kills)));
await playTree(play, Number(values.tree));
const lines = readFileSync(join(run, 'events-0.jsonl'), 'utf8').split('\n').slice(0, 500);
const golden = 'test/watch/golden';
const logs = ['verl', 'torchtitan', 'sb3', 'cleanrl', 'huggingface', 'json'].flatMap(name =>
  readFileSync(`${golden}/${name}.log`, 'utf8').split('\n').slice(0, 300),
);
const events = readFileSync('test/golden/python-events.jsonl', 'utf8').trimEnd().split('\n');
await mangleLines(play, Number(values.lines), [...lines.slice(0, 100), ...events], logs);
writeFileSync(join(run, 'events-0.jsonl'), `${[...events, ...lines.slice(0, 50)].join('\n')}\n`);
await mangleFolders(play, Number(values.folders), Number(values.commands), run);
play.end();
console.log(
  `memory at the end: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB, at most ${(process.resourceUsage().maxRSS / 2 ** 10).toFixed(0)} MiB`,
);
console.log(play.faults.length === 0 ? 'no fault found' : `${play.faults.length} faults; seed ${play.seed}`);
process.exit(play.faults.length === 0 ? 0 : 1);
