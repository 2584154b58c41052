/** Which room may import which: the one allow-list. Types from contract are free. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const allowed: Record<string, string[]> = {
  contract: [],
  disk: [],
  figures: ['contract'],
  present: ['contract', 'figures'],
  alarms: ['contract', 'figures', 'present'],
  reduce: ['contract', 'figures', 'alarms'],
  texts: ['contract'],
  snapshots: [],
  emit: ['contract', 'figures', 'texts'],
  log: ['contract', 'disk'],
  'workloads/simulate': ['contract'],
  watch: ['contract', 'figures', 'texts'],
  explain: ['contract', 'present', 'texts', 'watch', 'analysis', 'snapshots'],
  doctor: ['contract', 'figures', 'disk', 'present', 'emit'],
  'workloads/ppo': ['contract', 'figures', 'disk', 'emit', 'workloads/simulate'],
  follow: ['contract', 'alarms', 'log', 'reduce'],
  alerts: ['contract', 'figures', 'disk', 'alarms'],
  analysis: ['contract', 'figures', 'present', 'log', 'reduce', 'texts'],
  report: ['contract', 'figures', 'present', 'snapshots'],
  sanctum: ['contract', 'figures', 'present', 'report'],
  serve: ['contract', 'figures', 'disk', 'present', 'log', 'reduce', 'analysis', 'alarms', 'follow'],
  web: ['contract', 'figures', 'present', 'report'],
  export: ['contract', 'figures'],
  cli: [
    'follow',
    'alarms',
    'analysis',
    'alerts',
    'contract',
    'disk',
    'figures',
    'present',
    'emit',
    'log',
    'reduce',
    'workloads/ppo',
    'workloads/simulate',
    'sanctum',
    'watch',
    'explain',
    'snapshots',
    'doctor',
    'serve',
    'export',
    'report',
  ],
};
/** Rooms that must run anywhere: no node: module. */
const portable = ['contract', 'figures', 'present', 'alarms', 'reduce', 'texts', 'snapshots'];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(path => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path))
  .map(path => join('src', path));
const importsOf = (path: string) =>
  [
    ...readFileSync(path, 'utf8').matchAll(
      /^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/gm,
    ),
  ].map(match => ({ typeOnly: Boolean(match[1]), from: match[2] ?? match[3]! }));
const roomOf = (path: string) => /^src\/((?:workloads\/)?[^/]+)/.exec(path)![1]!;

test.each(files)('%s imports only what its room may', path => {
  const room = roomOf(path);
  expect(allowed, `${room} is a room of the allow-list`).toHaveProperty(room);
  for (const { typeOnly, from } of importsOf(path)) {
    if (from.startsWith('node:')) expect(portable, `${path} imports ${from}`).not.toContain(room);
    if (!from.startsWith('.')) continue;
    const target = normalize(join(dirname(path), from));
    const other = roomOf(target);
    if (other === room) continue;
    if (typeOnly && (other === 'contract' || (room === 'web' && other === 'serve'))) continue;
    expect(allowed[room], `${path} imports ${other}`).toContain(other);
    expect(target, `${path} enters ${other} by its front door`).toBe(`src/${other}/index.ts`);
  }
});

test('no two rooms import each other', () => {
  for (const [room, others] of Object.entries(allowed))
    for (const other of others) expect(allowed[other], `${room} ↔ ${other}`).not.toContain(room);
});
