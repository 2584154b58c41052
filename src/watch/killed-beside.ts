/** Processes that were killed in one end of a training: the one that is named may not be the one that filled the host. */
import type { Ending } from '../contract/index.ts';

type Killed = NonNullable<Ending['others']>[number];
type Listed = Killed & { atMs: number | null };

/** SIGKILL */
const KILL = 9;
/** torchrun gives those that are left half a minute, and kills them then. */
const GRACE_MS = 20_000;
/** Processes of which all is kept. */
const MOST = 64;
const KERNEL = 'kernel';

export class KilledBeside {
  readonly #byKernel = new Map<number, Listed>();
  readonly #bySignal = new Map<number, Listed>();

  /** One more line of an ending. @param time when torchrun's summary has it, as printed; null where it is none of that */
  take({ kind, by, signal, pid, process, heldBytes, rank }: Ending, time: string | null): void {
    if (pid == null) return;
    // The kernel first names whom it has chosen, and then whom it killed, with what that held.
    const isOfKernel = kind === 'host memory' && by === KERNEL && heldBytes != null;
    if (!isOfKernel && signal !== KILL) return;
    const all = isOfKernel ? this.#byKernel : this.#bySignal;
    const known = all.get(pid);
    if (known === undefined && all.size >= MOST) return;
    all.set(pid, {
      pid,
      process: known?.process ?? process ?? null,
      heldBytes: known?.heldBytes ?? heldBytes ?? null,
      rank: known?.rank ?? rank ?? null,
      atMs: time === null ? (known?.atMs ?? null) : Date.parse(`${time.replace('_', 'T')}Z`),
    });
  }

  /** Those that were killed as it was, and are others. */
  of({ by, signal, pid }: Ending): Killed[] {
    const all = by === KERNEL ? this.#byKernel : signal === KILL ? this.#bySignal : null;
    if (all === null || pid == null) return [];
    const ownMs = all.get(pid)?.atMs ?? null;
    return [...all.values()]
      .filter(({ atMs }) => ownMs === null || atMs === null || atMs - ownMs < GRACE_MS)
      .filter(other => other.pid !== pid)
      .map(({ atMs: _, ...other }) => other);
  }

  clear(): void {
    this.#byKernel.clear();
    this.#bySignal.clear();
  }
}
