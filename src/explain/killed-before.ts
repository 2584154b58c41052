/** A process that was killed without a word of why, where the kernel or the scheduler named the host's memory in other lines of the text. */
import { asEvidence, explainEnding, type TextFinding } from '../analysis/index.ts';
import { readEnding } from '../texts/index.ts';
import { hostKillLine, LONGEST } from './host-kill-line.ts';

/** Of such lines, in lower case. */
const WORDS = /oom[-_]kill|out of memory: kill|memory cgroup out/i;

export function withKilledBefore(finding: TextFinding, text: string): TextFinding {
  if (finding.mark !== 'killed' || finding.confidence === 'certain') return finding;
  const named = hostKillLine(text, WORDS);
  if (named === undefined) return finding;
  const killer = explainEnding(readEnding(named.slice(0, LONGEST))!, '');
  return {
    ...finding,
    confidence: 'likely',
    says: `${finding.says} Another line of the text names it: the host’s memory.`,
    // Who killed it is known now: no more to be looked for.
    next: killer?.next ?? finding.next,
    evidence: [...finding.evidence, asEvidence(`The line: ${named.trim().slice(0, LONGEST)}`)],
  };
}
