/** Alarms derived from snapshots, conditions on their figures, and the sinks that are told. */
export { type Alarm, type Alarms, noAlarms, updateAlarms } from './alarms.ts';
export { commandSink } from './command.ts';
export { type Condition, ConditionError, isMet, parseCondition } from './condition.ts';
export { type AlarmSink, Delivery, type DeliveryStats } from './delivery.ts';
export { parseDuration } from './duration.ts';
export { type AlarmFigure, type AlarmSource, type FigureReading, figures, readingsOf } from './figure.ts';
export { fileSink } from './file.ts';
export { type AlarmNotice, goneNotice, noticeLine } from './notice.ts';
export { type AlarmRule, defaultRules } from './rule.ts';
export {
  type AlarmsConfig,
  AlarmsFileError,
  AlarmsFileSchema,
  defaultTimeouts,
  parseAlarmsFile,
} from './rules-file.ts';
export { secretKey, webhookSink } from './webhook.ts';
