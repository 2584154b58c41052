/**
 * Runs held against each other, as every view does it: two runs update by update; more, or patterns, as groups in which each
 * run is one sample; one pattern alone as a sweep, which is parted by configuration.
 */
import { Comparand, compareGroups, compareRuns, GroupMember, groupsOfSweep } from '../analysis/index.ts';
import {
  type GroupComparison,
  type GroupedRun,
  type GroupFigureName,
  groupFigures,
  type RunComparison,
  type RunReport,
  stateWith,
} from '../contract/index.ts';
import {
  emptyReport,
  isWriterGone,
  type LoggedEvent,
  type ReadReport,
  type RunFolder,
} from '../log/index.ts';
import { ListError } from './columns.ts';

/** Hands every event of a run's log to `take`, in one go or in parts between which others have their turn. */
export type ReadInParts = (
  folder: string,
  report: ReadReport,
  take: (event: LoggedEvent) => void,
) => void | Promise<void>;

/** What one word meant: the runs of a pattern, a name, an id. */
export interface GivenRuns {
  label: string;
  runs: readonly RunFolder[];
}

export type RunsCompared =
  | { kind: 'runs'; comparison: RunComparison }
  | { kind: 'groups'; comparison: GroupComparison };

export interface CompareOptions {
  /** The figure that decides which group is best; null: the first that two groups report. */
  by: GroupFigureName | null;
  /** Configuration that parts no runs of a sweep, beside seeds. */
  ignore: readonly string[];
  read: ReadInParts;
  /** What reading a run's log met. */
  onRead?: (report: ReadReport) => void;
}

const shortFigures: Readonly<Record<string, GroupFigureName>> = {
  return: 'episodicReturn',
  loss: 'loss',
  peak: 'peakBytes',
  time: 'tookMs',
  steps: 'stepsPerSecond',
  lost: 'lostFraction',
};

/** The figure that decides which group is best: `return`, `peak`, … Throws a ListError. @param asked how it was asked for */
export function groupFigureNamed(text: string, asked = '--by'): GroupFigureName {
  const figure = shortFigures[text] ?? groupFigures.find(name => name === text);
  if (figure === undefined)
    throw new ListError(`${asked} takes ${Object.keys(shortFigures).join(', ')}, not "${text}".`);
  return figure;
}

/** What the folder holds where the log lacks it. */
export function withRunName(report: RunReport, { id, name, manifest, labels }: RunFolder): RunReport {
  const { run } = report;
  return {
    ...report,
    run: {
      ...run,
      id: run.id || id,
      name: labels.name ?? run.name ?? name,
      algorithm: run.algorithm ?? manifest?.algorithm ?? null,
      task: run.task ?? manifest?.task ?? null,
    },
  };
}

/** One run as a sample of a group. Throws the file system's error where its folder cannot be listed. */
export async function groupedRun(
  { id, name, path, manifest }: RunFolder,
  { read, onRead }: Pick<CompareOptions, 'read' | 'onRead'>,
): Promise<GroupedRun> {
  const member = new GroupMember();
  const report = emptyReport();
  const gone = isWriterGone(path);
  await read(path, report, event => member.take(event));
  onRead?.(report);
  const run = member.run(id, name, manifest?.config ?? {}, report);
  return { ...run, state: stateWith(run.state, gone, report.unreadable === 0) };
}

async function comparand(folder: RunFolder, { read, onRead }: CompareOptions) {
  const run = new Comparand();
  const report = emptyReport();
  await read(folder.path, report, event => run.take(event));
  onRead?.(report);
  return { run, report: withRunName(run.report(report), folder), config: folder.manifest?.config ?? {} };
}

/**
 * @param sampleOf a run as a sample, where it is known already
 * Throws a ListError where there is nothing to compare with, and the file system's error where a folder cannot be listed.
 */
export async function compareGiven(
  given: readonly GivenRuns[],
  options: CompareOptions,
  sampleOf: (run: RunFolder) => Promise<GroupedRun> = run => groupedRun(run, options),
): Promise<RunsCompared> {
  const [a, b] = given.every(({ runs }) => runs.length === 1) ? given.map(({ runs }) => runs[0]!) : [];
  if (given.length === 1 && a !== undefined)
    throw new ListError('Compare it with which? Give another run, or a pattern for a group of runs.');
  if (given.length === 2 && a !== undefined && b !== undefined)
    return {
      kind: 'runs',
      comparison: compareRuns(await comparand(a, options), await comparand(b, options)),
    };
  const read: { label: string; runs: GroupedRun[] }[] = [];
  for (const { label, runs } of given) {
    const own: GroupedRun[] = [];
    for (const run of runs) own.push(await sampleOf(run));
    read.push({ label, runs: own });
  }
  const groups = read.length === 1 ? groupsOfSweep(read[0]!.runs, options.ignore) : read;
  if (groups.length === 1)
    throw new ListError(
      `The ${groups[0]!.runs.length} runs have one configuration, seeds aside: give a pattern for each group.`,
    );
  return { kind: 'groups', comparison: compareGroups(groups, options.by) };
}
