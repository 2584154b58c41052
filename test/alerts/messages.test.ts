/** What chats and mailboxes are sent: bodies within the receivers' limits, no markup and no mention of a trainer's making; SMTP line by line. */
import { execFileSync } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { AlarmNotice } from '../../src/alarms/index.ts';
import { bodyOf } from '../../src/alerts/chat.ts';
import { messageOf } from '../../src/alerts/email.ts';
import { emailSink, parseAlarmsFile } from '../../src/alerts/index.ts';

const notice = (more: Partial<AlarmNotice> = {}): AlarmNotice => ({
  id: 'run/pressure/0/cuda:0/1',
  what: 'raised',
  rule: 'pressure',
  level: 'critical',
  reason: 'pressure 0.95',
  run: 'r1',
  name: 'mine',
  rank: 0,
  device: 'cuda:0',
  timeMs: 1_700_000_000_000,
  raisedMs: 1_700_000_000_000,
  batch: 7,
  figure: 'pressureFraction',
  value: 0.95,
  condition: 'pressure > 0.9',
  figures: {},
  ...more,
});
/** What arrives. */
const json = (body: object) => JSON.parse(JSON.stringify(body));
/** A trainer's own words at their worst. */
const hostile = notice({
  reason: `<!channel> @everyone [x](http://e) \r\nBcc: a@b <b> & ${'long '.repeat(2000)}`,
  name: 'ü\r\nX-Evil: 1',
});

test('Slack: plain texts within its limits, a colour of the level', () => {
  const body = json(bodyOf(notice(), 'slack'));
  expect(body.text).toBe('CRITICAL: pressure in mine: pressure 0.95');
  expect(body.attachments[0].color).toBe('#d03030');
  expect(body.attachments[0].blocks[2].fields.map(({ text }: { text: string }) => text)).toEqual([
    'Run: r1',
    'Where: rank 0, cuda:0',
    'Update or step: 7',
    'Condition: pressure > 0.9',
    'Look: esper report r1',
  ]);
  const worst = json(bodyOf(hostile, 'slack'));
  expect(worst.text).not.toContain('<!channel>');
  const texts = worst.attachments[0].blocks
    .flatMap((block: { text?: object; fields?: object[] }) => [block.text, ...(block.fields ?? [])])
    .filter(Boolean);
  for (const { type, text } of texts) {
    expect(type).toBe('plain_text');
    expect(text.length).toBeLessThanOrEqual(3000);
  }
});

test('Discord: an embed within its limits, and nobody is mentioned', () => {
  const body = json(bodyOf(notice({ what: 'cleared' }), 'discord'));
  expect(body.embeds[0]).toMatchObject({ title: 'cleared: pressure in mine', color: 0x30a050 });
  const worst = json(bodyOf(hostile, 'discord'));
  expect(worst.allowed_mentions).toEqual({ parse: [] });
  expect(worst.embeds[0].description.length).toBeLessThanOrEqual(4096);
  expect(worst.embeds[0].description).toContain('\\[x\\]\\(http');
});

test('e-mail: a message that another library reads, without a header of a trainer’s making', () => {
  const address = { from: 'Esper <esper@example.org>', to: ['a@example.org', 'b@example.org'] };
  const parse = (text: string) =>
    JSON.parse(
      execFileSync(
        'python3',
        [
          '-c',
          'import email, email.policy, json, sys\nm = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)\nprint(json.dumps([sorted(m.keys()), m["subject"], m["message-id"], m["references"], m.get_content()]))',
        ],
        { input: text, encoding: 'utf8' },
      ),
    );
  const [keys, subject, id, , body] = parse(messageOf(notice(), address));
  expect(subject).toBe('CRITICAL: pressure in mine');
  expect(body).toBe(
    'pressure 0.95.\n\nRun: r1\nWhere: rank 0, cuda:0\nUpdate or step: 7\nCondition: pressure > 0.9\nLook: esper report r1\n',
  );
  expect(parse(messageOf(notice({ what: 'cleared' }), address))[3], 'one conversation').toBe(id);
  const [worstKeys, worstSubject] = parse(messageOf(hostile, address));
  expect(worstKeys).toEqual(keys);
  expect(worstSubject).toContain('ü');
  for (const line of messageOf(hostile, address).split('\r\n')) expect(line.length).toBeLessThan(998);
});

