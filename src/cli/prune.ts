/** `esper prune`: a rule of retention, by age, size, tags and conditions. It shows what it would remove, and removes only when asked to. */
import { Command } from 'commander';
import { amount, cut, printable } from '../base/index.ts';
import { isWriterGone, openRun } from '../log/index.ts';
import { age, many } from '../present/index.ts';
import {
  ageNamed,
  bytesNamed,
  endedMs,
  folderBytes,
  type ListedRun,
  listFolder,
  parseFilter,
} from '../runs/index.ts';
import { CommandError } from './command-error.ts';
import { commandLine } from './invocation.ts';
import { RepeatableOption, runsOption } from './options.ts';
import { readLog } from './read-log.ts';
import { removeRuns } from './remove-runs.ts';
import { say, sayError } from './say.ts';
import { VERSION } from './version.ts';

interface PruneOptions {
  runs: string;
  olderThan?: number;
  total?: number;
  filter?: string[];
  keep?: string[];
  remove?: boolean;
  yes?: boolean;
}

/** The tag that keeps a run where no other is named. */
const KEPT = 'keep';
/** Runs that are named before the sum. */
const NAMED = 100;

export const pruneCommand = () =>
  new Command('prune')
    .description(
      'Removes old runs by a rule. Without --remove it only shows which those are. The rule takes the runs that are older than --older-than and meet every ' +
        '--filter, archived ones too; with --total the oldest of them, until what stays of the folder fits into so much. Never removed are runs with the tag "keep" ' +
        '(or those of --keep), runs that are written, or may be on another machine. Nothing else ever removes a run by itself: for a rule that always holds, ' +
        'let cron run this with --remove --yes.\n' +
        'Exit status: 0 it was shown, or removed; 1 nothing was removed.',
    )
    .option('--older-than <age>', 'whose newest event is older: 30d, 12h', ageNamed)
    .option('--total <size>', 'remove the oldest until all runs together fit: 200GiB', bytesNamed)
    .addOption(
      new RepeatableOption(
        '--filter <condition>',
        'only runs that meet it, as in "esper runs": verdict!=steady, size>1GiB',
      ),
    )
    .addOption(new RepeatableOption('--keep <tag>', `runs with this tag stay (default: "${KEPT}")`))
    .option('--remove', 'remove them for good, checkpoints too: it asks, and needs --yes without a terminal')
    .option('-y, --yes', 'with --remove: do not ask')
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper prune --older-than 30d\n  esper prune --total 200GiB --keep paper --remove\n' +
        '  esper prune --older-than 7d --filter "name=debug*" --remove --yes',
    )
    .action(prune);

/** Runs by what the rule makes of them. */
function ruled(options: PruneOptions) {
  const { runs, olderThan, total, filter = [] } = options;
  const sizes = new Map<string, number>();
  const filters = filter.map(text => parseFilter(text, sizes));
  const { rows, paths } = listFolder(runs, {
    version: VERSION,
    isWanted: () => true,
    needsAll: filters.some(({ column }) => column.isJudged),
    readEvents: readLog,
  });
  for (const { id } of rows) sizes.set(id, folderBytes(paths.get(id)!));
  const keeping = new Set(options.keep ?? [KEPT]);
  const nowMs = Date.now();
  const meant = rows
    .filter(row => olderThan === undefined || nowMs - endedMs(row) > olderThan)
    .filter(row => filters.every(({ keeps }) => keeps(row)))
    .sort((a, b) => endedMs(a) - endedMs(b));
  const isKept = ({ tags }: ListedRun) => tags.some(tag => keeping.has(tag));
  const isLive = ({ id }: ListedRun) => !isWriterGone(paths.get(id)!);
  let left = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const removed: ListedRun[] = [];
  const [kept, live]: [ListedRun[], ListedRun[]] = [[], []];
  for (const row of meant) {
    if (total !== undefined && left <= total) break;
    if (isKept(row)) kept.push(row);
    else if (isLive(row)) live.push(row);
    else {
      removed.push(row);
      left -= sizes.get(row.id)!;
    }
  }
  return { removed, kept, live, left, sizes, paths, nowMs };
}

async function prune(options: PruneOptions): Promise<void> {
  const { olderThan, total, filter, remove, yes } = options;
  if (olderThan === undefined && total === undefined && filter === undefined)
    throw new CommandError('Which runs? Give --older-than, --total or --filter.');
  if (yes && !remove) throw new CommandError('--yes stands with --remove.');
  const { removed, kept, live, left, sizes, paths, nowMs } = ruled(options);
  for (const row of removed.slice(0, NAMED))
    say(
      printable(
        `${row.id}  ${cut(row.name, 40)}  ${age(nowMs - endedMs(row))}  ${amount(sizes.get(row.id)!)}${row.tags.length > 0 ? `  ${row.tags.join(',')}` : ''}`,
      ),
    );
  if (removed.length > NAMED) say(`and ${removed.length - NAMED} more`);
  const stay = [
    kept.length > 0 ? `${many(kept.length, 'run')} kept by tags` : null,
    live.length > 0
      ? `${many(live.length, 'run')} still written, or written on a machine that cannot be seen from here`
      : null,
  ].filter(text => text !== null);
  if (stay.length > 0) sayError(`esper: left alone: ${stay.join('; ')}.`);
  if (total !== undefined && left > total)
    sayError(`esper: ${amount(left)} stay, more than ${amount(total)}: the rule takes no more.`);
  if (removed.length === 0) {
    say('The rule takes no run.');
    return;
  }
  if (remove) {
    await removeRuns(
      removed.flatMap(({ id }) => openRun(paths.get(id)!) ?? []),
      yes === true,
    );
    return;
  }
  const bytes = removed.reduce((sum, { id }) => sum + sizes.get(id)!, 0);
  say(
    `${many(removed.length, 'run')}, ${amount(bytes)}. Nothing was removed: --remove does (${commandLine('esper', ['prune', '--help'])}).`,
  );
}
