/** Kernel lines that have more than one process killed: the one that is named may not be the one that filled the host. */
import { asEvidence, type TextFinding } from '../analysis/index.ts';
import { torchSize } from '../base/index.ts';

const KILLED =
  /\bKill(?:ed)? process (\d{1,10})(?:, UID \d{1,10},)? \((\(?[^()\n]{1,64}\)?)\)[^\n]{0,80}?(?:\banon-rss:(\d{1,15})kB)/g;

export function withMoreKills(finding: TextFinding, text: string): TextFinding {
  if (finding.mark !== 'killed' || !text.includes('anon-rss:')) return finding;
  const byPid = new Map<string, { name: string; bytes: number }>();
  for (const [, pid, name, held] of text.matchAll(KILLED))
    byPid.set(pid!, { name: name!, bytes: Number(held) * 1024 });
  if (byPid.size < 2) return finding;
  const [pid, largest] = [...byPid].reduce((most, next) => (next[1].bytes > most[1].bytes ? next : most));
  const all = [...byPid.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    ...finding,
    evidence: [
      asEvidence(
        `${byPid.size} processes were killed in the text. Together they held ${torchSize(all)}; the largest was process ${pid} (${largest.name}) with ${torchSize(largest.bytes)}.`,
      ),
      ...finding.evidence,
    ],
  };
}
