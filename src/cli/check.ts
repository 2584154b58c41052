/** `esper check`: a gate for continuous integration: a run, or a fresh command, held against a baseline. */
import { Command, Option } from 'commander';
import { usualTolerances } from '../analysis/index.ts';
import type { RunCheck, RunFigures } from '../contract/index.ts';
import { openRun, type RunFolder } from '../log/index.ts';
import { CommandError } from './command-error.ts';
import { foundRun } from './found-run.ts';
import { runsOption } from './options.ts';
import { checkPresentation, type PresentOptions, present, withPresentation } from './present.ts';
import { rehearsedRun } from './rehearse.ts';
import { recordCommand } from './run.ts';
import { baselineFigures, figuresOfRun, saveFigures } from './run-figures.ts';
import { sayError } from './say.ts';
import { VERSION } from './version.ts';
import { writeOutput } from './write-output.ts';

interface CheckOptions extends PresentOptions {
  runs: string;
  against?: string;
  save?: string;
  markdown?: string;
  name?: string;
  rehearse?: boolean;
  peak: number | 'off';
  time: number | 'off';
  lost: number | 'off';
}

/** The run is worse than the baseline; 1: there is no answer. */
const WORSE = 2;

/** `2%`, or `off`. */
function toleranceOption(flags: string, what: string, usual: number): Option {
  const [name] = flags.split(' ');
  return new Option(flags, `${what}; off: it is for information only`)
    .default(usual, `${100 * usual}%`)
    .argParser((text): number | 'off' => {
      if (text === 'off') return text;
      const percent = /^(\d+(?:\.\d+)?)%?$/.exec(text.trim())?.[1];
      if (percent === undefined)
        throw new CommandError(`${name} takes a share such as 2%, or off, not "${text}".`);
      return Number(percent) / 100;
    });
}

export function checkCommand(): Command {
  const command = withPresentation(new Command('check'), 'the RunCheck');
  return command
    .description(
      'Holds a run against a baseline: a run, or a file of figures that --save wrote and that is committed. With -- COMMAND the ' +
        'command is run first, as "esper run" does, or rehearsed without a GPU. A figure fails the check where it is worse by more ' +
        'than its tolerance, and the 99% interval of the change, where the runs show their scatter, lies above zero. Reserved memory ' +
        'never fails it: equal work was seen to reserve 8.6% apart. A verdict fails it where it is worse, is sure, and is about the program ' +
        'itself: a leak, growth, a spike, a failure.\n' +
        'Exit status: 0 it passes, 2 it is worse, 1 it could not be checked.',
    )
    .argument('[run]', 'id, start of an id, name, path, or "latest"; or -- COMMAND')
    .argument('[command...]', 'the program and its arguments')
    .usage('[options] [run]\n       esper check [options] -- COMMAND …')
    .option('--against <baseline>', 'a run, or a file of figures that ends in .json')
    .option('--save <file>', 'write the figures of this run there, to be committed as a baseline')
    .option('--markdown <file>', 'write a summary for a pull request there as well')
    .addOption(
      toleranceOption('--peak <share>', 'how much higher the allocated peak may be', usualTolerances.peak),
    )
    .addOption(toleranceOption('--time <share>', 'how much longer an update may take', usualTolerances.time))
    .addOption(
      toleranceOption(
        '--lost <points>',
        'how much more of the time may be lost to the allocator',
        usualTolerances.lost,
      ),
    )
    .option('--rehearse', 'with -- COMMAND: rehearse it on a stand-in device, without a GPU')
    .option('--name <name>', 'with -- COMMAND: name of its run')
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper check latest --save esper-baseline.json\n' +
        '  esper check latest --against esper-baseline.json --markdown summary.md\n' +
        '  esper check --against esper-baseline.json -- python train.py --max-steps 50\n' +
        '  esper check --rehearse --against esper-baseline.json -- python train.py',
    )
    .action(async (run: string | undefined, rest: string[], options: CheckOptions) => {
      checkPresentation(options);
      const { against, save } = options;
      if (against === undefined && save === undefined)
        throw new CommandError(
          'Nothing to check against: give --against RUN or --against FIGURES.json; --save FIGURES.json makes such a file.',
        );
      const words = [...(run === undefined ? [] : [run]), ...rest];
      const isCommand = hasCommand(command, words.length);
      if (!isCommand && rest.length > 0)
        throw new CommandError(`One run is checked, not ${words.length}; a command stands behind "--".`);
      if (!isCommand && options.rehearse) throw new CommandError('--rehearse takes a command behind "--".');
      // What is wrong with the baseline is known before the command is run.
      const baseline = against === undefined ? null : await baselineFigures(options.runs, against);
      const folder = isCommand ? await freshRun(words, options) : foundRun(options.runs, run ?? 'latest');
      const figures = await figuresOfRun(folder);
      if (save !== undefined) saveMeasured(save, figures, folder.id);
      if (baseline !== null) await judge(baseline, figures, options, folder.id);
      else sayError(`esper: the figures of ${folder.id} are in ${save}.`);
    });
}

