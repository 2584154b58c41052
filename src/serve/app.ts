/** What can be asked. Every path is fixed but a run's id, and that must be one of the folder's own. */

import { setImmediate } from 'node:timers/promises';
import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import { outsideText } from '../base/index.ts';
import type { RunReport } from '../contract/index.ts';
import { allRecords } from '../figures/index.ts';
import { emptyReport, eventsFile, placeOfSeq, type RunFolder, RunReader } from '../log/index.ts';
import { judgementOf, withJudgement } from '../present/index.ts';
import { ListError } from '../runs/index.ts';
import type { ListResponse, RunView, SeriesResponse } from './api.ts';
import { documentUnder, pathBehind } from './base-path.ts';
import { Comparisons } from './comparisons.ts';
import { hostCheck, onlyReading, rateLimit, sameOrigin, securityHeaders, tokenCheck } from './guard.ts';
import { health } from './health.ts';
import { BadRequest, json, queryNumber } from './json-response.ts';
import {
  MAX_EVENTS,
  MAX_EVENTS_LENGTH,
  MAX_FIGURES,
  MAX_ROWS,
  MAX_STREAMS,
  MAX_WIDTH,
  PATIENCE_MS,
  ROWS,
} from './limits.ts';
import { LiveHub } from './live.ts';
import type { RunFeed } from './run-feed.ts';
import { RunList } from './run-list.ts';
import { RunStore } from './run-store.ts';
import { slimReport, viewOf } from './run-view.ts';
import { blocksIn, bucketsOf, type SeriesQuery, wantsPoints, wholeOf } from './series.ts';
import { readStatic } from './static-files.ts';
import { Summary } from './summary.ts';

export interface AppOptions {
  /** Folder of all runs. */
  runs: string;
  /** Folder of the built web app. */
  web: string;
  /** The path that everything is under, as {@link basePathOf} makes it; empty for none. */
  basePath?: string;
  /** Required of every client; null where none is. */
  token: string | null;
  /** Host names beside this machine's own, where no token is asked for. */
  allowedHosts?: readonly string[];
  /** Text of `/metrics`, from the newest look at every run. */
  metrics?: (runs: ReturnType<RunList['rows']>) => Promise<string>;
  /** Of Esper; with it, what is known of ended runs is kept beside them, as "esper runs" does. */
  version?: string;
  /** A report as a page that stands by itself: styles and drawings inside, no script. */
  reportPage?: (report: RunReport) => string;
}

/** A page with its styles inside: nothing else may be in it, and nothing of it runs. */
const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

const patience = (feed: RunFeed) =>
  Promise.race([
    feed.complete,
    feed.early.then(() => (feed.earlyOf(null) === null ? feed.complete : null)),
    new Promise(resolve => setTimeout(resolve, PATIENCE_MS).unref()),
  ]);

/** Names with commas between them; null where none were given. */
const idsOf = (text: string | undefined): string[] | null =>
  text?.split(',').filter(name => name !== '') ?? null;

export class App {
  readonly hono: Hono;
  #store = new RunStore();
  #list: RunList;
  readonly #comparisons: Comparisons;
  #hubs = new Map<string, LiveHub>();
  #streams = 0;
  readonly #reportPageOf: AppOptions['reportPage'];

