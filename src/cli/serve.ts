/** `esper serve`: Overwatch, the same truth in a browser. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { AlarmSink } from '../alerts/index.ts';
import { hasRuns, namesIn, noRuns } from '../log/index.ts';
import {
  type AlarmOptions,
  alarmsConfigOf,
  LEAVING_MS,
  sinksOf,
  sumDeliveries,
  withAlarmOptions,
} from './alarm-options.ts';
import { CommandError } from './command-error.ts';
import { integer, runsOption } from './options.ts';
import { readToken } from './read-token.ts';
import { say, sayError } from './say.ts';
import { VERSION } from './version.ts';

interface Options extends AlarmOptions {
  runs: string;
  port: number;
  host: string;
  allowHost?: string[];
  basePath?: string;
  tokenFile?: string;
  otlp?: string | true;
}

export const serveCommand = () =>
  withAlarmOptions(new Command('serve'))
    .description(
      'Serves the dashboard of all runs of a folder. It only reads (and keeps what it knows of ended runs in .esper-runs.json), loads nothing from elsewhere, and listens on this ' +
        'machine alone: from a laptop, take an SSH tunnel (ssh -L 7070:localhost:7070 HOST). Any other --host asks for the ' +
        'token that is printed. Prometheus finds its figures at /metrics; --otlp pushes the same to a collector. With --webhook, --file or sinks in --rules it sends the alarms of ' +
        'all runs, as esper alerts does those of one, and keeps what was sent in .esper-alarms.json.',
    )
    .addOption(runsOption())
    .option('--port <n>', 'port; 0 for any free one', integer('--port', 0), 7070)
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--allow-host <names...>', 'names that this machine is called by, beside localhost')
    .option(
      '--base-path <path>',
      'serve under a path, as /esper behind a proxy, which may pass it on or take it off',
    )
    .option('--token-file <file>', 'ask everyone for the token in this file, on this machine too')
    .option(
      '--otlp [url]',
      'push the metrics of the runs that go on to an OpenTelemetry receiver, every minute; without a URL to that of OTEL_EXPORTER_OTLP_ENDPOINT, or http://localhost:4318',
    )
    .addHelpText('after', '\nExample:\n  esper serve --runs runs --port 7070')
    .action(async ({ runs, port, host, allowHost, basePath, tokenFile, otlp, ...alarms }: Options) => {
      // Throws where it is no folder of runs.
      const isEmpty = !hasRuns(runs);
      const token = tokenFile === undefined ? undefined : readToken(tokenFile);
      const sending = await alarmsOf(runs, alarms);
      const { startServer } = await import('../serve/index.ts');
      const { OtlpPush, otlpTarget, prometheusText } = await import('../export/index.ts');
      const target = otlp === undefined ? null : otlpTarget(otlp, process.env);
      const { runDocument, toHtml } = await import('../report/index.ts');
      const server = await startServer({
        runs,
        port,
        host,
        allowedHosts: allowHost ?? [],
        basePath: basePath ?? '',
        token,
        version: VERSION,
        metrics: prometheusText,
        reportPage: report =>
          toHtml(runDocument(report, { nowMs: Date.now(), timeZone: null, version: VERSION })),
      });
      let push: Awaited<ReturnType<typeof OtlpPush.start>> | null = null;
      if (target !== null)
        try {
          push = await OtlpPush.start({ target, runs: server.newest, version: VERSION, warn: sayError });
        } catch (error) {
          await server.close();
          throw error;
        }
      // A token that somebody keeps in a file does not belong on a terminal.
      const url = token === undefined ? server.url : server.url.replace(/\?token=.*/, '');
      say(`Overwatch shows ${resolve(runs)} at ${url}`);
      if (isEmpty) say(`${noRuns(runs)}. Runs are shown as they come.`);
      if (token !== undefined) say(`It asks for the token in ${tokenFile}: open ${url}?token=… once.`);
      else if (server.token !== null) say('The link holds the token; anyone who has it sees every run.');
      if (target !== null) say(`Metrics are pushed to ${target.url} every ${target.intervalMs / 1000} s.`);
      if (sending !== null)
        say(`Alarms of all runs go to ${sending.sinks.map(({ name }) => name).join(', ')}.`);
      say('Ctrl-C ends it.');
      const stop = new AbortController();
      const watching = sending?.watch(stop.signal);
      await new Promise<void>(resolve => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      stop.abort();
      const isSent = (await push?.close()) ?? true;
      await Promise.all([server.close(), watching]);
      if (sending !== null) {
        await Promise.all(sending.sinks.map(sink => sink.close(LEAVING_MS)));
        sumDeliveries(sending.sinks);
      }
      // The exporter has no way to give up what it tries again.
      if (!isSent) process.exit();
    });

/** What sends the alarms of all runs; null where nobody asked for them. Throws a CommandError where nobody would receive them. */
async function alarmsOf(
  runs: string,
  options: AlarmOptions,
): Promise<{ sinks: readonly AlarmSink[]; watch: (signal: AbortSignal) => Promise<void> } | null> {
  if (Object.values(options).every(value => value === undefined)) return null;
  const config = alarmsConfigOf(options);
  const sinks = sinksOf(config);
  if (sinks.length === 0)
    throw new CommandError('Nobody would receive alarms: give --webhook, --file, or sinks in --rules.');
  const { AlarmsOfAll } = await import('./alarms-of-all.ts');
  const all = new AlarmsOfAll({
    runs,
    names: isKnown => namesIn(runs, isKnown),
    rules: config.rules,
    hasVerdict: config.hasVerdict,
    sinks,
    onProblem: sentence => sayError(`esper: ${sentence}`),
  });
  return { sinks, watch: signal => all.watch(signal) };
}
