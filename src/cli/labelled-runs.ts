/** `esper tag`, `note`, `rename` and `archive`: what people note on runs, beside what was recorded. */
import { Command } from 'commander';
import type { RunLabels } from '../contract/index.ts';
import { type RunFolder, resolveRun, resolveRuns, writeLabels } from '../log/index.ts';
import { many } from '../present/index.ts';
import { CommandError } from './command-error.ts';
import { RepeatableOption, runsOption } from './options.ts';
import { say } from './say.ts';

const RUNS = 'id, start of an id, name, path, "latest", or a pattern such as lr3e-4*';
const ONE = 'id, start of an id, name, path or "latest"';

/** Changes the labels of each run. Throws a CommandError where one cannot be written. */
function relabel(runs: readonly RunFolder[], change: (labels: RunLabels) => Partial<RunLabels>): void {
  for (const { id, path, labels } of runs)
    try {
      writeLabels(path, { ...labels, ...change(labels) });
    } catch (error) {
      throw new CommandError(`The labels of ${id} cannot be written: ${(error as Error).message}.`);
    }
}

const words = (runs: readonly RunFolder[]): string =>
  runs.length === 1 ? runs[0]!.id : many(runs.length, 'run');

const LONGEST_TAG = 64;

/** Letters that a filter and a comma-separated list can hold. Throws a CommandError. */
function checkTag(tag: string): void {
  if (!/^[\p{L}\p{N}_.:/+-]+$/u.test(tag) || tag.length > LONGEST_TAG)
    throw new CommandError(
      `"${tag}" is no tag: letters, digits and _ . : / + -, at most ${LONGEST_TAG} of them.`,
    );
}

export const tagCommand = () =>
  new Command('tag')
    .description(
      'Adds tags to runs, or takes them away. "esper runs --filter tag=TAG" lists those that have one.',
    )
    .argument('<run>', RUNS)
    .argument('[tags...]', 'tags to add')
    .addOption(new RepeatableOption('--remove <tag>', 'take this one away'))
    .addOption(runsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  esper tag latest good baseline\n  esper tag "lr3e-4*" --remove good',
    )
    .action((ref: string, added: string[], { runs, remove = [] }: { runs: string; remove?: string[] }) => {
      added.forEach(checkTag);
      if (added.length + remove.length === 0)
        throw new CommandError('Which tags? Give some, or --remove TAG.');
      const found = resolveRuns(runs, ref);
      relabel(found, ({ tags }) => ({
        tags: [...new Set([...tags, ...added])].filter(tag => !remove.includes(tag)),
      }));
      say(`Tagged ${words(found)}.`);
    });

export const noteCommand = () =>
  new Command('note')
    .description('Keeps a note with a run, in place of the one before; an empty text takes it away.')
    .argument('<run>', ONE)
    .argument('<text>', 'the note')
    .addOption(runsOption())
    .addHelpText('after', '\nExample:\n  esper note latest "the one with the larger batch"')
    .action((ref: string, text: string, { runs }: { runs: string }) => {
      const run = resolveRun(runs, ref);
      relabel([run], () => ({ note: text.trim() === '' ? null : text }));
      say(`Noted on ${run.id}.`);
    });

export const renameCommand = () =>
  new Command('rename')
    .description(
      'Gives a run another name. Its id, its folder and what was recorded stay; an empty name brings the first one back.',
    )
    .argument('<run>', ONE)
    .argument('<name>', 'the new name')
    .addOption(runsOption())
    .addHelpText('after', '\nExample:\n  esper rename latest lr3e-4-seed2')
    .action((ref: string, name: string, { runs }: { runs: string }) => {
      const run = resolveRun(runs, ref);
      if (/[*?/\\]/.test(name)) throw new CommandError('A name holds none of * ? / \\.');
      relabel([run], () => ({ name: name.trim() === '' ? null : name.trim() }));
      say(`${run.id} is now named ${name.trim() || (run.manifest?.name ?? run.id)}.`);
    });

export const archiveCommand = () =>
  new Command('archive')
    .description(
      'Leaves runs out of lists, of names and of "latest". Nothing is moved; "esper runs --all" shows them.',
    )
    .argument('<run>', RUNS)
    .option('--undo', 'list them again')
    .addOption(runsOption())
    .addHelpText('after', '\nExamples:\n  esper archive "debug*"\n  esper archive 20261123-0312 --undo')
    .action((ref: string, { runs, undo }: { runs: string; undo?: boolean }) => {
      const found = resolveRuns(runs, ref);
      relabel(found, () => ({ archived: undo !== true }));
      say(`${undo ? 'Listed again' : 'Archived'}: ${words(found)}.`);
    });