  constructor(options: AppOptions) {
    const { runs, web, token, allowedHosts = [], basePath = '', metrics, reportPage } = options;
    this.hono = new Hono({ getPath: request => pathBehind(basePath, new URL(request.url).pathname) });
    this.#reportPageOf = reportPage;
    this.#list = new RunList(runs, this.#store, options.version);
    this.#comparisons = new Comparisons({
      listed: () => this.#list.listed(),
      find: id => this.#list.find(id),
    });
    const files = readStatic(web);
    const index = files.get('/index.html');
    if (index !== undefined) files.set('/index.html', documentUnder(basePath, index));
    const { hono } = this;
    hono.use(securityHeaders);
    // Before any check: who asks whether the server lives knows neither its name nor its token.
    hono.get('/healthz', c => health(c, runs));
    hono.use(rateLimit(c => getConnInfo(c).remote.address ?? 'unknown'));
    hono.use(onlyReading);
    hono.use(token === null ? hostCheck(allowedHosts) : tokenCheck(token, basePath));
    hono.use(sameOrigin);
    hono.onError((error, c) => {
      if (error instanceof BadRequest) return c.json({ error: error.message }, error.status);
      if (error instanceof ListError) return c.json({ error: error.message }, 400);
      const more = process.env.ESPER_DEBUG ? error.stack : null;
      console.error(
        outsideText(
          `esper serve: ${more ?? `${error.message} (a fault of Esper; ESPER_DEBUG=1 shows where)`}`,
        ),
      );
      return c.json({ error: 'Internal server error; the server’s terminal has the details.' }, 500);
    });
    hono.get('/api/runs', async c =>
      json(c, await this.#list.changed(queryNumber(c, 'since', 0, 0), PATIENCE_MS)),
    );
    hono.get('/api/list', async c => json(c, await this.#listed(c)));
    hono.get('/api/columns', c => json(c, this.#list.columns()));
    hono.get('/api/compare', async c => {
      await this.#list.refresh();
      return json(
        c,
        await this.#comparisons.compare(
          c.req.queries('group') ?? [],
          c.req.query('by') || null,
          c.req.queries('ignore') ?? [],
        ),
      );
    });
    hono.get('/api/config', c => json(c, this.#comparisons.configs(idsOf(c.req.query('runs')) ?? [])));
    hono.get('/api/records', c => json(c, allRecords()));
    hono.get('/api/runs/:id', async c => json(c, await this.#view(c)));
    hono.get('/api/runs/:id/snapshot', async c => json(c, await this.#snapshot(c)));
    hono.get('/api/runs/:id/series', async c => json(c, await this.#series(c)));
    hono.get('/api/runs/:id/ranks', async c => json(c, (await this.#feed(c)).index.ranks()));
    hono.get('/api/runs/:id/report', async c => json(c, await this.#report(c)));
    hono.get('/api/runs/:id/verdict', async c => json(c, slimReport(await this.#report(c, false))));
    hono.get('/api/runs/:id/report.html', async c => this.#reportPage(c));
    hono.get('/api/runs/:id/events', async c => json(c, await this.#events(c)));
    hono.get('/api/runs/:id/live', async c => this.#live(c));
    hono.get('/metrics', async c => {
      if (metrics === undefined) throw new BadRequest(404, 'No metrics are exported here.');
      c.header('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      return c.body(await metrics(await this.newest()));
    });
    hono.all('/api/*', c => c.json({ error: 'There is no such question.' }, 404));
    hono.get('*', c => {
      // The app has one page; its links are resolved by the page itself.
      const { path } = c.req;
      const isPage = path === '/' || path === '/compare' || path === '/groups' || path.startsWith('/run/');
      // A mistyped address is answered by the app, not in JSON.
      const isLost = !isPage && !files.has(path) && (c.req.header('accept') ?? '').includes('text/html');
      const file = files.get(isPage || isLost ? '/index.html' : path);
      if (file === undefined)
        return isPage || isLost
          ? c.text('The web app is not built: run "npm run build".', 503)
          : c.json({ error: 'There is no such page.' }, 404);
      if (isLost) c.status(404);
      c.header('content-type', file.type);
      c.header('etag', file.etag);
      c.header('vary', 'accept-encoding');
      c.header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
      if (c.req.header('if-none-match') === file.etag) return c.body(null, 304);
      const packed = file.gzip !== null && /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
      if (packed) c.header('content-encoding', 'gzip');
      return c.body(new Uint8Array(packed ? file.gzip! : file.body));
    });
  }

  /** A new look at every run, for who exports figures. */
  async newest(): Promise<ReturnType<RunList['rows']>> {
    await this.#list.refresh();
    await this.#list.judged(PATIENCE_MS);
    return this.#list.rows();
  }

  /** Ends every stream and stops following. */
  async close(): Promise<void> {
    this.#list.close();
    for (const hub of this.#hubs.values()) hub.close();
    await this.#store.close();
  }

  #run(c: Context): RunFolder {
    const run = this.#list.find(c.req.param('id') ?? '');
    if (run === null) throw new BadRequest(404, 'There is no such run in this folder.');
    return run;
  }

  #listed(c: Context): Promise<ListResponse> {
    const columns = idsOf(c.req.query('columns')) ?? [];
    if (columns.length > MAX_FIGURES)
      throw new BadRequest(400, `At most ${MAX_FIGURES} columns can be asked for at once.`);
    const query = {
      columns,
      filter: c.req.query('filter') ?? '',
      sort: c.req.query('sort') || null,
      all: c.req.query('all') === '1',
      ids: idsOf(c.req.query('runs')),
      count: Math.min(queryNumber(c, 'count', ROWS, 0), MAX_ROWS),
    };
    return this.#list.list(query, queryNumber(c, 'since', -1, -1), PATIENCE_MS);
  }

  async #feed(c: Context): Promise<RunFeed> {
    const feed = this.#store.open(this.#run(c));
    await patience(feed);
    return feed;
  }

  async #view(c: Context): Promise<RunView> {
    const feed = await this.#feed(c);
    const [batch, timeMs] = [queryNumber(c, 'batch', undefined), queryNumber(c, 'timeMs', undefined)];
    if (batch === undefined && timeMs === undefined) return viewOf(feed);
    return viewOf(feed, await feed.at({ batch, timeMs }));
  }

  /**
   * The whole truth or none, its status as every view shows it: a script is not given a run that is half read. A moment's is made
   * from the log itself, however much of it has been read.
   */
  async #snapshot(c: Context) {
    const feed = await this.#feed(c);
    const [batch, timeMs] = [queryNumber(c, 'batch', undefined), queryNumber(c, 'timeMs', undefined)];
    if (batch !== undefined || timeMs !== undefined) return feed.at({ batch, timeMs });
    await feed.complete;
    const { snapshot } = feed;
    return withJudgement(snapshot, judgementOf(feed.report(true), snapshot.run.state));
  }

  /** Likewise: a report of half a log would be another run's. */
  async #report(c: Context, isWhole = true): Promise<RunReport> {
    const feed = await this.#feed(c);
    await feed.complete;
    return isWhole ? feed.report(true) : feed.report();
  }

  async #reportPage(c: Context): Promise<Response> {
    if (this.#reportPageOf === undefined) throw new BadRequest(404, 'No reports are made here.');
    const report = await this.#report(c);
    c.header('content-security-policy', REPORT_POLICY);
    return c.html(this.#reportPageOf(report));
  }

  async #series(c: Context): Promise<SeriesResponse> {
    const names = (c.req.query('figures') ?? '').split(',').filter(name => name !== '');
    const figures = [...new Set(names)];
    if (figures.length > MAX_FIGURES)
      throw new BadRequest(400, `At most ${MAX_FIGURES} figures can be asked for at once.`);
    const width = queryNumber(c, 'width', 1000, 1);
    if (width > MAX_WIDTH) throw new BadRequest(400, `width takes at most ${MAX_WIDTH}.`);
    const x = c.req.query('x') === 'time' ? 'time' : 'batch';
    const query: SeriesQuery = {
      figures,
      x,
      from: queryNumber(c, 'from', null),
      to: queryNumber(c, 'to', null),
      width: Math.floor(width),
    };
    const feed = await this.#feed(c);
    const asked = queryNumber(c, 'rank', null, 0);
    const early = feed.earlyOf(asked);
    const rank = asked ?? early?.rank ?? feed.snapshot.tamiyo.rank ?? 0;
    // A packed file that went meanwhile leaves what has been read of the log.
    const found = await early?.summaryOf(figures).catch(() => null);
    const { summary, indexing } = found
      ? { summary: found, indexing: feed.indexing }
      : await feed.summaryOf(rank);
    const answer = {
      ...wholeOf(rank, summary, early?.isWhole ? null : indexing),
      ...(early !== null && { available: [...early.available].sort() }),
    };
    const range = blocksIn(summary, query);
    const isCoarse = range !== null && wantsPoints(range, summary.span, query.width);
    const hasUpdates = early !== null || feed.index.hasUpdates(rank);
    if (!isCoarse || !hasUpdates) return { ...bucketsOf(summary, range, query), ...answer };
    const near = new Summary();
    const [from, to] = [summary.seq[range.first]!, summary.seqEnd[range.last]!];
    for (const point of await feed.points(rank, from, to)) near.addPoint(point);
    return { ...bucketsOf(near, blocksIn(near, query), query), ...answer };
  }

  async #events(c: Context): Promise<{ events: unknown[]; next: number | null }> {
    const run = this.#run(c);
    const rank = queryNumber(c, 'rank', 0, 0);
    const from = queryNumber(c, 'from', 0, 0);
    const limit = queryNumber(c, 'limit', 100, 1);
    if (limit > MAX_EVENTS) throw new BadRequest(400, `limit takes at most ${MAX_EVENTS}.`);
    const path = eventsFile(run.path, rank);
    const events: unknown[] = [];
    let length = 0;
    try {
      for (const batch of new RunReader([path], emptyReport(), new Map([[path, placeOfSeq(path, from)]]))) {
        for (const event of batch) {
          if (event.seq < from) continue;
          length += JSON.stringify(event).length;
          if (events.length >= limit || (length > MAX_EVENTS_LENGTH && events.length > 0))
            return { events, next: event.seq };
          events.push(event);
        }
        await setImmediate();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new BadRequest(404, `The run has no rank ${rank}.`);
      throw error;
    }
    return { events, next: null };
  }

  async #live(c: Context): Promise<Response> {
    // Nobody reads the stream of a HEAD, nor ends it.
    if (c.req.raw.method === 'HEAD') {
      this.#run(c);
      c.header('content-type', 'text/event-stream; charset=utf-8');
      return c.body(null);
    }
    if (this.#streams >= MAX_STREAMS) throw new BadRequest(503, 'Too many live views are open: close one.');
    const run = this.#run(c);
    const of = c.req.query('rank') === 'lead' ? 'lead' : queryNumber(c, 'rank', null, 0);
    // Counted before the first wait, so that many at once cannot slip past.
    this.#streams++;
    try {
      const feed = await this.#feed(c);
      let hub = this.#hubs.get(run.id);
      if (hub === undefined || !hub.serves(feed)) {
        hub = new LiveHub(feed);
        this.#hubs.set(run.id, hub);
      }
      const wanted = { of, isBrief: c.req.query('brief') === '1' } as const;
      const stream = await hub.open(c.req.header('last-event-id'), wanted, () => this.#streams--);
      c.header('content-type', 'text/event-stream; charset=utf-8');
      c.header('cache-control', 'no-store');
      c.header('x-accel-buffering', 'no');
      return c.body(stream);
    } catch (error) {
      this.#streams--;
      throw error;
    }
  }
}
