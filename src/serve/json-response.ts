/** JSON answers: compressed where it pays, never kept by the browser. */
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { Context } from 'hono';

const pack = promisify(gzip);
const WORTH_PACKING = 2048;
/** Up to so many characters are packed at once: another thread would take longer to be asked than to pack them. */
const PACKED_AT_ONCE = 64 * 1024;

export async function json(c: Context, value: unknown): Promise<Response> {
  const text = JSON.stringify(value);
  c.header('content-type', 'application/json; charset=utf-8');
  c.header('cache-control', 'no-store');
  c.header('vary', 'accept-encoding');
  if (text.length < WORTH_PACKING || !/\bgzip\b/.test(c.req.header('accept-encoding') ?? ''))
    return c.body(text);
  c.header('content-encoding', 'gzip');
  const packed =
    text.length <= PACKED_AT_ONCE ? gzipSync(text, { level: 1 }) : await pack(text, { level: 1 });
  return c.body(new Uint8Array(packed));
}

/** What the asker did wrong, in one sentence. */
export class BadRequest extends Error {
  override name = 'Refusal';
  readonly status: 400 | 404 | 503;

  constructor(status: 400 | 404 | 503, message: string) {
    super(message);
    this.status = status;
  }
}

/** A number of the query; `fallback` where it is absent. Throws a Refusal for anything else. */
export function queryNumber<T>(
  c: Context,
  name: string,
  fallback: T,
  least = Number.MIN_SAFE_INTEGER,
): number | T {
  const text = c.req.query(name);
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < least || value > Number.MAX_SAFE_INTEGER)
    throw new BadRequest(400, `${name} takes a number from ${least} up.`);
  return value;
}
