/** Options of the commands that talk to NATS: where the servers are, and who asks. Secrets are in files or in the environment, never arguments. */
import { type Command, Option } from 'commander';
import { readRegular, realPath } from '../disk/index.ts';
import { type Access, defaultStream, FleetError, isToken } from '../fleet/index.ts';
import { CommandError } from './command-error.ts';

export interface NatsOptions {
  user?: string;
  passwordFile?: string;
  tokenFile?: string;
  creds?: string;
  nkey?: string;
  tlsCa?: string;
  tlsCert?: string;
  tlsKey?: string;
  stream: string;
}

const LONGEST_SECRET = 64 * 1024;

/** Adds the options of {@link NatsOptions}. */
export const withNatsOptions = (command: Command): Command =>
  command
    .option('--user <name>', 'user; the password is in --password-file or $NATS_PASSWORD')
    .option('--password-file <file>', 'file with the password')
    .option('--token-file <file>', 'file with the token; else $NATS_TOKEN, where it is set')
    .option('--creds <file>', 'credentials file (JWT and nkey), as nsc makes it')
    .option('--nkey <file>', 'file with the seed of an nkey')
    .option(
      '--tls-ca <file>',
      'certificates that are trusted; a server address that begins with tls:// asks for TLS',
    )
    .option('--tls-cert <file>', 'certificate of this client')
    .option('--tls-key <file>', 'its key')
    .addOption(
      new Option('--stream <name>', 'name of the stream, and of the subjects below it').default(
        defaultStream.name,
      ),
    );

/** A secret in a file, without the newline at its end. */
function secret(option: string, file: string): string {
  try {
    // Secrets that Kubernetes mounts are links.
    const text = readRegular(realPath(file) ?? file, LONGEST_SECRET).trim();
    if (text !== '') return text;
  } catch (error) {
    throw new CommandError(`${option} cannot be read: ${(error as Error).message}.`);
  }
  throw new CommandError(`${option} ${file} is empty.`);
}

/** Throws a CommandError where an option is wrong, or a file cannot be read. */
export function accessOf(option: string, urls: string, options: NatsOptions): Access {
  const { user, passwordFile, tokenFile, creds, nkey, tlsCa, tlsCert, tlsKey, stream } = options;
  if (!isToken(stream))
    throw new CommandError(`--stream takes letters, digits, "-" and "_", not "${stream}".`);
  const kinds = [user && '--user', tokenFile && '--token-file', creds && '--creds', nkey && '--nkey'].filter(
    Boolean,
  );
  if (kinds.length > 1) throw new CommandError(`${kinds.join(' and ')} exclude each other.`);
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new CommandError('--tls-cert and --tls-key belong together.');
  const found = urls.split(',').map(url => serverOf(option, url.trim()));
  const wantsTls = found.some(({ tls }) => tls) || tlsCa !== undefined || tlsCert !== undefined;
  const inUrl = found.find(({ name }) => name !== '');
  const access: Access = { servers: found.map(({ server }) => server) };
  if (wantsTls) access.tls = { caFile: tlsCa, certFile: tlsCert, keyFile: tlsKey };
  if (creds !== undefined) access.credentials = secret('--creds', creds);
  else if (nkey !== undefined) access.nkey = secret('--nkey', nkey);
  else if (tokenFile !== undefined) access.token = secret('--token-file', tokenFile);
  else if (user !== undefined) {
    access.user = user;
    access.password =
      passwordFile === undefined ? process.env.NATS_PASSWORD : secret('--password-file', passwordFile);
    if (access.password === undefined)
      throw new CommandError('--user needs --password-file, or the password in $NATS_PASSWORD.');
  } else if (inUrl !== undefined) {
    if (inUrl.password === '') access.token = inUrl.name;
    else Object.assign(access, { user: inUrl.name, password: inUrl.password });
  } else if (process.env.NATS_TOKEN) access.token = process.env.NATS_TOKEN;
  return access;
}

function serverOf(option: string, text: string) {
  let url: URL | null = null;
  try {
    url = new URL(text.includes('://') ? text : `nats://${text}`);
  } catch {
    // Refused below.
  }
  if (url === null || !['nats:', 'tls:'].includes(url.protocol) || url.hostname === '')
    throw new CommandError(
      `${option} takes nats://HOST[:4222] or tls://HOST, several with commas, not "${text}".`,
    );
  return {
    server: `${url.hostname}:${url.port || 4222}`,
    tls: url.protocol === 'tls:',
    name: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/** What the fleet refuses is the user's to mend. */
export async function ofFleet<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FleetError ? new CommandError(error.message) : error;
  }
}

/** `a,b` without what is secret in it. */
export const shownServers = ({ servers }: Access): string => servers.join(', ');
