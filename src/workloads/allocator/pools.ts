/** The pools of an allocator, and which of them an allocation goes to. */
import { BlockPool, PrivatePool } from './block.ts';
import { poolOf } from './sizes.ts';

export class Pools {
  readonly small_pool = new BlockPool('small_pool');
  readonly large_pool = new BlockPool('large_pool');
  readonly #private = new Map<string, PrivatePool>();
  /** Private pools that allocations go to now, the innermost last. */
  #routes: string[] = [];

  /** The pool of a block of `size` bytes. */
  poolFor(size: number): BlockPool {
    const route = this.#routes.at(-1);
    return (route === undefined ? this : this.#private.get(route)!)[poolOf(size)];
  }

  /** A private pool of this name, needed once more. */
  create(id: string): void {
    const pool = this.#private.get(id) ?? new PrivatePool();
    pool.uses++;
    this.#private.set(id, pool);
  }

  begin(id: string): void {
    this.create(id);
    this.#routes.push(id);
  }

  end(id: string): void {
    this.#routes = this.#routes.filter(route => route !== id);
  }

  release(id: string): void {
    const pool = this.#private.get(id);
    if (pool === undefined || pool.uses === 0) throw new Error(`no private pool ${id} is in use`);
    pool.uses--;
  }

  /**
   * Calls `release` with the pools whose cache may go back: those that everything shares, and private ones that nothing needs.
   * Private pools that then hold nothing are forgotten.
   * @param only of a private pool: that one alone
   */
  releasable(only: string | null, release: (pools: readonly BlockPool[]) => void): void {
    if (only === null) release([this.large_pool, this.small_pool]);
    for (const [id, pool] of this.#private) {
      if (pool.uses > 0 || (only !== null && id !== only)) continue;
      release([pool.small_pool, pool.large_pool]);
      if (pool.held === 0) this.#private.delete(id);
    }
  }

  /** What private pools have cached, bytes. */
  get privateCacheBytes(): number {
    return [...this.#private.values()]
      .flatMap(({ small_pool, large_pool }) => [...small_pool.free.all(), ...large_pool.free.all()])
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
