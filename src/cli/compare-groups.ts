/** Groups of runs for `esper compare`: patterns, or the runs of one pattern by their configuration. */
import { type GroupedRun, type GroupFigureName, groupFigures } from '../contract/index.ts';
import { emptyReport, isWriterGone, type RunFolder } from '../log/index.ts';
import { CommandError } from './command-error.ts';
import { listedFolder } from './found-run.ts';
import { warnOf } from './load-run.ts';
import { type PresentOptions, present } from './present.ts';
import { readLog } from './read-log.ts';
import { VERSION } from './version.ts';

export interface GroupOptions extends PresentOptions {
  by?: GroupFigureName;
  ignore: string[];
}

const shortFigures: Readonly<Record<string, GroupFigureName>> = {
  return: 'episodicReturn',
  loss: 'loss',
  peak: 'peakBytes',
  time: 'tookMs',
  steps: 'stepsPerSecond',
  lost: 'lostFraction',
};

/** The figure that decides which group is best. Throws a CommandError. */
export function groupFigureNamed(text: string): GroupFigureName {
  const figure = shortFigures[text] ?? groupFigures.find(name => name === text);
  if (figure === undefined)
    throw new CommandError(`--by takes ${Object.keys(shortFigures).join(', ')}, not "${text}".`);
  return figure;
}

async function readMember(folder: RunFolder): Promise<GroupedRun> {
  listedFolder(folder);
  const { id, name, path, manifest } = folder;
  const { GroupMember } = await import('../analysis/index.ts');
  const { stateWith } = await import('../contract/index.ts');
  const member = new GroupMember();
  const report = emptyReport();
  const gone = isWriterGone(path);
  readLog(path, report, event => member.take(event));
  warnOf(report);
  const run = member.run(id, name, manifest?.config ?? {}, report);
  return { ...run, state: stateWith(run.state, gone, report.unreadable === 0) };
}

/** @param given the runs that each word means; one word alone is a sweep, which is parted by configuration */
export async function compareRunGroups(
  given: readonly { label: string; runs: readonly RunFolder[] }[],
  options: GroupOptions,
): Promise<void> {
  const { compareGroups, groupsOfSweep } = await import('../analysis/index.ts');
  const { groupsDocument } = await import('../report/index.ts');
  const read: { label: string; runs: GroupedRun[] }[] = [];
  for (const { label, runs } of given) {
    const own: GroupedRun[] = [];
    for (const run of runs) own.push(await readMember(run));
    read.push({ label, runs: own });
  }
  const groups = read.length === 1 ? groupsOfSweep(read[0]!.runs, options.ignore) : read;
  if (groups.length === 1)
    throw new CommandError(
      `The ${groups[0]!.runs.length} runs have one configuration, seeds aside: give a pattern for each group.`,
    );
  const comparison = compareGroups(groups, options.by ?? null);
  const context = { nowMs: Date.now(), timeZone: null, version: VERSION };
  await present(comparison, () => groupsDocument(comparison, context), options, 'groups');
}
