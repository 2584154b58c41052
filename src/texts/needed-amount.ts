/** The amount that a refusal of other memory than the device's own states: page-locked host memory, a buffer of a configured size. */

/** `failed to allocate 1900,00 MiB of pinned memory`, `pinned host memory of size: 34359738368`, `failed to alloc 34359738368 bytes on host` */
const PINNED: readonly RegExp[] = [
  /failed to allocate (\d{1,9})(?:[.,]\d{1,3})? MiB of pinned memory/i,
  /pinned host memory of size: (\d{1,15})/i,
  /failed to alloc (\d{1,15}) bytes on host/i,
];

/** Bytes of page-locked memory that were asked for; null where the text does not have them. */
export function pinnedBytesIn(message: string): number | null {
  for (const pattern of PINNED) {
    const amount = pattern.exec(message)?.[1];
    if (amount !== undefined) return Number(amount) * (pattern.source.includes('MiB') ? 2 ** 20 : 1);
  }
  return null;
}

/** PhysX names some by what they hold: `Patch buffer overflow detected, please increase its size to at least 178421 in the scene desc!` */
const HELD = /\b(Patch|Contact) buffer overflow detected, please increase its size to at least (\d{1,15})/;
const NAMES_OF_HELD: Readonly<Record<string, string>> = {
  Patch: 'maxRigidPatchCount',
  Contact: 'maxRigidContactCount',
};
/** `…MemoryConfig::collisionStackSize buffer overflow detected, please increase its size to at least 1484688128`, `…::foundLostPairsCapacity to 4096` */
const CAPACITY =
  /MemoryConfig::(\w{1,60})\b(?: buffer overflow detected, please increase its size)? to (?:at least )?(\d{1,15})/;

/** A simulator's buffer that is too small, by its setting, and what that has to be; null where the text does not name it. */
export function capacityIn(message: string): { setting: string; least: number } | null {
  const held = HELD.exec(message);
  const [, named, least] = held ?? CAPACITY.exec(message) ?? [];
  if (named === undefined) return null;
  return { setting: held === null ? named : NAMES_OF_HELD[named]!, least: Number(least) };
}

/** Whether a later refusal of the same kind asks for more than an earlier one. */
export function asksForMore(later: string, earlier: string): boolean {
  const capacity = capacityIn(later);
  const before = capacityIn(earlier);
  if (capacity !== null && before !== null)
    return capacity.setting === before.setting && capacity.least > before.least;
  const bytes = pinnedBytesIn(later);
  return bytes !== null && bytes > (pinnedBytesIn(earlier) ?? Number.POSITIVE_INFINITY);
}
