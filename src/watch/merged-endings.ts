/** Two lines of one ending → the ending that they make together. */
import type { Ending } from '../contract/index.ts';
import { isUnending, xidsIn } from '../texts/index.ts';

/** NVIDIA's number for work that was cleaned up after another fault. */
const CLEANED_UP = 45;
/** Characters of the lines of faults that are kept. */
const MOST_EVIDENCE = 900;
/** Ranks whose collectives are kept. */
const MOST_COLLECTIVES = 64;

/** What a later line of the same kind adds: figures that the first did not have, and the collectives of more ranks. */
export function mergedEnding(first: Ending, more: Ending): Ending {
  // It closes its workers since that has come.
  if (more.by === 'torchrun' && first.by !== 'torchrun') return first;
  // Gloo carries what is not on a device: its transfers say nothing of the step of a rank in NCCL.
  if (first.by !== more.by && isOfNobody(more)) return first;
  if (first.by !== more.by && isOfNobody(first)) return more;
  const collectives = [...(first.collectives ?? [])];
  for (const collective of more.collectives ?? []) {
    const known = collectives.findIndex(({ rank }) => rank === collective.rank);
    if (known === -1 && collectives.length < MOST_COLLECTIVES) collectives.push(collective);
    else if (known !== -1) collectives[known] = filled(collectives[known]!, collective);
  }
  // Another fault of the device stands beside the first.
  if (first.kind === 'device fault' && isOtherFault(first, more) && first.xid !== CLEANED_UP)
    return { ...first, evidence: `${first.evidence}; ${more.evidence}`.slice(0, MOST_EVIDENCE) };
  // What is cleaned up after a fault is not its cause.
  if (first.xid === CLEANED_UP && more.xid != null && more.xid !== CLEANED_UP) return more;
  // The kernel chose one process, and killed another that shared its memory.
  const isVictim =
    first.by === 'kernel' && more.pid !== first.pid && first.heldBytes == null && more.heldBytes != null;
  const ending = isVictim ? filled(more, first) : filled(first, more);
  // Slurm's account of a step that it could not end adds to that of who cancelled it.
  if (isUnending(more.evidence ?? '') && !isUnending(first.evidence ?? ''))
    return { ...first, evidence: `${first.evidence}; ${more.evidence}`.slice(0, MOST_EVIDENCE) };
  // The line that names the process, or the tasks, has most.
  if (first.pid == null && (more.pid != null || TASKS.test(more.evidence ?? '')))
    ending.evidence = TASKS.test(more.evidence ?? '') ? `${first.evidence} ${more.evidence}` : more.evidence;
  return collectives.length > 0 ? { ...ending, collectives } : ending;
}

/** Whether they are transfers of Gloo's without a rank. */
const isOfNobody = ({ by, kind, collectives }: Ending): boolean =>
  kind === 'collective timeout' && by === 'gloo' && (collectives ?? []).every(({ rank }) => rank == null);

/** Whether it is of another GPU than what is held, or another fault of one. */
function isOtherFault(first: Ending, more: Ending): boolean {
  const known = xidsIn(first.evidence ?? '');
  return xidsIn(more.evidence ?? '').length === 0
    ? first.xid !== more.xid
    : xidsIn(more.evidence ?? '').some(
        ({ gpu, xid }) => !known.some(other => other.gpu === gpu && other.xid === xid),
      );
}

/** Slurm's tasks that ran out of memory, named behind the event. */
const TASKS = /\btasks? [-,\d]{1,60}: Out Of Memory/;

/** With what it did not have and the other has. */
export function filled<T extends object>(first: T, more: Partial<T>): T {
  const added = Object.entries(more).filter(
    ([key, value]) => value != null && (first as Record<string, unknown>)[key] == null,
  );
  return { ...first, ...Object.fromEntries(added) };
}
