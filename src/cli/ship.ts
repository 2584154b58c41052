/** `esper ship`: the run folders of this node, into a stream of NATS JetStream. */
import { setPriority } from 'node:os';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { amount } from '../base/index.ts';
import { connectTo, isToken, preparedStream, Shipper } from '../fleet/index.ts';
import { many } from '../present/index.ts';
import { CommandError } from './command-error.ts';
import { endingSignals } from './ending.ts';
import { accessOf, type NatsOptions, ofFleet, shownServers, withNatsOptions } from './nats-options.ts';
import { integer, sizeOption, timeOption } from './options.ts';
import { say, sayError } from './say.ts';

interface Options extends NatsOptions {
  to: string;
  cluster: string;
  maxFile: number;
  since: number;
  replicas?: number;
  maxAge?: number;
  maxBytes?: number;
  once?: boolean;
}

/** After a signal, what is there already is still sent, for so long. */
const LEAVING_MS = 5000;
/** Below training. */
const NICE = 10;
const DAY_MS = 24 * 3_600_000;

export const shipCommand = () =>
  withNatsOptions(
    new Command('ship')
      .description(
        'Sends the run folders of this node into a stream of NATS JetStream, and goes on with what comes: runs that begin later and nested ones too. ' +
          'One process a node, beside the training, at low priority. It only reads the folder; where no server is there it waits, and sends later what is in the ' +
          'logs. The stream is made where it is missing, and its settings are checked where it is there. "esper collect" makes the same folders of it.\n' +
          'Exit status: 0 ended by a signal, or --once and all was sent; 1 the server refuses, or settings of the stream would lose data.',
      )
      .argument('<runs>', 'folder of all runs')
      .requiredOption(
        '--to <urls>',
        'nats://HOST[:4222] or tls://HOST; several servers of one cluster with commas',
      )
      .requiredOption('--cluster <name>', 'name of the cluster that these nodes are of')
      .addOption(
        new Option('--max-file <size>', 'leave out larger files that are no logs, as memory snapshots')
          .argParser(sizeOption('--max-file'))
          .default(64 * 2 ** 20, '64MiB'),
      )
      .addOption(
        new Option(
          '--since <time>',
          'leave out runs that were last written earlier than this when they are first seen',
        )
          .argParser(timeOption('--since'))
          .default(7 * DAY_MS, '7d'),
      )
      .option('--replicas <n>', 'copies of a new stream, 1 to 5 (default: 1)', integer('--replicas'))
      .option(
        '--max-age <time>',
        'how long a new stream keeps what came (default: 7d)',
        timeOption('--max-age'),
      )
      .option('--max-bytes <size>', 'how much a new stream keeps (default: 4GiB)', sizeOption('--max-bytes'))
      .option('--once', 'send what is there, and leave'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  esper ship runs --to nats://telemetry:4222 --cluster lab\n' +
        '  esper ship /scratch/runs --to tls://a,tls://b,tls://c --cluster lab --creds ship.creds --replicas 3',
    )
    .action((runs: string, options: Options) => ofFleet(() => ship(runs, options)));

async function ship(runs: string, options: Options): Promise<void> {
  const { to, cluster, stream, once = false } = options;
  if (!isToken(cluster))
    throw new CommandError(`--cluster takes letters, digits, "-" and "_", not "${cluster}".`);
  const access = accessOf('--to', to, options);
  try {
    setPriority(NICE);
  } catch {
    // Where it may not be lowered, it stays.
  }
  const stop = new AbortController();
  for (const signal of endingSignals) process.once(signal, () => stop.abort());
  const waiting = (reason: string) =>
    sayError(`esper: no server at ${shownServers(access)} (${reason}); it is tried again.`);
  const connected = await connectTo(access, 'esper ship', stop.signal, waiting);
  if (connected === null) return;
  try {
    const { replicas, maxAge, maxBytes } = options;
    const wish = { name: stream, replicas, maxAgeMs: maxAge, maxBytes };
    if (!(await preparedStream(connected, wish, stop.signal, waiting))) return;
    const shipper = new Shipper(connected, {
      ...{ runs: resolve(runs), stream, cluster, mostBytes: options.maxFile, sinceMs: options.since },
      onProblem: sentence => sayError(`esper: ${sentence}`),
    });
    if (!once)
      say(`Shipping ${resolve(runs)} to ${shownServers(access)} as cluster ${cluster}; Ctrl-C ends it.`);
    await shipper.ship(stop.signal, once);
    if (stop.signal.aborted) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), LEAVING_MS);
      await shipper.ship(late.signal, true).finally(() => clearTimeout(timer));
    }
    const { files, pieces, bytes, sent } = shipper.stats;
    say(
      `Sent ${many(pieces, 'piece')} of ${many(files, 'file')}: ${amount(bytes)}, compressed ${amount(sent)}.`,
    );
  } finally {
    await connected.nats.close();
  }
}
