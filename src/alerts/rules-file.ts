/** A file of rules and sinks (JSON) → what is watched and who is notified. The default rules stay unless the file replaces them. */
import { type Static, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import {
  type AlarmRule,
  areApart,
  type Condition,
  defaultRules,
  figureNamed,
  opposite,
  parseCondition,
  ruleDefaults,
  VERDICT_RULE,
} from '../alarms/index.ts';
import { parseJsonFile } from '../base/index.ts';
import { type BodyFormat, bodyFormats } from './chat.ts';
import { parseDuration } from './duration.ts';
import type { EmailOptions } from './email.ts';

const text = (description: string) => Type.Optional(Type.String({ description }));

const Rule = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9_-]+$', description: 'of a default rule: replaces it' }),
    off: Type.Optional(Type.Literal(true, { description: 'the default rule of this name is not watched' })),
    when: text('raises: "pressure > 0.9"'),
    clear: text('clears; default: a twentieth beyond "when"'),
    unlessMeasured: text('a figure; where it is measured the rule rests'),
    level: Type.Optional(Type.Union([Type.Literal('warning'), Type.Literal('critical')])),
    hold: text('how long "when" must last: "30s"'),
    clearHold: text('how long "clear" must last'),
    cooldown: text('least time between two raises'),
  },
  { additionalProperties: false },
);

const Webhook = Type.Object(
  {
    url: Type.String({ pattern: '^https?://' }),
    format: Type.Optional(
      Type.Union(
        bodyFormats.map(format => Type.Literal(format)),
        { description: 'what the receiver reads; standard' },
      ),
    ),
    secretEnv: text('variable that holds the secret, whsec_… in Base64'),
    timeout: text('of one attempt; 5s'),
    attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, description: '6' })),
  },
  { additionalProperties: false },
);

const Email = Type.Object(
  {
    host: Type.String({ minLength: 1 }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: '587, 465 with tls' })),
    security: Type.Optional(
      Type.Union(
        (['tls', 'starttls', 'none'] as const).map(name => Type.Literal(name)),
        {
          description: 'starttls',
        },
      ),
    ),
    from: Type.String({ minLength: 1 }),
    to: Type.Array(Type.String(), { minItems: 1 }),
    user: text('of a login'),
    passwordEnv: text('variable that holds its password'),
    timeout: text('of one message; 20s'),
    attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, description: '6' })),
  },
  { additionalProperties: false },
);

const Command = Type.Object(
  {
    run: Type.Array(Type.String(), { minItems: 1, description: 'program and arguments; no shell' }),
    timeout: text('30s'),
  },
  { additionalProperties: false },
);

