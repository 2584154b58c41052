/** What is watched, and the rules that need no file. A bound that a record has is the record's own: it stands there alone. */
import { type Bound, edge, limits } from '../figures/index.ts';
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
  /** The rule whose active alarm on the same device covers this one: this one is not raised beside it; null: there is none. */
  unlessRaised: string | null;
  /** How long `raise` must have been met without a break, and `clear` likewise. */
  holdMs: number;
  clearHoldMs: number;
  /** Least time from one announcement of an alarm's raise to its next. */
  cooldownMs: number;
  /** It is about memory: while its alarm stands, `vitals.hasMemoryAlarm` is true. */
  isMemory: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Defaults of a rule. */
export const ruleDefaults = {
  level: 'warning',
  holdMs: 0,
  clearHoldMs: MINUTE,
  cooldownMs: 10 * MINUTE,
} as const;

type Options = Partial<Pick<AlarmRule, 'unlessRaised' | 'holdMs' | 'isMemory'>> & {
  clear?: string;
  unlessMeasured?: string;
};

const rule = (name: string, level: AlarmRule['level'], when: string, options: Options = {}): AlarmRule => {
  const {
    clear,
    unlessMeasured,
    unlessRaised = null,
    holdMs = ruleDefaults.holdMs,
    isMemory = true,
  } = options;
  const raise = parseCondition(when);
  return {
    ...ruleDefaults,
    name,
    level,
    raise,
    clear: clear === undefined ? opposite(raise) : parseCondition(clear),
    unlessMeasured: unlessMeasured === undefined ? null : figureNamed(unlessMeasured)!,
    unlessRaised,
    holdMs,
    isMemory,
  };
};

/** Raised where the record's critical bound is met, cleared so far below it. */
function criticalRule(
  name: string,
  level: AlarmRule['level'],
  figure: string,
  critical: Bound,
  clearBelow: number,
  options: Options = {},
): AlarmRule {
  const bound = edge(critical);
  const when = `${figure} ${'above' in critical ? '>' : '>='} ${bound}`;
  return rule(name, level, when, {
    ...options,
    clear: `${figure} < ${Number((bound - clearBelow).toPrecision(6))}`,
  });
}

const HOLD = { holdMs: 30 * SECOND };
/** Percent, and the same of a fraction. */
const SWAY = 5;

/**
 * What can end a run is critical and raised at once. A device or a host that is nearly full may be so on purpose for a
 * moment, when a cache is filled: it must last. Of one place's alarms the first that stands is the one that is shown.
 */
export const defaultRules: readonly AlarmRule[] = [
  rule('at-the-wall', 'critical', 'atTheWall'),
  criticalRule('pressure', 'critical', 'pressure', limits.memoryPressure.critical, SWAY / 100),
  // What is stranded is mostly used again, but a leak can fill the device with it at a pressure that looks harmless.
  rule('headroom', 'critical', 'headroomFraction < 0.05', {
    clear: 'headroomFraction > 0.1',
    unlessRaised: 'pressure',
  }),
  criticalRule('device-full', 'warning', 'device', limits.deviceUsedPercent.critical, SWAY, HOLD),
  criticalRule('pool-full', 'warning', 'mem', limits.memoryUsagePercent.critical, SWAY, {
    ...HOLD,
    unlessMeasured: 'usedPercent',
  }),
  criticalRule('host-ram', 'warning', 'ram', limits.ramUsedPercent.critical, SWAY, HOLD),
  rule('failed', 'critical', 'failed', { isMemory: false }),
];
