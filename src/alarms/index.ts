/** Alarms: conditions on figures, the rules, the engine that every screen and every receiver reads, and the notices they get. */
export { AlarmSpans } from './alarm-spans.ts';
export { areApart, type Condition, isMet, opposite, parseCondition } from './condition.ts';
export {
  type AlarmChange,
  isPending,
  moveAlarms,
  restartedAlarms,
} from './engine.ts';
export {
  type AlarmFigure,
  alarmFigures,
  type FigureReading,
  figureNamed,
  readingsOf,
  shortNames,
} from './figure.ts';
export { memoryAlarms } from './memory-alarm.ts';
export { type AlarmNotice, goneNotice, noticeLine, noticeOf, refusalCounts } from './notice.ts';
export { RankAlarms, rankRuleOf } from './rank-alarms.ts';
export { type AlarmRule, defaultRules, ruleDefaults } from './rule.ts';
export { VERDICT_CONDITION, VERDICT_RULE, VerdictAlarms } from './verdict-alarms.ts';
