/**
 * One view for bench/sanctum.ts, in a terminal of its own: the events of a file reduced ten a second, drawn either by
 * Sanctum or by Ink’s own writer. After WARM_MS it measures itself for MEASURE_MS and writes what it found.
 *   node sanctum-view.mjs sanctum|ink DIST EVENTS RESULT
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [way, dist, eventsFile, resultFile] = process.argv.slice(2);
const WARM_MS = 3000;
const MEASURE_MS = 8000;
/** Events that are there when the view opens: the histories are full. */
const BEFORE = 240;

const room = name => import(pathToFileURL(`${dist}/${name}/index.js`).href);
const [{ frame, initialView, openSanctum }, { emptySnapshot, reduce, reduceAll }] = await Promise.all([
  room('sanctum'),
  room('reduce'),
]);
const events = readFileSync(eventsFile, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line));
let at = BEFORE;
let snapshot = reduceAll(emptySnapshot(), events.slice(0, at));
const listeners = new Set();

let close;
if (way === 'sanctum') {
  const subscribe = listener => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  ({ close } = openSanctum({
    mode: 'live',
    getState: () => ({ snapshot }),
    subscribe,
    onInterrupt: () => {},
  }));
} else {
  process.env.NODE_ENV = 'production';
  const { render, Text, Box } = await import('ink');
  const { createElement } = await import('react');
  const tree = () => {
    const size = { width: process.stdout.columns, height: process.stdout.rows - 1 };
    const rows = frame(snapshot, { ...initialView({ ...size, nowMs: Date.now() }), color: true });
    const texts = rows.map((row, key) =>
      createElement(Text, { key, wrap: 'truncate' }, row === '' ? ' ' : row),
    );
    return createElement(Box, { flexDirection: 'column' }, ...texts);
  };
  const app = render(tree(), { maxFps: 10, incrementalRendering: true });
  listeners.add(() => app.rerender(tree()));
  close = app.unmount;
}
setInterval(() => {
  snapshot = reduce(snapshot, { ...events[at % events.length], seq: at++, timeMs: Date.now() });
  for (const listener of listeners) listener();
}, 100);

await sleep(WARM_MS);
const cpu = process.cpuUsage();
const began = performance.now();
await sleep(MEASURE_MS);
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - began) / 1000;
const { rss } = process.memoryUsage();
close();
writeFileSync(resultFile, JSON.stringify({ cpuPercent: (user + system) / 1e4 / seconds, rssBytes: rss }));
process.exit(0);
