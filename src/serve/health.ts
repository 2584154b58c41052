/** Whether the server can do its work: what Kubernetes and load balancers ask. Nothing of the runs is in the answer. */
import { opendir } from 'node:fs/promises';
import type { Context } from 'hono';

/** 200 while the folder of runs can be listed, or is not made yet; 503 with the reason otherwise. */
export async function health(c: Context, runs: string): Promise<Response> {
  c.header('cache-control', 'no-store');
  try {
    await (await opendir(runs)).close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      return c.json({ status: 'unhealthy', error: `The runs cannot be listed: ${code}.` }, 503);
  }
  return c.json({ status: 'ok' });
}