const AlarmsFileSchema = Type.Object(
  {
    $schema: text('ignored'),
    defaults: Type.Optional(Type.Boolean({ description: 'keep the default rules; true' })),
    rules: Type.Optional(Type.Array(Rule)),
    sinks: Type.Optional(
      Type.Object(
        {
          file: text('JSON lines are appended'),
          webhook: Type.Optional(Webhook),
          email: Type.Optional(Email),
          command: Type.Optional(Command),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export interface AlarmsConfig {
  rules: AlarmRule[];
  /** The verdict is announced too. */
  hasVerdict: boolean;
  file: string | null;
  webhook: {
    url: string;
    format: BodyFormat;
    secretEnv: string | null;
    timeoutMs: number;
    attempts: number;
  } | null;
  email:
    | (Omit<EmailOptions, 'login' | 'attempts' | 'random'> & {
        attempts: number;
        login: { user: string; passwordEnv: string } | null;
      })
    | null;
  command: { run: string[]; timeoutMs: number } | null;
}

/** One sentence that names the file and the field. */
class AlarmsFileError extends Error {
  override name = 'AlarmsFileError';

  constructor(file: string, field: string, problem: string) {
    super(`${file}: ${field === '' ? 'the file' : field} ${problem.replace(/\.$/, '')}.`);
  }
}

export const defaultTimeouts = { webhookMs: 5000, commandMs: 30_000, emailMs: 20_000, attempts: 6 } as const;

const check = TypeCompiler.Compile(AlarmsFileSchema);
/** /rules/0/when → rules[0].when */
const fieldOf = (path: string) =>
  path
    .slice(1)
    .replace(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');

/**
 * @param file its name, for what is wrong with it
 * Throws an AlarmsFileError.
 */
export function parseAlarmsFile(file: string, source: string): AlarmsConfig {
  let value: unknown;
  try {
    value = parseJsonFile(source);
  } catch (error) {
    throw new AlarmsFileError(file, '', `is no JSON: ${(error as Error).message}`);
  }
  if (!check.Check(value)) {
    const { path, message, schema } = check.Errors(value).First()!;
    const isUnknown = message === 'Unexpected property';
    const wanted = schema.pattern === undefined ? message.toLowerCase() : `must match ${schema.pattern}`;
    throw new AlarmsFileError(file, fieldOf(path), isUnknown ? 'is no field that is known' : wanted);
  }
  return build(file, value);
}

function build(
  file: string,
  { defaults = true, rules = [], sinks = {} }: Static<typeof AlarmsFileSchema>,
): AlarmsConfig {
  const duration = (field: string, written: string | undefined, otherwise: number) => {
    if (written === undefined) return otherwise;
    const ms = parseDuration(written);
    if (ms === null)
      throw new AlarmsFileError(file, field, `is no duration: write 500ms, 30s, 10m or 2h, not "${written}"`);
    return ms;
  };
  const condition = (field: string, written: string): Condition => {
    try {
      return parseCondition(written);
    } catch (error) {
      throw new AlarmsFileError(file, field, `is no condition: ${(error as Error).message}`);
    }
  };

  const watched = new Map((defaults ? defaultRules : []).map(rule => [rule.name, rule]));
  const seen = new Set<string>();
  let hasVerdict = defaults;
  rules.forEach((written, i) => {
    const at = `rules[${i}]`;
    const { name } = written;
    if (seen.has(name)) throw new AlarmsFileError(file, `${at}.name`, `"${name}" is there twice`);
    seen.add(name);
    if (name === VERDICT_RULE) {
      if (!written.off)
        throw new AlarmsFileError(
          file,
          `${at}.name`,
          `"${name}" is the verdict's: it can only be turned off`,
        );
      hasVerdict = false;
      return;
    }
    if (written.off) {
      if (!watched.delete(name))
        throw new AlarmsFileError(file, `${at}.name`, `turns "${name}" off, which is no default rule`);
      return;
    }
    const base = watched.get(name);
    if (written.when === undefined && base === undefined)
      throw new AlarmsFileError(file, `${at}.when`, 'is missing, and no default rule has this name');
    const raise = written.when === undefined ? base!.raise : condition(`${at}.when`, written.when);
    if (raise.figure.each === 'run')
      throw new AlarmsFileError(
        file,
        `${at}.when`,
        `watches ${raise.figure.name}, which is itself made of alarms`,
      );
    const inherited = written.when === undefined ? base!.clear : opposite(raise);
    const clear = written.clear === undefined ? inherited : condition(`${at}.clear`, written.clear);
    if (!areApart(raise, clear))
      throw new AlarmsFileError(
        file,
        `${at}.clear`,
        `"${clear.text}" must be on the same figure as "${raise.text}" and never hold with it`,
      );
    const unless = written.unlessMeasured;
    const unlessFigure = unless === undefined ? (base?.unlessMeasured ?? null) : figureNamed(unless);
    if (unlessFigure === undefined)
      throw new AlarmsFileError(file, `${at}.unlessMeasured`, `names no known figure: "${unless}"`);
    const from = base ?? ruleDefaults;
    watched.set(name, {
      name,
      level: written.level ?? from.level,
      raise,
      clear,
      unlessMeasured: unlessFigure,
      unlessRaised: base?.unlessRaised ?? null,
      isMemory: base?.isMemory ?? false,
      holdMs: duration(`${at}.hold`, written.hold, from.holdMs),
      clearHoldMs: duration(`${at}.clearHold`, written.clearHold, from.clearHoldMs),
      cooldownMs: duration(`${at}.cooldown`, written.cooldown, from.cooldownMs),
    });
  });

  const { webhook, email, command } = sinks;
  if (email !== undefined && (email.user === undefined) !== (email.passwordEnv === undefined))
    throw new AlarmsFileError(file, 'sinks.email', 'has one of user and passwordEnv: a login takes both');
  return {
    rules: [...watched.values()],
    hasVerdict,
    file: sinks.file ?? null,
    webhook: webhook
      ? {
          url: webhook.url,
          format: webhook.format ?? 'standard',
          secretEnv: webhook.secretEnv ?? null,
          timeoutMs: duration('sinks.webhook.timeout', webhook.timeout, defaultTimeouts.webhookMs),
          attempts: webhook.attempts ?? defaultTimeouts.attempts,
        }
      : null,
    email: email
      ? {
          host: email.host,
          port: email.port ?? (email.security === 'tls' ? 465 : 587),
          security: email.security ?? 'starttls',
          from: email.from,
          to: email.to,
          login: email.user === undefined ? null : { user: email.user, passwordEnv: email.passwordEnv! },
          timeoutMs: duration('sinks.email.timeout', email.timeout, defaultTimeouts.emailMs),
          attempts: email.attempts ?? defaultTimeouts.attempts,
        }
      : null,
    command: command
      ? {
          run: command.run,
          timeoutMs: duration('sinks.command.timeout', command.timeout, defaultTimeouts.commandMs),
        }
      : null,
  };
}
