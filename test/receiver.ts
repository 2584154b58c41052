/** A receiver of webhooks: a real HTTP server that keeps what was posted, for tests of what is sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Post {
  body: string;
  headers: IncomingMessage['headers'];
  /** The body's, of a message by the Standard Webhooks specification. */
  type: string;
  data: { id: string; run: string; rule: string; batch: number };
}

/**
 * Closed with the test that starts it, if it is not before.
 * @param answer to the nth request, counted from 0; an empty 200 where it is not given
 */
export async function receiver(
  answer: (n: number, response: ServerResponse) => void = (_, response) => response.end(),
): Promise<{ posts: Post[]; url: string; close: () => Promise<void> }> {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      posts.push({ ...JSON.parse(body), body, headers: request.headers });
      answer(posts.length - 1, response);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>(resolve => server.close(() => resolve()));
  };
  onTestFinished(close);
  return { posts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, close };
}
