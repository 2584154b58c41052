/** Who may connect: every kind of authentication against a real server, and one sentence where it is refused. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { accessOf, type NatsOptions } from '../../src/cli/nats-options.ts';
import { connectTo } from '../../src/fleet/index.ts';
import { PATIENCE_MS } from '../patience.ts';
import { scratch } from '../scratch.ts';
import { randomToken, withCertificates, withNkey, withOperator } from './identities.ts';
import { freePort, hasNats, NatsServer, unlessNats } from './nats-server.ts';

afterEach(() => vi.unstubAllEnvs());

const never = new AbortController().signal;
const options = (more: Partial<NatsOptions> = {}): NatsOptions => ({ stream: 'esper', ...more });

/** Connects as the command would, and asks for something. */
async function reach(url: string, more: Partial<NatsOptions> = {}): Promise<void> {
  const connected = await connectTo(accessOf('--to', url, options(more)), 'test', never, reason =>
    console.error(reason),
  );
  try {
    await connected!.manager.getAccountInfo();
  } finally {
    await connected!.nats.close();
  }
}

test.skipIf(!hasNats)(`user and password, token, nkey, credentials, certificates${unlessNats}`, async () => {
  const folder = scratch('access');
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, `secret-${name}`), `${text}\n`);
    return join(folder, `secret-${name}`);
  };
  const serve = async (name: string, config: string, work: (url: string) => Promise<void>) => {
    const server = await NatsServer.start(folder, config, name);
    try {
      await work(server.url);
    } finally {
      await server.kill();
    }
  };
  const token = randomToken();
  await serve('token', `authorization { token: "${token}" }`, async url => {
    await reach(url, { tokenFile: file('token.txt', token) });
    await reach(url.replace('//', `//${token}@`));
    vi.stubEnv('NATS_TOKEN', token);
    await reach(url);
    vi.unstubAllEnvs();
    await expect(reach(url)).rejects.toThrow(/^127\.0\.0\.1:\d+ refuses the connection: .*\.$/);
    await expect(reach(url, { tokenFile: file('wrong', 'x') })).rejects.toThrow(/refuses/);
  });
  await serve('user', `authorization { user: ship, password: "${token}" }`, async url => {
    await reach(url, { user: 'ship', passwordFile: file('password', token) });
    await reach(url.replace('//', `//ship:${token}@`));
    vi.stubEnv('NATS_PASSWORD', token);
    await reach(url, { user: 'ship' });
  });
  const nkey = withNkey();
  await serve('nkey', nkey.config, url => reach(url, { nkey: file('seed', nkey.seed) }));
  const operator = withOperator();
  await serve('operator', operator.config, async url => {
    await reach(url, { creds: file('creds', operator.credentials) });
    await expect(reach(url)).rejects.toThrow(/refuses/);
  });
  const { config, ca, cert, key } = withCertificates(folder);
  await serve('tls', config, async url => {
    const tls = url.replace('nats:', 'tls:');
    await reach(tls, { tlsCa: ca, tlsCert: cert, tlsKey: key });
    await expect(reach(tls)).rejects.toThrow(/refuses the connection/);
  });
});

test.skipIf(!hasNats)(
  `a cluster whose servers name each other refuses at once, too${unlessNats}`,
  async () => {
    const folder = scratch('access');
    const token = randomToken();
    const routes = [await freePort(), await freePort()];
    const all = routes.map(port => `nats://127.0.0.1:${port}`).join(', ');
    const servers = await Promise.all(
      routes.map((route, i) =>
        NatsServer.start(
          folder,
          `authorization { token: "${token}" }\ncluster { name: c, listen: "127.0.0.1:${route}", routes: [${all}] }`,
          `c${i + 1}`,
        ),
      ),
    );
    try {
      const urls = servers.map(({ url }) => url).join();
      writeFileSync(join(folder, 'secret-token'), token);
      writeFileSync(join(folder, 'secret-wrong'), 'x');
      // The servers have found each other once one of them names the other.
      await vi.waitFor(
        async () => {
          const access = accessOf('--to', urls, options({ tokenFile: join(folder, 'secret-token') }));
          const { nats } = (await connectTo(access, 'test', never, () => {}))!;
          const named = nats.info?.connect_urls?.length ?? 0;
          await nats.close();
          expect(named).toBeGreaterThan(1);
        },
        { timeout: PATIENCE_MS, interval: 100 },
      );
      await expect(reach(urls, { tokenFile: join(folder, 'secret-wrong') })).rejects.toThrow(/refuses/);
    } finally {
      await Promise.all(servers.map(server => server.kill()));
    }
  },
);

test('what is wrong with options is one sentence', () => {
  const wrong: [string, Partial<NatsOptions>, RegExp][] = [
    ['http://x', {}, /--to takes nats:\/\/HOST/],
    ['nats://', {}, /--to takes/],
    ['a b', {}, /--to takes/],
    ['nats://x', { creds: 'a', nkey: 'b' }, /--creds and --nkey exclude each other/],
    ['nats://x', { tlsKey: 'a' }, /--tls-cert and --tls-key belong together/],
    ['nats://x', { user: 'a' }, /--user needs --password-file/],
    ['nats://x', { creds: '/nowhere' }, /--creds cannot be read/],
    ['nats://x', { stream: 'a.b' }, /--stream takes letters/],
  ];
  for (const [url, more, sentence] of wrong) {
    expect(() => accessOf('--to', url, options(more))).toThrow(sentence);
    expect(() => accessOf('--to', url, options(more))).toThrow(/^[^\n]*\.$|"$/);
  }
  expect(accessOf('--to', 'a,tls://b:4333', options())).toEqual({ servers: ['a:4222', 'b:4333'], tls: {} });
});

const esper = (...args: string[]): string => {
  try {
    return execFileSync(process.execPath, ['dist/cli/esper.js', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ESPER_NATS: 'off' },
    });
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
};

test('without the client it is one sentence', () => {
  expect(esper('ship', '.', '--to', 'nats://127.0.0.1:1', '--cluster', 'x')).toMatch(
    /^esper: esper ship needs the NATS client, which is not installed here: npm install @nats-io\/transport-node@\S+ @nats-io\/jetstream@\S+\.\n$/,
  );
});
