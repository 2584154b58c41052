/** Accounts of a NATS server that knows its users by signed tokens, and certificates: made for one test. */

import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';

const { createAccount, createOperator, createUser } = nkeys;
type KeyPair = ReturnType<typeof createUser>;

const base64 = (text: string | Uint8Array): string => Buffer.from(text as Uint8Array).toString('base64url');
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function signed(issuer: KeyPair, subject: string, name: string, nats: Record<string, unknown>): string {
  const claims = {
    ...{ iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey(), name, sub: subject },
    nats: { version: 2, ...nats },
  };
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex');
  const head = base64('{"typ":"JWT","alg":"ed25519-nkey"}');
  const signed = `${head}.${base64(JSON.stringify({ jti, ...claims }))}`;
  return `${signed}.${base64(issuer.sign(new TextEncoder().encode(signed)))}`;
}

/** @returns the server's configuration, and a credentials file's text */
export function withOperator(): { config: string; credentials: string } {
  const [operator, account, system, user] = [
    createOperator(),
    createAccount(),
    createAccount(),
    createUser(),
  ];
  const all = {
    subs: -1,
    data: -1,
    payload: -1,
    imports: -1,
    exports: -1,
    wildcards: true,
    conn: -1,
    leaf: -1,
  };
  const limits = { ...all, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const operatorJwt = signed(operator, operator.getPublicKey(), 'O', { type: 'operator' });
  const systemJwt = signed(operator, system.getPublicKey(), 'S', { type: 'account', limits: all });
  const accountJwt = signed(operator, account.getPublicKey(), 'A', { type: 'account', limits });
  const userJwt = signed(account, user.getPublicKey(), 'U', {
    ...{ type: 'user', pub: {}, sub: {}, subs: -1, data: -1, payload: -1 },
  });
  return {
    config:
      `operator: ${operatorJwt}
resolver: MEMORY
system_account: ${system.getPublicKey()}
` + `resolver_preload: { ${account.getPublicKey()}: ${accountJwt}, ${system.getPublicKey()}: ${systemJwt} }`,
    credentials:
      `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n` +
      `-----BEGIN USER NKEY SEED-----\n${textOf(user.getSeed())}\n------END USER NKEY SEED------\n`,
  };
}

/** @returns the server's configuration, and the seed */
export function withNkey(): { config: string; seed: string } {
  const user = createUser();
  return {
    config: `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`,
    seed: textOf(user.getSeed()),
  };
}

/** A server that asks clients for a certificate of its authority. @returns its configuration, and files for a client */
export function withCertificates(folder: string): { config: string; ca: string; cert: string; key: string } {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=test',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  );
  for (const name of ['server', 'client']) {
    openssl(
      'req',
      ...key,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.csr`),
    );
    writeFileSync(file(`${name}.ext`), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl(
      'x509',
      '-req',
      '-in',
      file(`${name}.csr`),
      ...by,
      '-extfile',
      file(`${name}.ext`),
      '-out',
      file(`${name}.pem`),
    );
  }
  return {
    config: `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}", ca_file: "${file('ca.pem')}", verify: true }`,
    ...{ ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') },
  };
}

export const randomToken = (): string => randomUUID().replaceAll('-', '');