/** Throws a CommandError where nothing could ever be checked against it: what the file held stays. */
function saveMeasured(path: string, figures: RunFigures, id: string): void {
  const { highestPeakBytes, usualPeakBytes, tookMs, lostFraction } = figures;
  if ([highestPeakBytes, usualPeakBytes, tookMs, lostFraction].every(figure => figure === null))
    throw new CommandError(
      `${id} has no memory and no time of an update to check against: nothing was saved.`,
    );
  saveFigures(path, figures);
}

/** Whether the words stood behind `--`: the parser takes it away. */
function hasCommand(command: Command, words: number): boolean {
  let root = command;
  while (root.parent !== null) root = root.parent;
  const { rawArgs } = root as Command & { rawArgs: string[] };
  const at = rawArgs.indexOf('--');
  if (at === -1) return false;
  if (rawArgs.length - at - 1 !== words || words === 0)
    throw new CommandError('Behind "--" stands the command, and no run before it.');
  return true;
}

/** Runs or rehearses the command. Throws a CommandError where it made no run, or several. */
async function freshRun(words: string[], options: CheckOptions): Promise<RunFolder> {
  const { runs, name } = options;
  let paths: string[];
  let ended = '';
  if (options.rehearse) paths = [await rehearsedRun(words, { runs, name })];
  else {
    const { end, runs: recorded } = await recordCommand(words, { runs, ...(name !== undefined && { name }) });
    paths = recorded.map(({ path }) => path);
    if (end.problem !== null) throw new CommandError('Nothing was checked.');
    ended =
      end.signal !== null
        ? ` The command was ended by ${end.signal}.`
        : end.code === 0
          ? ''
          : ` The command returned ${end.code}.`;
  }
  const [path, ...more] = paths;
  if (path === undefined) throw new CommandError(`The command recorded no run: nothing was checked.${ended}`);
  if (more.length > 0)
    throw new CommandError(`The command recorded ${paths.length} runs: check each with "esper check RUN".`);
  if (ended !== '') sayError(`esper:${ended}`);
  const folder = openRun(path);
  if (folder === null) throw new CommandError(`The run in ${path} has gone.`);
  return folder;
}

async function judge(baseline: RunFigures, figures: RunFigures, options: CheckOptions, id: string) {
  const { checkRun } = await import('../analysis/index.ts');
  const { checkDocument, toMarkdown } = await import('../report/index.ts');
  const share = (given: number | 'off') => (given === 'off' ? null : given);
  const { peak, time, lost } = options;
  const check = checkRun(baseline, figures, { peak: share(peak), time: share(time), lost: share(lost) });
  const nothing = check.passed ? unanswered(check) : null;
  if (nothing !== null) throw new CommandError(`${id} could not be checked: ${nothing}.`);
  const document = () => checkDocument(check, { nowMs: Date.now(), timeZone: null, version: VERSION });
  if (options.markdown !== undefined) writeOutput(options.markdown, toMarkdown(document()));
  await present(check, document, options, `check-${id}`);
  if (!check.passed) process.exitCode = WORSE;
}

/** Why a check that found nothing is no answer; null where it is one. */
function unanswered({ baseline, run, figures }: RunCheck): string | null {
  if (baseline.highestPeakBytes !== null && run.highestPeakBytes === null)
    return 'its allocated peak was not measured, and that of the baseline was';
  if (figures.every(({ status }) => status === 'not compared'))
    return 'it has no figure that the baseline has too';
  return null;
}
