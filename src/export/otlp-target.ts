/** Where metrics are pushed to, how, and how often: from the option and from OpenTelemetry's environment variables. */

export interface OtlpTarget {
  /** With the path of metrics. */
  url: string;
  protocol: 'http/json' | 'http/protobuf';
  intervalMs: number;
}

const EVERY_MS = 60_000;
/** What a timer can wait, 2³¹ − 1 ms. */
const MAX_MS = 2_147_483_647;
const PATH = '/v1/metrics';

/**
 * @param given the option's URL, of the receiver or of its path of metrics; true for one without: OTEL_EXPORTER_OTLP_* has it, or it is this machine
 * @param env an empty variable is one that is not set
 * Throws an Error of one sentence that names what is wrong.
 */
export function otlpTarget(given: string | true, env: NodeJS.ProcessEnv): OtlpTarget {
  const first = (...names: string[]): [name: string, value: string] | undefined => {
    const name = names.find(name => env[name]?.trim());
    return name === undefined ? undefined : [name, env[name]!.trim()];
  };
  const [from, text] =
    given === true
      ? (first('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT') ?? [
          '--otlp',
          'http://localhost:4318',
        ])
      : ['--otlp', given];
  const [variable, protocol] = first(
    'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
  ) ?? ['', 'http/json'];
  if (protocol !== 'http/json' && protocol !== 'http/protobuf')
    throw new Error(`${variable} takes http/json or http/protobuf here, not "${protocol}".`);
  const [every, interval] = first('OTEL_METRIC_EXPORT_INTERVAL') ?? ['', `${EVERY_MS}`];
  const intervalMs = Number(interval);
  if (!/^\d+$/.test(interval) || intervalMs < 1 || intervalMs > MAX_MS)
    throw new Error(`${every} takes milliseconds from 1 to ${MAX_MS}, not "${interval}".`);
  return { url: urlOf(from, text), protocol, intervalMs };
}

function urlOf(from: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new Error(`${from} takes the address of a receiver, as http://localhost:4318, not "${text}".`);
  if (url.username !== '' || url.password !== '')
    throw new Error(
      `${from} takes no user or password: OTEL_EXPORTER_OTLP_HEADERS has what a receiver asks for.`,
    );
  // The variable of the metrics alone is the whole address.
  if (from !== 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT' && !url.pathname.endsWith(PATH))
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${PATH}`;
  return url.href;
}
