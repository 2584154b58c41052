/** Whether the learner is well: the PPO part of the banner's status. */
import type { PpoState, StatusLevel } from '../contract/index.ts';
import { judge, limits } from '../figures/index.ts';

/** Updates before the thresholds apply: the first ones show little of a policy. */
const JUDGED_AFTER_UPDATES = 5;

const judged = [
  ['approxKl', 'approx KL', 3],
  ['clipFraction', 'clip fraction', 2],
  ['explainedVariance', 'explained variance', 2],
] as const;

const concerns = (ppo: PpoState) =>
  judged.some(([key]) => {
    const level = judge(limits[key], ppo[key]);
    return level === 'warning' || level === 'critical';
  });

/** Sets `status` and `reasons` from the other figures; worst first. A figure that is not finite is critical at any time. */
export function judgePpo(ppo: PpoState, updates: number): void {
  const warm = updates > JUDGED_AFTER_UPDATES;
  ppo.status = warm ? 'ok' : 'warmup';
  if (ppo.nonFinite.length === 0 && !(warm && concerns(ppo))) return;
  const found: { level: StatusLevel; reason: string }[] = [];
  if (ppo.nonFinite.length > 0)
    found.push({ level: 'critical', reason: `${ppo.nonFinite.join(', ')} not finite` });
  for (const [key, label, digits] of warm ? judged : []) {
    const level = judge(limits[key], ppo[key]);
    if (level === 'warning' || level === 'critical')
      found.push({ level, reason: `${label} ${ppo[key]!.toFixed(digits)}` });
  }
  found.sort((a, b) => (a.level === b.level ? 0 : a.level === 'critical' ? -1 : 1));
  ppo.status = found[0]!.level;
  ppo.reasons = found.map(f => f.reason);
}
