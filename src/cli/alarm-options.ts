/** Rules and receivers of alarms, as options of a command: the same ones wherever alarms are sent from. */
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import {
  type AlarmSink,
  type AlarmsConfig,
  type BodyFormat,
  bodyFormats,
  commandSink,
  defaultTimeouts,
  emailSink,
  fileSink,
  parseAlarmsFile,
  webhookSink,
} from '../alerts/index.ts';
import { CommandError } from './command-error.ts';
import { requirePosix } from './platform.ts';
import { sayError } from './say.ts';

/** How long deliveries may go on once somebody wants to leave. */
export const LEAVING_MS = 2000;

export interface AlarmOptions {
  rules?: string;
  webhook?: string;
  webhookFormat?: BodyFormat;
  file?: string;
}

/** Adds them to a command. */
export const withAlarmOptions = (command: Command): Command =>
  command
    .option('--rules <file>', 'rules and sinks (also e-mail), JSON')
    .option('--webhook <url>', 'POST each alarm; signed where $ESPER_WEBHOOK_SECRET is set')
    .addOption(
      new Option('--webhook-format <format>', 'what the receiver of --webhook reads').choices(bodyFormats),
    )
    .option('--file <path>', 'append each alarm as a JSON line');

/** The rules and receivers that options and their file name. Throws a CommandError, or what `parseAlarmsFile` throws. */
export function alarmsConfigOf({ rules, webhook, webhookFormat, file }: AlarmOptions): AlarmsConfig {
  let source = '{}';
  try {
    if (rules !== undefined) source = readFileSync(rules, 'utf8');
  } catch (error) {
    throw new CommandError(`The rules cannot be read: ${(error as Error).message}.`);
  }
  const config = parseAlarmsFile(rules ?? 'rules', source);
  if (webhook !== undefined) {
    config.webhook = {
      secretEnv: 'ESPER_WEBHOOK_SECRET' in process.env ? 'ESPER_WEBHOOK_SECRET' : null,
      timeoutMs: defaultTimeouts.webhookMs,
      attempts: defaultTimeouts.attempts,
      format: 'standard',
      ...config.webhook,
      url: webhook,
    };
  }
  if (webhookFormat !== undefined) {
    if (config.webhook === null) throw new CommandError('--webhook-format needs a webhook: give --webhook.');
    config.webhook.format = webhookFormat;
  }
  return file === undefined ? config : { ...config, file };
}

/** Throws a CommandError where something that a receiver needs is not there. */
export function sinksOf(
  { file, webhook, email, command }: AlarmsConfig,
  platform: NodeJS.Platform = process.platform,
): AlarmSink[] {
  const sinks: AlarmSink[] = [];
  if (file !== null) sinks.push(fileSink(file));
  if (webhook !== null) {
    const { secretEnv, ...rest } = webhook;
    const secret = secretEnv === null ? null : process.env[secretEnv];
    if (secret === undefined)
      throw new CommandError(`The webhook is to be signed with $${secretEnv}, which is not set.`);
    sinks.push(webhookSink({ ...rest, secret }));
  }
  if (email !== null) {
    const { login, ...rest } = email;
    const password = login === null ? null : process.env[login.passwordEnv];
    if (password === undefined)
      throw new CommandError(
        `The mail server’s password is to be in $${login!.passwordEnv}, which is not set.`,
      );
    sinks.push(
      emailSink({ ...rest, login: login === null ? null : { user: login.user, password: password! } }),
    );
  }
  if (command !== null) {
    requirePosix('A program for each notice', 'a POSIX shell', platform);
    sinks.push(commandSink(command));
  }
  return sinks;
}

/** Counts what each receiver was sent, one line each. @returns whether every notice was delivered */
export function sumDeliveries(sinks: readonly AlarmSink[]): boolean {
  for (const sink of sinks) {
    const { delivered, retries, lost, problem } = sink.stats();
    const why = problem === null ? '' : `; newest problem: ${problem}`;
    if (delivered + retries + lost > 0)
      sayError(`esper: ${sink.name}: ${delivered} delivered, ${retries} retries, ${lost} lost${why}`);
  }
  return sinks.every(sink => sink.stats().lost === 0);
}
