/** What the ranks of a run show beside each other, in a report. */
import { capitalised } from '../base/index.ts';
import type { RankFinding, RunReport } from '../contract/index.ts';
import type { DocumentBlock, ReportTone } from './document.ts';

const rankTones: Record<RankFinding['level'], ReportTone> = {
  info: 'plain',
  warning: 'warning',
  critical: 'critical',
};

/** What is wrong with ranks, in a sentence behind the verdict; empty where nothing is. */
export function ranksInShort({ acrossRanks = [] }: RunReport): string {
  const wrong = acrossRanks.filter(({ level }) => level !== 'info').map(({ short }) => short);
  return wrong.length === 0 ? '' : ` ${capitalised(wrong.join('; '))}.`;
}

/** The tone of the worst; null where nothing is wrong with ranks. */
export const toneOfRanks = ({ acrossRanks = [] }: RunReport): ReportTone | null =>
  acrossRanks[0] === undefined || acrossRanks[0].level === 'info' ? null : rankTones[acrossRanks[0].level];

/** The findings, the worst first; none where nothing was found. */
export const rankBlocks = ({ acrossRanks = [] }: RunReport): DocumentBlock[] =>
  acrossRanks.map(({ kind, level, says, next }) => ({
    type: 'finding',
    title: capitalised(kind),
    confidence: level,
    tone: rankTones[level],
    says,
    evidence: [],
    next: [...next],
  }));
