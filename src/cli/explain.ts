/** `esper explain`: whatever someone has of a training (an error, a log, a table, a snapshot, a run) → what it was, what to try. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { amount, isGzip, terminalJson } from '../base/index.ts';
import { type Answer, answerOfReport, explainText } from '../explain/index.ts';
import { answerPage } from './answer-page.ts';
import { CommandError } from './command-error.ts';
import {
  explainSnapshot,
  explainSnapshotBytes,
  moment,
  type SnapshotOptions,
  snapshotOption,
} from './explain-snapshot.ts';
import { foundRun } from './found-run.ts';
import { jsonOption, runsOption } from './options.ts';
import { reportOfRun } from './run-report.ts';
import { say } from './say.ts';
import { writeOutput } from './write-output.ts';

/** Bytes that are read of a file or a pipe: of a longer one its end, where its error stands. */
const LONGEST = 256 * 1024 * 1024;
const NEWLINE = 10;

interface Given {
  bytes: Uint8Array;
  /** Bytes that stood before them, and were not read. */
  leftOut: number;
}
const NOTHING_RECOGNISED = 2;
const SPACE = 0x20;

export const explainCommand = () =>
  new Command('explain')
    .description(
      'Takes whatever you have and would paste: the text of an error, a trainer’s log, kernel lines (dmesg), what Slurm or ' +
        'Kubernetes print, lines of NCCL’s watchdog, the table of nvidia-smi, or a run. Reports whose memory it is (the GPU’s, the ' +
        'host’s, or none), what ended the training, and what to try. Makes no run.\n' +
        'A memory snapshot of PyTorch (torch.cuda.memory._dump_snapshot, a pickle, gzip or not; or _snapshot() as JSON) is read ' +
        'without running anything in it: which lines held the memory at the peak, at the end or after an event, how what is ' +
        'reserved divides, and what stood in the way of a refused request. --diff: what changed by line from FILE to OTHER, by ' +
        'default between the moments of the two dumps.\n' +
        'Exit status: 0 it was explained; 1 it could not be read; 2 nothing in it was recognised.',
    )
    .argument('<file>', 'a file; a run, by id, name or path; - for standard input')
    .addOption(runsOption())
    .option('--diff <other>', 'of two snapshots: what OTHER holds more or less, by line')
    .option('--at <moment>', 'of a snapshot: peak, end, or the number of an event (default: peak)', moment)
    .addOption(jsonOption('the answer'))
    .option('--html', 'of a snapshot: one file of HTML, NAME.html in the working folder')
    .option('--out <file>', 'write the answer there; "-" for standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  esper explain error.txt\n  dmesg | esper explain -\n  nvidia-smi | esper explain -\n  esper explain latest\n' +
        '  esper explain snapshot.pickle\n  esper explain before.pickle.gz --diff after.pickle.gz\n  esper explain snapshot.pickle --at end --html',
    )
    .action(async (ref: string, options: SnapshotOptions & { runs: string }) => {
      if (options.json && options.html)
        throw new CommandError('--json and --html are two answers: leave one of them out.');
      const answer = await answerTo(ref, options);
      if (answer === 'shown') return;
      const option = snapshotOption(options);
      if (option !== null)
        throw new CommandError(
          `${option} is for memory snapshots, and ${ref === '-' ? 'standard input' : ref} is none.`,
        );
      if (answer === null)
        throw new CommandError(
          `Nothing in ${ref === '-' ? 'standard input' : ref} was recognised: no error, no ending, no table of nvidia-smi, no figures of a trainer. ` +
            'The whole output helps most, stderr included; "esper watch --help" lists the logs that are read.',
          NOTHING_RECOGNISED,
        );
      handOver(answer, options);
    });

function handOver(answer: Answer, { json, out = '-' }: SnapshotOptions): void {
  const isTerminal = out === '-' && process.stdout.isTTY;
  const text = json ? terminalJson(answer) : answerPage(answer, isTerminal ? process.stdout.columns : null);
  if (out === '-') {
    console.log(text);
    return;
  }
  writeOutput(out, `${text}\n`);
  say(out);
}

async function answerTo(
  ref: string,
  options: SnapshotOptions & { runs: string },
): Promise<Answer | 'shown' | null> {
  if (ref === '-') {
    const given = await standardInput();
    if (await explainSnapshotBytes(given.bytes, options)) return 'shown';
    return textAnswer(await unpacked(given), 'standard input');
  }
  if (await isSnapshot(ref, options)) return 'shown';
  const given = fileBytes(ref);
  if (given !== null) return textAnswer(await unpacked(given), ref);
  return answerOfReport(await reportOfRun(foundRun(options.runs, ref)));
}

/** null where nothing in it is recognised. */
function textAnswer({ bytes, leftOut }: Given, from: string): Answer | null {
  if (bytes.every(byte => byte <= SPACE))
    throw new CommandError(`Nothing to explain: ${from} is empty.`, NOTHING_RECOGNISED);
  // Of the line that the end begins in, a figure may be cut.
  const text = leftOut === 0 ? bytes : bytes.subarray(bytes.indexOf(NEWLINE) + 1);
  const answer = explainText(text, basename(from), Date.now());
  if (leftOut > 0)
    answer?.evidence.push(
      `Read of it: its end, ${amount(text.length)}. What stands before (${amount(leftOut)}) was not read.`,
    );
  return answer;
}

/** Explains a regular file that is a snapshot; whether it is one. */
async function isSnapshot(path: string, options: SnapshotOptions): Promise<boolean> {
  try {
    return (
      statSync(path, { throwIfNoEntry: false })?.isFile() === true && (await explainSnapshot(path, options))
    );
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}.`);
  }
}

/** A regular file, of a very long one its end; null where there is none of that name, so that it may be a run. */
function fileBytes(path: string): Given | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.isDirectory()) return null;
    // A fifo would hold the command up.
    if (!stat.isFile())
      throw new CommandError(`${path} is no regular file: give it to esper explain - by a pipe.`);
    if (stat.size <= LONGEST) return { bytes: readFileSync(path), leftOut: 0 };
    const file = openSync(path, 'r');
    try {
      const end = new Uint8Array(LONGEST);
      const leftOut = stat.size - LONGEST;
      return { bytes: end.subarray(0, readSync(file, end, 0, LONGEST, leftOut)), leftOut };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}.`);
  }
}

async function standardInput(): Promise<Given> {
  if (process.stdin.isTTY) throw new CommandError('esper explain - reads a pipe: "dmesg | esper explain -"');
  return endOf(process.stdin);
}

/** What gzip packed, unpacked, as far as it goes; anything else as it is. */
function unpacked(given: Given): Given | Promise<Given> {
  return isGzip(given.bytes) ? endOf(Readable.from([given.bytes]).pipe(createGunzip())) : given;
}

/** The end of a stream, all of a short one; of one that breaks off what came before. */
async function endOf(stream: Readable): Promise<Given> {
  const chunks: Buffer[] = [];
  let size = 0;
  let leftOut = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      while (size - chunks[0]!.length >= LONGEST) {
        const { length } = chunks.shift()!;
        size -= length;
        leftOut += length;
      }
    }
  } catch (error) {
    if (size === 0) throw new CommandError(`Cannot read it: ${(error as Error).message}.`);
  }
  return { bytes: Buffer.concat(chunks), leftOut };
}
