/** `esper collect`: run folders of many nodes, out of a stream of NATS JetStream. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { amount } from '../base/index.ts';
import { Collector, connectTo, isToken } from '../fleet/index.ts';
import { many } from '../present/index.ts';
import { CommandError } from './command-error.ts';
import { endingSignals } from './ending.ts';
import { accessOf, type NatsOptions, ofFleet, shownServers, withNatsOptions } from './nats-options.ts';
import { runsOption } from './options.ts';
import { say, sayError } from './say.ts';

interface Options extends NatsOptions {
  from: string;
  runs: string;
  cluster?: string;
  name?: string;
  once?: boolean;
}

export const collectCommand = () =>
  withNatsOptions(
    new Command('collect')
      .description(
        'Writes the run folders that "esper ship" sends from many nodes, the same to the byte, so that every command and Overwatch find them as if they ' +
          'were written here. What was written is not written again; what is missing is asked for. Several collectors of one --name share the work, and write one folder.\n' +
          'Exit status: 0 ended by a signal, or --once and nothing is left; 1 the server refuses.',
      )
      .requiredOption(
        '--from <urls>',
        'nats://HOST[:4222] or tls://HOST; several servers of one cluster with commas',
      )
      .addOption(runsOption())
      .option('--cluster <name>', 'only this cluster; without it all, each in a folder of its name')
      .option(
        '--name <name>',
        'collectors of one name share the work; another name makes another copy (default: "collect", or the cluster)',
      )
      .option('--once', 'write what the stream holds, and leave'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  esper collect --from nats://telemetry:4222 --runs runs --cluster lab\n' +
        '  esper collect --from tls://a,tls://b,tls://c --runs /data/runs --creds collect.creds',
    )
    .action((options: Options) => ofFleet(() => collect(options)));

async function collect(options: Options): Promise<void> {
  const { from, runs, cluster = null, stream, once = false } = options;
  const name = options.name ?? (cluster === null ? 'collect' : `collect-${cluster}`);
  for (const [option, text] of [
    ['--cluster', cluster],
    ['--name', name],
  ] as const)
    if (text !== null && !isToken(text))
      throw new CommandError(`${option} takes letters, digits, "-" and "_", not "${text}".`);
  const access = accessOf('--from', from, options);
  const stop = new AbortController();
  for (const signal of endingSignals) process.once(signal, () => stop.abort());
  const waiting = (reason: string) =>
    sayError(`esper: no server at ${shownServers(access)} (${reason}); it is tried again.`);
  const connected = await connectTo(access, 'esper collect', stop.signal, waiting);
  if (connected === null) return;
  try {
    const collector = new Collector(connected, {
      ...{ runs: resolve(runs), stream, cluster, name },
      onProblem: sentence => sayError(`esper: ${sentence}`),
    });
    if (!once) say(`Collecting into ${resolve(runs)} from ${shownServers(access)}; Ctrl-C ends it.`);
    await collector.collect(stop.signal, once);
    const { pieces, bytes, known } = collector.stats;
    say(
      `Wrote ${many(pieces, 'piece')}: ${amount(bytes)}; ${many(known, 'piece')} was there already.`.replace(
        /(\d+ pieces) was/,
        '$1 were',
      ),
    );
  } finally {
    await connected.nats.close();
  }
}
