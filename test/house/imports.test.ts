/**
 * Which room may import which: the references of its tsconfig.json, which `tsc -b` enforces: no room sees one that comes after it,
 * and none of a circle is built. What the compiler does not ask is asked here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

interface Project {
  compilerOptions?: { lib?: string[]; types?: string[] };
  references?: { path: string }[];
}
const project = (folder: string): Project =>
  JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8')) as Project;
const referencesOf = (folder: string): string[] =>
  (project(folder).references ?? []).map(({ path }) => normalize(join(folder, path)));

/** Folders of the rooms, those that others may import first. */
const rooms = referencesOf('.');
const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(path => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path))
  .map(path => join('src', path));
const importsOf = (path: string): string[] =>
  [
    ...readFileSync(path, 'utf8').matchAll(
      /^(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/gm,
    ),
  ].map(match => match[1] ?? match[2]!);
const targetsOf = (path: string): string[] =>
  importsOf(path)
    .filter(from => from.startsWith('.'))
    .map(from => normalize(join(dirname(path), from)));
const roomOf = (path: string): string => rooms.find(room => path.startsWith(`${room}/`))!;

test('every file of the source is in a room', () => {
  expect(files.filter(path => roomOf(path) === undefined)).toEqual([]);
  expect(rooms.filter(room => !existsSync(join(room, 'tsconfig.json')))).toEqual([]);
});

test.each(rooms)('%s refers to rooms before it, and to those that it imports', room => {
  const imported = files.filter(path => roomOf(path) === room).flatMap(targetsOf);
  const others = [...new Set(imported.map(roomOf))].filter(other => other !== room);
  expect(referencesOf(room).sort()).toEqual(others.sort());
  const before = rooms.slice(0, rooms.indexOf(room));
  expect(others.filter(other => !before.includes(other))).toEqual([]);
});

test.each(files)(
  '%s enters other rooms by their index.ts, the page only for its types where it is the server',
  path => {
    const room = roomOf(path);
    for (const target of targetsOf(path))
      if (roomOf(target) !== room) expect(target).toBe(join(roomOf(target), 'index.ts'));
    if (room !== 'src/web') return;
    const values = readFileSync(path, 'utf8').matchAll(
      /^(?:import|export)\s+(?!type\s)[^;]*?from\s+'([^']*\/serve\/[^']*)'/gm,
    );
    expect([...values].map(([line]) => line)).toEqual([]);
  },
);

test('no file imports itself through others', () => {
  const circles: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (path: string, way: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
      return;
    }
    state.set(path, 'open');
    for (const target of targetsOf(path)) if (files.includes(target)) visit(target, [...way, path]);
    state.set(path, 'done');
  };
  for (const path of files) visit(path, []);
  expect(circles).toEqual([]);
});

/** Files and packages that are loaded with a file, whatever it then does. */
function loadedWith(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const lines = readFileSync(path, 'utf8').matchAll(
    /^(?:import|export)\s+(?!type\s)(?:[^;]*?\sfrom\s+)?'([^']+)'/gm,
  );
  for (const [, from] of lines)
    if (from!.startsWith('.')) loadedWith(normalize(join(dirname(path), from!)), found);
    else found.add(from!);
  return found;
}

test('the help of esper loads the two lowest rooms at most, and no command', () => {
  const loaded = [...loadedWith('src/cli/esper.ts')];
  const of = new Set(loaded.filter(path => path.startsWith('src/')).map(roomOf));
  expect([...of].sort()).toEqual(['src/base', 'src/cli', 'src/disk']);
  expect(
    loaded.filter(path =>
      /^src\/cli\/(?!esper|program|entry|invocation|output|say|version|config-file|command-error)/.test(path),
    ),
  ).toEqual([]);
});

test.each(['sanctum-command', 'runs', 'wait'])(
  '%s loads no server, no workload and no other tool',
  command => {
    const loaded = [...loadedWith(`src/cli/${command}.ts`)];
    const packages = loaded.filter(path => !path.startsWith('src/') && !path.startsWith('node:'));
    expect(packages.sort()).toEqual([
      '@sinclair/typebox',
      '@sinclair/typebox/compiler',
      'commander',
      'get-east-asian-width',
    ]);
    const others = ['serve', 'export', 'web', 'doctor', 'watch', 'explain', 'snapshots', 'emit', 'workloads'];
    expect(loaded.filter(path => others.some(room => path.startsWith(`src/${room}/`)))).toEqual([]);
  },
);

test('the table in docs/architecture.md has the references of each room', () => {
  const table = readFileSync('docs/architecture.md', 'utf8').matchAll(
    /^\| `(src\/[\w/]+)` \|.*\| ([^|]*) \|$/gm,
  );
  for (const [, room, imports] of table) {
    if (imports === 'all') continue;
    const listed = imports === '–' ? [] : imports!.split(/, |; types of /).map(name => join('src', name));
    expect([...listed, 'src/base'].sort(), room).toEqual(
      [...new Set([...referencesOf(room!), 'src/base'])].sort(),
    );
  }
});
