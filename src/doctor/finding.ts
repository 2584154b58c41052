/** What the doctor found: one thing that is here, missing or risky, and the one step that follows. */
export type FindingLevel =
  /** All is well. */
  | 'ok'
  /** Nothing is wrong, and some figure will not be measured, or means something else. */
  | 'note'
  /** Training, or what is reported of it, may go wrong. */
  | 'risk'
  /** Esper cannot do its work. */
  | 'blocked';

export interface DoctorFinding {
  /** Stable, for scripts: area and matter, `allocator.split-with-expandable`. */
  id: string;
  level: FindingLevel;
  what: string;
  /** null where all is well. */
  next: string | null;
}

export const ok = (id: string, what: string): DoctorFinding => ({ id, level: 'ok', what, next: null });
export const note = (id: string, what: string, next: string): DoctorFinding => ({
  id,
  level: 'note',
  what,
  next,
});
export const risk = (id: string, what: string, next: string): DoctorFinding => ({
  id,
  level: 'risk',
  what,
  next,
});
export const blocked = (id: string, what: string, next: string): DoctorFinding => ({
  id,
  level: 'blocked',
  what,
  next,
});
