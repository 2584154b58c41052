/** What is watched, and the rules that need no file. */
import { type Condition, opposite, parseCondition } from './condition.ts';
import { type AlarmFigure, figureNamed } from './figure.ts';

export interface AlarmRule {
  name: string;
  level: 'warning' | 'critical';
  raise: Condition;
  /** On the same figure, and never met together with `raise`. */
  clear: Condition;
  /** The rule rests wherever this figure is measured; null: it never rests. */
  unlessMeasured: AlarmFigure | null;
  /** The rule whose standing alarm on the same device says enough: this one is not raised beside it; null: there is none. */
  unlessRaised: string | null;
  /** How long `raise` must have been met without a break, and `clear` likewise. */
  holdMs: number;
  clearHoldMs: number;
  /** Least time from one raise of an alarm to its next. */
  cooldownMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What a rule has where nothing else is said. */
export const ruleDefaults = {
  level: 'warning',
  holdMs: 0,
  clearHoldMs: MINUTE,
  cooldownMs: 10 * MINUTE,
} as const;

const rule = (
  name: string,
  level: AlarmRule['level'],
  when: string,
  over: { clear?: string; unlessMeasured?: string; unlessRaised?: string; holdMs?: number } = {},
): AlarmRule => {
  const raise = parseCondition(when);
  const unless = over.unlessMeasured;
  return {
    ...ruleDefaults,
    name,
    level,
    raise,
    clear: over.clear === undefined ? opposite(raise) : parseCondition(over.clear),
    unlessMeasured: unless === undefined ? null : figureNamed(unless)!,
    unlessRaised: over.unlessRaised ?? null,
    holdMs: over.holdMs ?? ruleDefaults.holdMs,
  };
};

/**
 * What can end a run is critical and told at once. A device or a host that is nearly full may be so on purpose for a
 * moment, when a cache is filled: it must last.
 */
export const defaultRules: readonly AlarmRule[] = [
  rule('at-the-wall', 'critical', 'atTheWall'),
  rule('pressure', 'critical', 'pressure > 0.9', { clear: 'pressure < 0.85' }),
  // What is stranded is mostly used again, but a leak can fill the device with it at a pressure that looks harmless.
  rule('headroom', 'critical', 'headroomFraction < 0.05', {
    clear: 'headroomFraction > 0.1',
    unlessRaised: 'pressure',
  }),
  rule('device-full', 'warning', 'device > 90', { clear: 'device < 85', holdMs: 30 * SECOND }),
  rule('pool-full', 'warning', 'mem > 90', {
    clear: 'mem < 85',
    unlessMeasured: 'usedPercent',
    holdMs: 30 * SECOND,
  }),
  rule('host-ram', 'warning', 'ram > 90', { clear: 'ram < 85', holdMs: 30 * SECOND }),
  rule('failed', 'critical', 'failed'),
];
