/** What verification found out about one record, stage by stage, in the words of the original record's checklist. */

/** The stages in the order of the path; each is a line of the checklist. */
export const stages = {
  record: 'Record is complete',
  emitter: 'Emitter exists',
  transport: 'Transport works',
  schema: 'Schema field exists',
  property: 'Property is correct',
  consumer: 'Consumer reads it',
  display: 'Display is correct',
  thresholds: 'Thresholds applied',
  dependencies: 'Dependencies agree',
  references: 'References resolve',
  tests: 'Tests exist',
} as const;
export type Stage = keyof typeof stages;

/** The stages between source and screen. */
const wiring: Stage[] = ['emitter', 'transport', 'schema', 'property', 'consumer', 'display', 'thresholds'];

/** `not run`: this machine cannot check (no Python, for one); neither right nor wrong. */
export type Outcome = 'pass' | 'fail' | 'not run';

export interface Check {
  stage: Stage;
  outcome: Outcome;
  /** What was seen, or what is wrong. */
  found: string;
}

/** The record's status line; each level needs the one before it. */
export interface Status {
  planned: boolean;
  inProgress: boolean;
  wired: boolean;
  tested: boolean;
  verified: boolean;
}

export interface Verification {
  id: string;
  name: string;
  /** The highest level reached. */
  status: 'none' | 'planned' | 'in progress' | 'wired' | 'tested' | 'verified';
  levels: Status;
  checks: Check[];
}

export function statusOf(checks: readonly Check[]): Pick<Verification, 'status' | 'levels'> {
  const passed = (stage: Stage) => checks.some(c => c.stage === stage && c.outcome === 'pass');
  const planned = passed('record');
  const inProgress = planned && passed('emitter');
  const wired = inProgress && wiring.every(passed);
  const tested = wired && passed('tests');
  const verified = tested && checks.every(c => c.outcome === 'pass');
  const status = verified
    ? 'verified'
    : tested
      ? 'tested'
      : wired
        ? 'wired'
        : inProgress
          ? 'in progress'
          : planned
            ? 'planned'
            : 'none';
  return { status, levels: { planned, inProgress, wired, tested, verified } };
}

/** Whether nothing is wrong; what has not run is not wrong. */
export const holds = (verification: Verification): boolean =>
  verification.checks.every(c => c.outcome !== 'fail');
