/** `esper explain`: whatever someone has of a training (an error, a log, a table, a run) → what it was, and what to try. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { type Answer, answerOfReport, explainText } from '../explain/index.ts';
import { asLeft } from '../follow/index.ts';
import { emptyReport, isWriterGone, resolveRun } from '../log/index.ts';
import { printable } from '../present/index.ts';
import { CommandError } from './command-error.ts';
import { jsonOption, runsOption } from './options.ts';
import { readLog } from './read-log.ts';
import { named } from './report.ts';

/** Bytes that are read of a file: of a longer one its end, where its error stands. */
const LONGEST = 256 * 1024 * 1024;
const NOTHING_RECOGNISED = 2;

export const explainCommand = () =>
  new Command('explain')
    .summary('what an error, a log or a table means: whose memory, what ended it, what to try')
    .description(
      'Takes whatever you have and would paste: the text of an error, a trainer’s log, kernel lines (dmesg), what Slurm or ' +
        'Kubernetes print, lines of NCCL’s watchdog, the table of nvidia-smi, or a run. Reports whose memory it is (the GPU’s, the ' +
        'host’s, or none), what ended the training, and what to try. Makes no run.\n' +
        'Exit status: 0 it was explained; 1 it could not be read; 2 nothing in it was recognised.',
    )
    .argument('<file>', 'a file; a run, by id, name or path; - for standard input')
    .addOption(runsOption())
    .addOption(jsonOption('the answer'))
    .addHelpText(
      'after',
      '\nExamples:\n  esper explain error.txt\n  dmesg | esper explain -\n  nvidia-smi | esper explain -\n  esper explain latest',
    )
    .action(async (ref: string, options: { runs: string; json?: boolean }) => {
      const answer = await answerTo(ref, options.runs);
      if (answer === null)
        throw new CommandError(
          `Nothing in ${ref === '-' ? 'standard input' : ref} was recognised: no error, no ending, no table of nvidia-smi, no figures of a trainer. ` +
            'The whole output helps most, stderr included; esper watch --help lists the logs that are read.',
          NOTHING_RECOGNISED,
        );
      console.log(options.json ? JSON.stringify(answer) : page(answer));
    });

async function answerTo(ref: string, runs: string): Promise<Answer | null> {
  if (ref === '-') return explainText(await standardInput(), 'standard input', Date.now());
  const bytes = fileBytes(ref);
  if (bytes !== null) return explainText(bytes, basename(ref), Date.now());
  const run = resolveRun(runs, ref);
  const { RunAnalyser } = await import('../analysis/index.ts');
  const analyser = new RunAnalyser();
  const gone = isWriterGone(run.path);
  readLog(run.path, emptyReport(), event => analyser.take(event));
  return answerOfReport(asLeft(named(analyser.report(), run), gone));
}

/** A regular file, of a very long one its end; null where there is none of that name, so that it may be a run. */
function fileBytes(path: string): Uint8Array | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.isDirectory()) return null;
    // A fifo would hold the command up.
    if (!stat.isFile())
      throw new CommandError(`${path} is no regular file: give it to esper explain - by a pipe.`);
    if (stat.size <= LONGEST) return readFileSync(path);
    const file = openSync(path, 'r');
    try {
      const end = new Uint8Array(LONGEST);
      return end.subarray(0, readSync(file, end, 0, LONGEST, stat.size - LONGEST));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}.`);
  }
}

async function standardInput(): Promise<Uint8Array> {
  if (process.stdin.isTTY) throw new CommandError('esper explain - reads a pipe: dmesg | esper explain -');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    if (size < LONGEST) chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return Buffer.concat(chunks);
}

const whose = { GPU: 'the GPU’s', host: 'the host’s' } as const;

function page({ what, whose: memory, says, evidence, next, confidence }: Answer): string {
  const list = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.map(line => `  - ${printable(line)}`)];
  return [
    `Read as ${printable(what)}.`,
    '',
    `${printable(says)}`,
    ...(memory === null ? [] : [`Whose memory: ${whose[memory]} (${confidence}).`]),
    ...list('Evidence', evidence),
    ...list('What to try', next),
  ].join('\n');
}
