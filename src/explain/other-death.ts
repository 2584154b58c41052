/** A text in which both memories ran out, the device’s and the host’s: the answer is about one of them, and the other is to be known too. */
import { figuresOfText } from '../analysis/index.ts';
import type { RunReport } from '../contract/index.ts';
import { readMemoryError, shownIn } from '../texts/index.ts';
import type { Answer } from './answer.ts';
import { hostKillLine, LONGEST } from './host-kill-line.ts';

/** Of lines of a killer of processes. */
const KILLER = /oom[-_]kill|out of memory: kill|memory cgroup out|OOMKilled|killed due to memory pressure/i;
/** An error of PyTorch’s allocator, and the characters that its figures take. */
const REFUSED = /\bout of memory\.\s{1,2}Tried\s{1,2}to\s{1,2}allocate\b/i;
const FIGURES = 900;

interface Beside {
  says: string;
  evidence: string;
  /** Whether what helps the one helps the other. */
  isSameCause?: boolean;
}

/** The answer, with the other memory that ran out in the text. */
export function withOtherDeath(answer: Answer, { failure }: RunReport, text: string): Answer {
  if (failure === null) return answer;
  const kind = failure.ending?.kind;
  const beside =
    (kind === 'host memory' && failure.outOfMemory == null) || failure.outOfMemory?.device === 'cpu'
      ? deviceIn(text)
      : failure.outOfMemory != null && failure.outOfMemory.device !== 'cpu'
        ? killIn(text)
        : null;
  return beside === null
    ? answer
    : {
        ...answer,
        says: `${answer.says} ${beside.says}`,
        evidence: [...answer.evidence, beside.evidence],
        next: beside.isSameCause
          ? answer.next
          : [...answer.next, 'Give esper explain the lines of the other one alone: its advice is another.'],
      };
}

function deviceIn(text: string): Beside | null {
  const at = text.search(REFUSED);
  if (at === -1) return null;
  const from = text.lastIndexOf('\n', at) + 1;
  const end = text.indexOf('\n', at);
  const line = text.slice(from, end === -1 ? text.length : end);
  // One that is wrapped goes on in the next lines.
  const words = / allocated\b/.test(line) ? line : text.slice(from, at + FIGURES);
  const refused = readMemoryError(words)?.outOfMemory;
  const figures = refused == null || refused.device === 'cpu' ? null : figuresOfText(refused);
  if (figures === null) return null;
  const { freeBytes, triedBytes, device } = refused!;
  const isSameCause =
    freeBytes != null && triedBytes != null && freeBytes > 2 * triedBytes && shownIn(text).isWindows;
  return {
    isSameCause,
    says: `The text has an error of the GPU’s memory too (${device ?? 'of a device'}): ${isSameCause ? 'refused though enough is free there, since Windows’ driver counts it against the host’s memory and page file too. Mostly it has the same cause.' : 'another shortage, with its own cause.'}`,
    evidence: `The other error${figures.replace(/^The text/, '')}`,
  };
}

function killIn(text: string): Beside | null {
  const line = hostKillLine(text, KILLER);
  return line === undefined
    ? null
    : {
        says: 'The text has a process that was killed for lack of the host’s memory too: another shortage, with its own cause.',
        evidence: `The other line: ${line.trim().slice(0, LONGEST)}`,
      };
}
