/** A receiver of OTLP over HTTP for tests, and what it received, decoded from JSON. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Received {
  resource: Record<string, unknown>;
  metrics: Map<string, { unit: string; isSum: boolean; isMonotonic: boolean; points: Point[] }>;
}
interface Point {
  attributes: Record<string, unknown>;
  value: number;
}
export interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** @param status that it answers with */
export async function receiver(status = 200) {
  const asked: Asked[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const end = () => {
    server.closeAllConnections();
    server.close();
  };
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, end };
}

interface Sent {
  name: string;
  unit?: string;
  sum?: { isMonotonic?: boolean; dataPoints: { attributes?: Attributes; asDouble: number }[] };
  gauge?: Sent['sum'];
}
type Attributes = { key: string; value: Record<string, unknown> }[];
/** Values as they are: OTLP's JSON has integers as text. */
const plain = (attributes: Attributes = []): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      'intValue' in value ? Number(value.intValue) : Object.values(value)[0],
    ]),
  );

export function decoded({ headers, body }: Asked): Received[] {
  const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
  return JSON.parse(text).resourceMetrics.map(
    ({ resource, scopeMetrics }: { resource: { attributes: Attributes }; scopeMetrics: never[] }) => ({
      resource: plain(resource.attributes),
      metrics: new Map(
        scopeMetrics
          .flatMap(({ metrics }: { metrics: Sent[] }) => metrics)
          .map(({ name, unit = '', sum, gauge }) => [
            name,
            {
              unit,
              isSum: sum !== undefined,
              isMonotonic: sum?.isMonotonic ?? false,
              points: (sum ?? gauge)!.dataPoints.map(({ attributes, asDouble }) => ({
                attributes: plain(attributes),
                value: asDouble,
              })),
            },
          ]),
      ),
    }),
  );
}