/** A mail server that answers `refuse` of a command with that. @returns what it was sent */
async function mailServer(refuse: Record<string, string> = {}) {
  const lines: string[] = [];
  const server = createServer(socket => {
    let isData = false;
    let text = '';
    socket.on('error', () => {});
    socket.write('220 mail ready\r\n');
    socket.on('data', chunk => {
      text += chunk;
      for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        lines.push(line);
        const [command = ''] = line.split(' ');
        if (isData) {
          if (line === '.') socket.write('250 taken\r\n');
          isData = isData && line !== '.';
          continue;
        }
        isData = command === 'DATA' && refuse.DATA === undefined;
        socket.write(
          `${refuse[command] ?? (isData ? '354 go' : command === 'EHLO' ? '250-mail\r\n250 AUTH PLAIN' : '250 ok')}\r\n`,
        );
      }
    });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return { lines, port: (server.address() as AddressInfo).port, end: () => server.close() };
}
const options = {
  host: '127.0.0.1',
  security: 'none' as const,
  from: 'Esper <esper@example.org>',
  to: ['a@example.org'],
  login: { user: 'u', password: 'p' },
  timeoutMs: 20_000,
  attempts: 3,
  firstPauseMs: 1,
};

test('SMTP: a login, the addresses, the message; a passing refusal is tried again, another is not', async () => {
  for (const [refuse, stats] of [
    [{}, { delivered: 1, retries: 0, lost: 0 }],
    [
      { RCPT: '550 no such mailbox' },
      { delivered: 0, retries: 0, lost: 1, problem: 'the mail server answered 550 no such mailbox' },
    ],
    [{ MAIL: '451 try later' }, { delivered: 0, retries: 2, lost: 1 }],
  ] as const) {
    const server = await mailServer(refuse);
    const sink = emailSink({ ...options, port: server.port });
    sink.deliver(notice());
    await sink.close(30_000);
    expect(sink.stats()).toMatchObject(stats);
    if (stats.delivered === 1) {
      expect(server.lines.slice(1, 5)).toEqual([
        `AUTH PLAIN ${Buffer.from('\0u\0p').toString('base64')}`,
        'MAIL FROM:<esper@example.org>',
        'RCPT TO:<a@example.org>',
        'DATA',
      ]);
      expect(server.lines.slice(-2)).toEqual(['.', 'QUIT']);
    }
    server.end();
  }
});

test('nothing secret goes over a connection without TLS', async () => {
  const server = await mailServer({ STARTTLS: '454 not now' });
  const sink = emailSink({ ...options, security: 'starttls', attempts: 1, port: server.port });
  sink.deliver(notice());
  await sink.close(30_000);
  expect(server.lines.map(line => line.split(' ')[0])).toEqual(['EHLO', 'STARTTLS']);
  server.end();
  expect(() => emailSink({ ...options, host: 'mail.example.org', port: 25 })).toThrow(/not sent without TLS/);
  expect(() => emailSink({ ...options, to: ['a b'], port: 25 })).toThrow('"a b" is no e-mail address.');
});

test('a file of rules has them, and half a login is one sentence', () => {
  const email = { host: 'mail', from: 'a@b', to: ['c@d'] };
  const parsed = (sinks: object) => parseAlarmsFile('alarms.json', JSON.stringify({ sinks }));
  expect(parsed({ email }).email).toMatchObject({
    port: 587,
    security: 'starttls',
    login: null,
    attempts: 6,
  });
  expect(parsed({ email: { ...email, security: 'tls' } }).email?.port).toBe(465);
  expect(() => parsed({ email: { ...email, user: 'u' } })).toThrow(
    'alarms.json: sinks.email has one of user and passwordEnv: a login takes both.',
  );
  expect(parsed({ webhook: { url: 'https://x', format: 'slack' } }).webhook?.format).toBe('slack');
  expect(() => parsed({ webhook: { url: 'https://x', format: 'teams' } })).toThrow(
    /alarms\.json: sinks\.webhook\.format/,
  );
});
