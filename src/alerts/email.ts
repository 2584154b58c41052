/** Notices as e-mail, over SMTP: TLS from the start or by STARTTLS, a login where one is given, one connection a message. */
import { createHash } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect } from 'node:tls';
import type { AlarmNotice } from '../alarms/index.ts';
import { onAbort } from '../base/index.ts';
import { factsOf } from './chat.ts';
import { type Attempt, Delivery, type DeliveryOptions } from './delivery.ts';

export interface EmailOptions extends Omit<DeliveryOptions, 'name' | 'attempt'> {
  host: string;
  port: number;
  /** `tls` from the first byte, `starttls` before anything is sent, `none` for a relay on this machine. */
  security: 'tls' | 'starttls' | 'none';
  from: string;
  to: readonly string[];
  login: { user: string; password: string } | null;
  /** Of one message, connecting included. */
  timeoutMs: number;
}

/** A header's text: one line, other letters than ASCII as an encoded word. */
const header = (text: string): string => {
  const line = text.replace(/[\r\n]+/g, ' ');
  return /^[\x20-\x7e]*$/.test(line)
    ? line
    : `=?utf-8?B?${Buffer.from(line.slice(0, 200)).toString('base64')}?=`;
};

/** The message; the body in Base64, so that no line is too long and none is a lone dot. */
export function messageOf(notice: AlarmNotice, { from, to }: Pick<EmailOptions, 'from' | 'to'>): string {
  const { title, facts } = factsOf(notice);
  const body = `${notice.reason}.\n\n${facts.map(([head, text]) => `${head}: ${text}`).join('\n')}\n`;
  // All messages of one alarm are one conversation.
  const thread = `<${createHash('sha256').update(notice.id).digest('hex').slice(0, 32)}@esper>`;
  const id =
    notice.what === 'raised'
      ? [`Message-ID: ${thread}`]
      : [`In-Reply-To: ${thread}`, `References: ${thread}`];
  return [
    `From: ${header(from)}`,
    `To: ${to.map(header).join(', ')}`,
    `Subject: ${header(title)}`,
    `Date: ${new Date(notice.timeMs).toUTCString().replace('GMT', '+0000')}`,
    ...id,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(body)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
  ].join('\r\n');
}

/** The server's answer is of a kind that may pass (4xx) or not (5xx). */
class Refusal extends Error {
  readonly isPassing: boolean;

  constructor(line: string) {
    super(`the mail server answered ${line.slice(0, 200)}`);
    this.isPassing = line.startsWith('4');
  }
}

/** Lines of an answer, one after another, over a connection that may change to TLS. */
class Conversation {
  #socket: Socket;
  #text = '';
  #wake: () => void = () => {};
  #problem: Error | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  #listen(): void {
    const over = (error: Error) => {
      this.#problem ??= error;
      this.#wake();
    };
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    this.#socket.on('error', over);
    this.#socket.on('close', () => over(new Error('the mail server closed the connection')));
  }

  /** The last line of the next answer. Throws a {@link Refusal} for a code of 400 and more. */
  async answer(): Promise<string> {
    for (;;) {
      const found = /^(?:\d{3}-.*\r?\n)*(\d{3}(?: .*)?)\r?\n/.exec(this.#text);
      if (found !== null) {
        this.#text = this.#text.slice(found[0].length);
        if (/^[45]/.test(found[1]!)) throw new Refusal(found[1]!);
        return found[1]!;
      }
      if (this.#problem !== null) throw this.#problem;
      await new Promise<void>(wake => {
        this.#wake = wake;
      });
    }
  }

  ask(line: string): Promise<string> {
    this.#socket.write(`${line}\r\n`);
    return this.answer();
  }

  secure(host: string): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners();
    // What came before the encryption began may be anybody's.
    this.#text = '';
    return new Promise((done, failed) => {
      this.#socket = connect({ socket: plain, servername: host }, () => done());
      this.#socket.once('error', failed);
      this.#listen();
    });
  }

  end(error?: Error): void {
    this.#problem ??= error ?? null;
    this.#wake();
    this.#socket.destroy();
  }
}

async function send(talk: Conversation, notice: AlarmNotice, options: EmailOptions): Promise<void> {
  const { host, security, from, to, login } = options;
  const hello = `EHLO ${hostname().replace(/[^\w.-]/g, '') || 'localhost'}`;
  const address = (text: string): string => /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
  await talk.answer();
  await talk.ask(hello);
  if (security === 'starttls') {
    await talk.ask('STARTTLS');
    await talk.secure(host);
    await talk.ask(hello);
  }
  if (login !== null)
    await talk.ask(`AUTH PLAIN ${Buffer.from(`\0${login.user}\0${login.password}`).toString('base64')}`);
  await talk.ask(`MAIL FROM:<${address(from)}>`);
  for (const receiver of to) await talk.ask(`RCPT TO:<${address(receiver)}>`);
  await talk.ask('DATA');
  await talk.ask(`${messageOf(notice, options)}\r\n.`);
  await talk.ask('QUIT').catch(() => {}); // it is delivered already
}

/** A Delivery by e-mail. Throws an Error of one sentence where an address cannot be one. */
export function emailSink(options: EmailOptions): Delivery {
  const { host, port, security, timeoutMs, from, to, login } = options;
  for (const text of [from, ...to])
    if (!/^[^\r\n<>]*<?[^\s<>@]+@[^\s<>@]+>?$/.test(text)) throw new Error(`"${text}" is no e-mail address.`);
  if (login !== null && security === 'none' && !/^(localhost|127\..*|::1)$/.test(host))
    throw new Error('The mail server’s password is not sent without TLS: take "starttls" or "tls".');
  const attempt = async (notice: AlarmNotice, signal: AbortSignal): Promise<Attempt> => {
    const socket =
      security === 'tls' ? connect({ host, port, servername: host }) : createConnection({ host, port });
    const talk = new Conversation(socket);
    const timer = setTimeout(() => talk.end(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const forget = onAbort(signal, () => talk.end(new Error('ended with the alarms')));
    try {
      await send(talk, notice, options);
      return { result: 'done' };
    } catch (error) {
      const { message } = error as Error;
      const isFinal = error instanceof Refusal && !error.isPassing;
      return { result: isFinal ? 'refused' : 'again', reason: message };
    } finally {
      clearTimeout(timer);
      forget();
      talk.end();
    }
  };
  return new Delivery({ ...options, name: 'email', attempt });
}
