/** systemd-oomd’s account of the units that it looks at before it kills one: how much each held, and how many processes went with it. */
import { printedBytes } from '../base/index.ts';
import type { Ending } from '../contract/index.ts';

/** Units that are kept: it lists the first few. */
const MOST = 64;

export class OomdUnits {
  #path: string | null = null;
  readonly #held = new Map<string, number>();
  readonly #killed = new Map<string, string>();

  read(text: string): void {
    if (!text.includes('oomd')) return;
    const path = /oomd\S{0,12}:\s{1,20}Path: (\/\S{1,300})$/.exec(text.trimEnd())?.[1];
    if (path !== undefined) this.#path = nameOf(path);
    const amount = /oomd\S{0,12}:\s{1,40}Current Memory Usage: (\d{1,6}(?:\.\d)?)([KMGT])$/.exec(
      text.trimEnd(),
    );
    if (amount !== null && this.#path !== null && this.#held.size < MOST)
      this.#held.set(this.#path, Math.round(printedBytes(`${amount[1]}${amount[2]}`) ?? 0));
    const killed = /(\S{1,200}): systemd-oomd killed (\d{1,6} process\S{0,4}) in this unit/.exec(text);
    if (killed !== null && this.#killed.size < MOST) this.#killed.set(killed[1]!, killed[2]!);
  }

  /** The ending with what is known of its unit. */
  of(ending: Ending): Ending {
    const unit = ending.by === 'systemd-oomd' ? (ending.process ?? null) : null;
    if (unit === null) return ending;
    const heldBytes = ending.heldBytes ?? this.#held.get(unit) ?? null;
    const killed = this.#killed.get(unit);
    return {
      ...ending,
      ...(heldBytes !== null && { heldBytes }),
      ...(killed !== undefined &&
        !(ending.evidence ?? '').includes(killed) && {
          evidence: `${ending.evidence ?? ''}; ${unit}: systemd-oomd killed ${killed} in this unit`,
        }),
    };
  }

  clear(): void {
    this.#path = null;
    this.#held.clear();
    this.#killed.clear();
  }
}

/** The last part of a unit’s path. */
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
