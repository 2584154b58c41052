/** Which room may import which: the one allow-list. Types from contract are free. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const allowed: Record<string, string[]> = {
  base: [],
  contract: [],
  disk: [],
  figures: ['base', 'contract'],
  present: ['base', 'contract', 'figures'],
  alarms: ['base', 'contract', 'figures', 'present'],
  reduce: ['base', 'contract', 'figures', 'alarms'],
  texts: ['base', 'contract'],
  emit: ['base', 'contract', 'figures', 'texts'],
  log: ['base', 'contract', 'disk'],
  'workloads/simulate': ['base', 'contract'],
  watch: ['base', 'contract', 'figures', 'texts'],
  explain: ['base', 'contract', 'present', 'texts', 'watch', 'analysis'],
  doctor: ['base', 'contract', 'figures', 'disk', 'present', 'emit'],
  'workloads/ppo': ['base', 'contract', 'figures', 'disk', 'emit', 'workloads/simulate'],
  follow: ['base', 'contract', 'alarms', 'log', 'reduce'],
  alerts: ['base', 'contract', 'figures', 'disk', 'alarms'],
  analysis: ['base', 'contract', 'figures', 'present', 'log', 'reduce', 'texts'],
  report: ['base', 'contract', 'figures', 'present'],
  sanctum: ['base', 'contract', 'figures', 'present', 'report'],
  serve: ['base', 'contract', 'figures', 'disk', 'present', 'log', 'reduce', 'analysis', 'alarms', 'follow'],
  web: ['base', 'contract', 'figures', 'present', 'report'],
  export: ['base', 'contract', 'figures'],
  cli: [
    'base',
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
const portable = ['base', 'contract', 'figures', 'present', 'alarms', 'reduce', 'texts'];

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
