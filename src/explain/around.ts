/** What the text around an error adds to what is made of it: the program that failed, lines that an engine or XLA wrote before, ranks on one device. */

import {
  explainError,
  explainNamed,
  type FailureText,
  findingOfText,
  finished,
  type TextFinding,
  textFinding,
  withFirstUse,
  withGgmlPart,
  withPlace,
} from '../analysis/index.ts';
import { printedBytes } from '../base/index.ts';
import type { Finding, OutOfMemory } from '../contract/index.ts';
import { isCut, readMemoryError, type Shown, shownIn } from '../texts/index.ts';
import { withEngineLines } from './engine-lines.ts';
import { withFsdpCopies } from './fsdp-copies.ts';
import { withKilledBefore } from './killed-before.ts';
import { withShards } from './loading-shards.ts';
import { withRanksOnOne } from './ranks-on-one.ts';
import { withXlaPlan } from './xla-plan.ts';

/** Each chooses by what the finding is about, never by its words. */
const STEPS: readonly ((finding: TextFinding, text: string) => TextFinding)[] = [
  withGgmlPart,
  withRanksOnOne,
  withFirstUse,
  withXlaPlan,
  withEngineLines,
  withShards,
  withKilledBefore,
  withFsdpCopies,
];

/** Lines that a program still prints after what ended it. */
const LAST_LINES = 12;

/** The text's last lines: what ended a program stands there. */
export const lastOf = (text: string): string => text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');

/** Whether the words of an error reveal nothing of memory or of a device: the lines around it may. */
export const saysNothing = ({ errorType, message, outOfMemory, ending }: FailureText): boolean =>
  outOfMemory == null &&
  (ending?.kind ?? 'error') === 'error' &&
  explainError(message ?? '') === null &&
  readMemoryError(message ?? '', { errorType }) === null;

/** A program that gave itself up, or crashed: why may stand in the lines before. */
const isCrash = ({ ending }: FailureText): boolean =>
  ending?.kind === 'signal' && (ending.signal === 6 || ending.signal === 11);

const MISSING = /^\S.{0,400}(?:cannot open shared object file|undefined symbol: )/;

/** TensorFlow announces the error of a graph, lists where its operations were made, and names it in front of the nodes. */
const OF_GRAPH = /^Graph execution error:/;
const AT_NODE = /\n([^\n]{5,2000})\n\s{1,8}\[\[\{\{node /;

/** Without what the loader of data reports of a worker: that it died. */
const withoutWorkers = (lines: string): string =>
  lines
    .split('\n')
    .filter(line => !line.includes('DataLoader worker'))
    .join('\n');

/** A terminal's mark of Ctrl-C, and nothing behind it. */
const CTRL_C = /(?:^|\n)\^C\s*$/;
const STOPPED = textFinding({
  kind: 'unmeasured',
  confidence: 'possible',
  says: 'The text ends in ^C: somebody pressed Ctrl-C, or a notebook service (Colab) killed the process, there mostly for lack of host memory.',
  next: [
    'Where nobody stopped it, watch the host’s memory while it runs (free -h; in Colab the RAM of the session).',
  ],
});

/** A text and what it shows of the program that wrote it. */
export class Around {
  readonly #text: string;
  readonly #isTrainersLog: boolean;
  /** By whether it is of a training: the whole text is looked through for it. */
  readonly #shown = new Map<boolean, Shown>();

  /** @param isTrainersLog whether it has a trainer’s own lines */
  constructor(text: string, isTrainersLog: boolean) {
    this.#text = text;
    this.#isTrainersLog = isTrainersLog;
  }

  /** @param isTraining whether more than the text shows it */
  shown(isTraining = false): Shown {
    const isOf = isTraining || this.#isTrainersLog;
    const shown = this.#shown.get(isOf) ?? shownIn(this.#text, isOf);
    this.#shown.set(isOf, shown);
    return shown;
  }

  /** Whether a mark of Ctrl-C is its end: who stopped the program is not in it. */
  get endsInCtrlC(): boolean {
    return CTRL_C.test(this.#text);
  }

  /** What is made of an error in the text. */
  explain(failure: FailureText, isTraining = false): Finding | null {
    const ofGraph = OF_GRAPH.test(failure.message ?? '') ? AT_NODE.exec(this.#text)?.[1] : undefined;
    if (ofGraph !== undefined) return this.explain({ ...failure, message: ofGraph.trim() }, isTraining);
    const last = lastOf(this.#text);
    // The error was cut off; the line of a library before it was not.
    const missing = isCut(failure.message) ? last.split('\n').find(line => MISSING.test(line)) : undefined;
    if (missing !== undefined) return this.add(withPlace(explainNamed(null, missing.trim()), failure));
    const known = isCrash(failure)
      ? explainError(withoutWorkers(last))
      : saysNothing(failure)
        ? explainError(last)
        : null;
    if (known !== null) return this.add(isCrash(failure) ? known : withPlace(known, failure));
    const finding = findingOfText(
      {
        ...failure,
        outOfMemory: failure.outOfMemory && withLines(failure.outOfMemory, failure.message ?? '', this.#text),
      },
      this.shown(isTraining),
    );
    return finding && this.add(finding);
  }

  /** An error among some of its lines that is known by its words. */
  knownIn(lines: string): Finding | null {
    const known = explainError(lines) ?? (CTRL_C.test(lines) ? STOPPED : null);
    return known && this.add(known);
  }

  /** A finding of the text, with what else stands there. */
  add(finding: TextFinding): Finding {
    return finished(STEPS.reduce((found, step) => step(found, this.#text), finding));
  }
}

/** `Ran out of memory trying to allocate 39.81MiB.  See logs for memory state.` */
const ASKED =
  /ran out of memory trying to allocate ([\d.]{1,12}[KMGT]iB)(?!.{0,200}caller indicates that this is not a failure)/i;

/** TensorFlow’s pool, which the driver did not let grow: what a tensor was to have is less. */
const OF_POOL = /from device: (?:CUDA_ERROR_OUT_OF_MEMORY|hip)/i;
/** NCCL’s own lines: the host, the process, the thread and the device that it is on. */
const NCCL =
  /^[^\s:]{1,100}:\d{1,9}:\d{1,9} \[(\d{1,3})\] [^\n]{0,100}NCCL WARN (?:Cuda failure [^\n]{0,12}out of memory|Failed to CUDA)/m;

/** What an error leaves out, and lines of its library beside it have: what was asked for, on which device. */
function withLines(refused: OutOfMemory, message: string, text: string): OutOfMemory {
  if (refused.by === 'nccl' && refused.device == null) {
    const device = NCCL.exec(text)?.[1];
    return device === undefined ? refused : { ...refused, device: `cuda:${Number(device)}` };
  }
  if (refused.by !== 'tensorflow' || (refused.triedBytes !== null && !OF_POOL.test(message))) return refused;
  const asked = printedBytes(ASKED.exec(text)?.[1] ?? '');
  return asked === null ? refused : { ...refused, triedBytes: Math.round(asked) };
}
