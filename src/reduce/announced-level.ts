/**
 * The level that the log has announced. A worse level is announced at once, a better one when it has lasted: figures
 * sway, and a log that repeats itself is not read.
 */
import type { AnnouncedLevel, Health } from '../contract/index.ts';

/** Readings that a better level must last. */
const CALM_READINGS = 20;

const severity: Record<Health, number> = { unmeasured: 0, healthy: 0, warning: 1, critical: 2 };

/**
 * Takes the next reading.
 * @param surely the level that the reading has with some margin to the better side.
 * @returns the level announced from now on, and whether that is a change.
 */
export function announce(
  announced: AnnouncedLevel,
  level: Health,
  surely: Health,
): { announced: AnnouncedLevel; change: 'worse' | 'better' | null } {
  if (level === 'unmeasured') return { announced, change: null };
  if (severity[level] > severity[announced.level]) return { announced: { level, calm: 0 }, change: 'worse' };
  const calm = severity[surely] < severity[announced.level] ? announced.calm + 1 : 0;
  if (calm === CALM_READINGS) return { announced: { level: surely, calm: 0 }, change: 'better' };
  return { announced: calm === announced.calm ? announced : { ...announced, calm }, change: null };
}
