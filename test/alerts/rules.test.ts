/** Conditions and files of rules: what they mean, and the one sentence for what is wrong with them. */
import { expect, test } from 'vitest';
import { alarmFigures, defaultRules, isMet, parseCondition } from '../../src/alarms/index.ts';
import { parseAlarmsFile, parseDuration } from '../../src/alerts/index.ts';

test.each([
  ['pressure>0.9', 'pressureFraction', 0.91, true],
  ['pressure > 0.9', 'pressureFraction', 0.9, false],
  ['pressureFraction >= 90%', 'pressureFraction', 0.9, true],
  ['mem <= 75%', 'memoryUsagePercent', 75, true],
  ['headroom<512MiB', 'headroomBytes', 512 * 2 ** 20 - 1, true],
  ['headroom < .5gib', 'headroomBytes', 2 ** 29, false],
  ['explainedVariance < -1e-1', 'explainedVariance', -0.2, true],
  ['atTheWall', 'atTheWall', true, true],
  ['!atTheWall', 'atTheWall', true, false],
  ['ended', 'ended', false, false],
  ['batch>=100', 'batch', null, null],
])('%s on %s %s: %s', (text, name, value, met) => {
  const condition = parseCondition(text);
  expect(condition.figure.name).toBe(name);
  expect(isMet(condition, value)).toBe(met);
});

test.each([
  ['', 'is no condition'],
  ['0.9 < pressure', 'is no condition'],
  ['presure>0.9', '"presure>0.9" names no known figure: write pressure, headroom'],
  ['pressure', 'needs one of >= <= > < and a number'],
  ['pressure>high', 'compares with "high", which is no number'],
  ['pressure>3GiB', 'gives pressureFraction in GiB, but it is in fraction'],
  ['atTheWall>0', 'is true or false: write "atTheWall" alone'],
  ['pressure==1', 'is no condition'],
])('%s: %s', (text, sentence) => {
  expect(() => parseCondition(text)).toThrow(sentence);
});

test('every figure of a record that is a number or a flag, and is kept by rank or device, can be watched', () => {
  for (const name of [
    'memoryUsagePercent',
    'usedPercent',
    'approxKl',
    'processRssBytes',
    'telemetryMs',
    'freeBytes',
  ])
    expect(alarmFigures.get(name), name).toBeDefined();
  expect(alarmFigures.get('memoryUsagePercent')).toMatchObject({
    each: 'device',
    path: ['infrastructure', 'memoryUsagePercent'],
  });
  expect(alarmFigures.get('runtimeMs')).toBeUndefined();
});

test('durations', () => {
  expect(['500ms', '30s', '10m', '1.5h', '10', 'm', '-1s'].map(parseDuration)).toEqual([
    500,
    30_000,
    600_000,
    5_400_000,
    null,
    null,
    null,
  ]);
});

const parse = (value: unknown) =>
  parseAlarmsFile('alarms.json', typeof value === 'string' ? value : JSON.stringify(value));

test('an empty file leaves the defaults; a rule of a default’s name overrides it; off takes one away', () => {
  expect(parse({}).rules).toEqual(defaultRules);
  const { rules } = parse({
    rules: [
      { name: 'pressure', when: 'pressure > 0.8', cooldown: '1h' },
      { name: 'host-ram', off: true },
      { name: 'kl', when: 'approxKl > 0.1', level: 'warning' },
    ],
  });
  expect(rules.map(rule => rule.name)).toEqual([
    'at-the-wall',
    'pressure',
    'headroom',
    'device-full',
    'pool-full',
    'failed',
    'kl',
  ]);
  expect(rules[1]).toMatchObject({
    level: 'critical',
    cooldownMs: 3_600_000,
    clear: { text: 'pressureFraction < 0.76' },
  });
  expect(parse({ defaults: false }).rules).toEqual([]);
});

test.each([
  ['{', 'alarms.json: the file is no JSON: line 1: '],
  ['{\n"rules": none}', "alarms.json: the file is no JSON: line 2: Unexpected token 'o'."],
  [[], 'alarms.json: the file expected object.'],
  [{ rulez: [] }, 'alarms.json: rulez is no field that is known.'],
  [{ rules: [{ name: 'a b' }] }, 'alarms.json: rules[0].name must match ^[A-Za-z0-9_-]+$.'],
  [{ rules: [{ name: 'a' }] }, 'alarms.json: rules[0].when is missing, and no default rule has this name.'],
  [
    { rules: [{ name: 'a', when: 'foo > 1' }] },
    'alarms.json: rules[0].when is no condition: "foo > 1" names no known figure',
  ],
  [
    { rules: [{ name: 'a', when: 'alarm' }] },
    'alarms.json: rules[0].when watches hasMemoryAlarm, which is itself made of alarms.',
  ],
  [
    { rules: [{ name: 'pressure', hold: '3 parsecs' }] },
    'alarms.json: rules[0].hold is no duration: write 500ms, 30s, 10m or 2h, not "3 parsecs".',
  ],
  [
    { rules: [{ name: 'a', when: 'mem > 80', clear: 'mem < 90' }] },
    'alarms.json: rules[0].clear "mem < 90" must be on the same figure as "mem > 80" and never hold with it.',
  ],
  [{ rules: [{ name: 'a', when: 'mem > 80', clear: 'ram < 50' }] }, 'must be on the same figure'],
  [
    { rules: [{ name: 'pressure' }, { name: 'pressure' }] },
    'alarms.json: rules[1].name "pressure" is there twice.',
  ],
  [
    { rules: [{ name: 'x', off: true }] },
    'alarms.json: rules[0].name turns "x" off, which is no default rule.',
  ],
  [{ sinks: { webhook: { url: 'ftp://x' } } }, 'alarms.json: sinks.webhook.url must match ^https?://.'],
  [{ sinks: { command: { run: [] } } }, 'alarms.json: sinks.command.run expected'],
])('%j: %s', (value, sentence) => {
  expect(() => parse(value)).toThrow(sentence);
});

test('touching levels are apart only where no value meets both', () => {
  expect(() => parse({ rules: [{ name: 'a', when: 'mem > 80', clear: 'mem <= 80' }] })).not.toThrow();
  expect(() => parse({ rules: [{ name: 'a', when: 'mem >= 80', clear: 'mem <= 80' }] })).toThrow(
    'never hold with it',
  );
});
