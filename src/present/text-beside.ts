/** What the text of a run's last error shows, beside what was measured of the run's memory. */
import type { RunReport, VerdictKind } from '../contract/index.ts';

/** Findings, and readings of a text that they explain better: by many updates, not by the last moment. */
const explained: Partial<Record<VerdictKind, readonly VerdictKind[]>> = {
  fragmentation: ['fragmentation'],
  'allocator configuration': ['process limit', 'refused though free'],
};

/** Findings that bring a reading of a text about, in a sentence that joins them. */
const joined: Partial<Record<VerdictKind, Partial<Record<VerdictKind, string>>>> = {
  leak: {
    fragmentation:
      'The two belong together: what leaks lies between free pieces, and keeps them from being joined.',
  },
  growth: {
    fragmentation:
      'The two belong together: what grows leaves behind pieces of its former sizes, which are too small for it.',
  },
};

/** Whether the text shows what the finding of the device does not. Of a device that is full every cause that was measured shows why. */
function addsToFinding(explanation: VerdictKind, found: VerdictKind): boolean {
  if (found === 'unmeasured' || found === 'steady') return true;
  return explanation !== 'full' && explained[found]?.includes(explanation) !== true;
}

/** What the text shows beside the finding of the device, and how the two go together; null for nothing. */
export function textBeside<T extends { kind: VerdictKind; says: string }>(
  explanation: T | null | undefined,
  found: VerdictKind,
): T | null {
  if (explanation == null || !addsToFinding(explanation.kind, found)) return null;
  const how = joined[found]?.[explanation.kind];
  return how === undefined ? explanation : { ...explanation, says: `${explanation.says} ${how}` };
}

/** What the text shows that nothing measured does; null for nothing. */
export function besideFindings({ explanation, devices }: RunReport): RunReport['explanation'] {
  const found = devices[0]?.findings[0]?.kind ?? 'unmeasured';
  return textBeside(explanation, found);
}
