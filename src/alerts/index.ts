/** Who is notified of alarms: files of rules and receivers, and the receivers themselves. */
export { type BodyFormat, bodyFormats } from './chat.ts';
export { commandSink } from './command.ts';
export type { AlarmSink, DeliveryStats } from './delivery.ts';
export { parseDuration } from './duration.ts';
export { emailSink } from './email.ts';
export { fileSink } from './file.ts';
export {
  type AlarmsConfig,
  defaultTimeouts,
  parseAlarmsFile,
} from './rules-file.ts';
export { secretKey, webhookSink } from './webhook.ts';
