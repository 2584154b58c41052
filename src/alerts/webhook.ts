/**
 * Notices as HTTP POSTs of JSON, signed by the Standard Webhooks specification (standardwebhooks.com), so that its
 * libraries verify them: HMAC-SHA256 over `id.timestamp.body`.
 */
import { createHash, createHmac } from 'node:crypto';
import type { AlarmNotice } from '../alarms/index.ts';
import { onAbort } from '../base/index.ts';
import { type BodyFormat, bodyOf } from './chat.ts';
import { type Attempt, Delivery, type DeliveryOptions } from './delivery.ts';

export interface WebhookOptions extends Omit<DeliveryOptions, 'name' | 'attempt'> {
  url: string;
  /** `whsec_` and Base64; null: not signed. */
  secret: string | null;
  /** What the receiver reads; `standard` where left out. */
  format?: BodyFormat;
  /** Of one attempt, connecting and answer included. */
  timeoutMs: number;
}

/** The key's bytes. Throws an Error of one sentence. */
export function secretKey(secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]{16,}={0,2})$/.exec(secret)?.[1];
  if (encoded === undefined)
    throw new Error(
      'The webhook’s secret must be whsec_ and Base64, as `echo whsec_$(openssl rand -base64 24)` makes it.',
    );
  return Buffer.from(encoded, 'base64');
}

/** The headers of a notice. @param seconds since the epoch: when this attempt is made */
function signedHeaders(key: Buffer | null, id: string, seconds: number, body: string) {
  const signature = key && createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'user-agent': 'esper',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    ...(signature !== null && { 'webhook-signature': `v1,${signature}` }),
  };
}

/** The same for every attempt at a notice, so that a receiver knows it again. */
const messageId = ({ id, what }: AlarmNotice) =>
  `msg_${createHash('sha256').update(`${id}/${what}`).digest('hex').slice(0, 27)}`;

/** Worth another try: the server's own failure, or its wish for a pause. */
const isPassing = (status: number) => status >= 500 || status === 429 || status === 408;

/** Where to send. Throws an Error of one sentence, without the URL, which may hold a password. */
function receiverOf(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(
      'The webhook’s URL is none: it takes http:// or https://, a host, and a port up to 65535.',
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`The webhook takes a URL of http or https, not of ${url.protocol.replace(':', '')}.`);
  if (url.username !== '' || url.password !== '')
    throw new Error(
      'The webhook’s URL holds a user and password, which are not sent: sign it with $ESPER_WEBHOOK_SECRET.',
    );
  return url.href;
}

/** A Delivery to a URL. Throws an Error of one sentence where the URL or the secret cannot be one. */
export function webhookSink({
  url,
  secret,
  format = 'standard',
  timeoutMs,
  ...options
}: WebhookOptions): Delivery {
  const key = secret === null ? null : secretKey(secret);
  const receiver = receiverOf(url);
  const attempt = async (notice: AlarmNotice, signal: AbortSignal): Promise<Attempt> => {
    const body = JSON.stringify(bodyOf(notice, format));
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new DOMException('no answer', 'TimeoutError')), timeoutMs);
    const forget = onAbort(signal, () => stop.abort());
    try {
      const response = await fetch(receiver, {
        method: 'POST',
        body,
        headers: signedHeaders(key, messageId(notice), Math.floor(Date.now() / 1000), body),
        // A redirect would send what is signed for one receiver to another.
        redirect: 'manual',
        signal: stop.signal,
      });
      await response.body?.cancel();
      if (response.ok) return { result: 'done' };
      const reason = `the webhook answered ${response.status}`;
      if (!isPassing(response.status)) return { result: 'refused', reason };
      const afterMs = 1000 * Number(response.headers.get('retry-after'));
      return { result: 'again', reason, ...(Number.isFinite(afterMs) && { afterMs }) };
    } catch (error) {
      const { name, message, cause } = error as Error & { cause?: { code?: string } };
      const reason = name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : (cause?.code ?? message);
      return { result: 'again', reason: `the webhook failed: ${reason}` };
    } finally {
      clearTimeout(timer);
      forget();
    }
  };
  return new Delivery({ ...options, name: 'webhook', attempt });
}
