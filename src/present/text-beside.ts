/** What the text of a run's last error shows, beside what was measured of the run's memory. */
import type { RunReport, VerdictKind } from '../contract/index.ts';

/** Findings, and readings of a text that they explain better: by many updates, not by the last moment. */
const explained: Partial<Record<VerdictKind, readonly VerdictKind[]>> = {
  fragmentation: ['fragmentation'],
  'allocator configuration': ['process limit'],
};

/** Whether the text shows what the finding of the device does not. Of a device that is full every cause that was measured shows why. */
export function addsToFinding(explanation: VerdictKind, found: VerdictKind): boolean {
  if (found === 'unmeasured' || found === 'steady') return true;
  return explanation !== 'full' && explained[found]?.includes(explanation) !== true;
}

/** What the text shows that nothing measured does; null for nothing. */
export function besideFindings({ explanation, devices }: RunReport): RunReport['explanation'] {
  const found = devices[0]?.findings[0]?.kind ?? 'unmeasured';
  return explanation != null && addsToFinding(explanation.kind, found) ? explanation : null;
}
