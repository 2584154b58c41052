/**
 * Who may ask, before anything is answered. On loopback the Host header must name this machine: a page that had its
 * own name resolved to 127.0.0.1 sends its own name. At any other address the token is asked for instead, in a
 * header or in a cookie that the first link sets.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { BURST, REQUESTS_PER_SECOND } from './limits.ts';

const COOKIE = 'esper_token';
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export const newToken = (): string => randomBytes(18).toString('base64url');

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Takes as long for any wrong text of the right length: in bytes, as characters may have several. */
function equal(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const refuse = (c: Context, status: 400 | 401 | 403 | 405 | 429, error: string) => c.json({ error }, status);

/** The policy on every response: nothing from elsewhere, and nothing of ours elsewhere. */
const headers: Record<string, string> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(headers))
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
};

export const onlyReading: MiddlewareHandler = async (c, next) =>
  c.req.method === 'GET' || c.req.method === 'HEAD'
    ? next()
    : refuse(c, 405, 'Overwatch only shows: ask with GET.');

/** Refuses names that are not this machine's, and pages of other origins. */
export function hostCheck(allowed: readonly string[]): MiddlewareHandler {
  const names = new Set([...LOOPBACK, ...allowed].map(name => name.toLowerCase()));
  return async (c, next) => {
    const host = (c.req.header('host') ?? '').toLowerCase().replace(/:\d+$/, '');
    if (!names.has(host))
      return refuse(c, 403, 'This host name is not served: use localhost, or name it with --allow-host.');
    return next();
  };
}

/** Other sites' pages may link here, and no more. */
export const sameOrigin: MiddlewareHandler = async (c, next) => {
  const site = c.req.header('sec-fetch-site');
  const isLink = c.req.header('sec-fetch-mode') === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink)
    return refuse(c, 403, 'Pages of other origins may not read this.');
  return next();
};

/**
 * Lets in who shows the token. `?token=` is taken once, into a cookie, so that it stays in no address bar.
 * @param basePath the path that the server is under, for the cookie and where the link leads
 */
export function tokenCheck(token: string, basePath: string): MiddlewareHandler {
  return async (c, next) => {
    const given = c.req.query('token');
    if (given !== undefined && equal(given, token)) {
      const url = new URL(c.req.url);
      url.searchParams.delete('token');
      c.header(
        'set-cookie',
        `${COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=${basePath}/; Max-Age=2592000`,
      );
      // A path that begins with two slashes would be another site's address.
      return c.redirect(`${basePath}/${c.req.path.replace(/^[/\\]+/, '')}${url.search}`, 302);
    }
    const bearer = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1];
    const cookie = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(c.req.header('cookie') ?? '')?.[1];
    if ((bearer && equal(bearer, token)) || (cookie && equal(cookie, token))) return next();
    return refuse(c, 401, 'A token is needed: open the link that "esper serve" printed.');
  };
}

/** A bucket of requests an address, refilled every second. */
export function rateLimit(
  addressOf: (c: Context) => string,
  now = () => performance.now(),
): MiddlewareHandler {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return async (c, next) => {
    const address = addressOf(c);
    const at = now();
    const before = buckets.get(address) ?? { left: BURST, atMs: at };
    const left = Math.min(BURST, before.left + ((at - before.atMs) / 1000) * REQUESTS_PER_SECOND) - 1;
    if (buckets.size > 10_000) buckets.clear();
    buckets.set(address, { left: Math.max(-1, left), atMs: at });
    if (left >= 0) return next();
    c.header('retry-after', '1');
    return refuse(c, 429, 'Too many requests: wait a second.');
  };
}
