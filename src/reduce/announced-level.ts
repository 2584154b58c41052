/**
 * What the log has told of a level. It tells of a worse level at once, and of a better one when it has lasted: figures
 * sway, and a log that repeats itself is not read.
 */
import type { AnnouncedLevel, Health } from '../contract/index.ts';

/** Readings that a better level must last. */
const CALM_READINGS = 20;

export const severity: Record<Health, number> = { unmeasured: 0, healthy: 0, warning: 1, critical: 2 };

/**
 * Takes the next reading.
 * @param surely the level that the reading has with some margin to the better side.
 * @returns what is to be told of it now.
 */
export function announce(
  told: AnnouncedLevel,
  level: Health,
  surely: Health,
): { told: AnnouncedLevel; news: 'worse' | 'better' | null } {
  if (level === 'unmeasured') return { told, news: null };
  if (severity[level] > severity[told.level]) return { told: { level, calm: 0 }, news: 'worse' };
  const calm = severity[surely] < severity[told.level] ? told.calm + 1 : 0;
  if (calm === CALM_READINGS) return { told: { level: surely, calm: 0 }, news: 'better' };
  return { told: calm === told.calm ? told : { ...told, calm }, news: null };
}
