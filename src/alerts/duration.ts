/** Durations as people write them: 500ms, 30s, 10m, 2h. */
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds; null where the text is no duration. */
export function parseDuration(text: string): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim()) ?? [];
  return number === undefined ? null : Number(number) * units[unit!]!;
}
